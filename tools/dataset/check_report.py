"""Shows what a check of a dataset found: a report for people, one page for a browser."""

from collections.abc import Iterator
import dataclasses
import pathlib
import re
import sys

import jinja2
import rich.console
import rich.text

from tools.dataset.ask_checks import check_modules
from tools.dataset.checks.timestamps import SET_FPS
from tools.dataset.finding import Finding
from tools.dataset.plain import counted
from tools.dataset.plain import just
from tools.dataset.plain import plain
from tools.dataset.plain import ranges
from tools.dataset.report import SEVERITIES
from tools.dataset.report import Report

_COLOURS = {"error": "red", "warning": "yellow", "note": "cyan", "good": "green"}
_TEMPLATE = pathlib.Path(__file__).with_suffix(".html.j2")
# Of findings that say the same: how many places are named, in the text and on the page.
_PLACES = 4
_PLACES_ON_PAGE = 200
# Of episodes that all have the same: how many ranges of their numbers are named.
_RANGES = 10
# What is to be done by hand where all episodes are stamped at another rate.
_FPS = re.compile(rf"{re.escape(SET_FPS)}[\d.e+-]+")


@dataclasses.dataclass(frozen=True)
class Group:
    """Findings of one check that say the same of several places.

    Attributes:
        findings: In the order they were found; the first stands for all.
    """

    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        """The one that is shown whole."""
        return self.findings[0]

    @property
    def sentence(self) -> str:
        """What the check holds to be so."""
        return check_modules()[self.first.check].SENTENCE

    @property
    def each(self) -> bool:
        """Whether they are one an episode."""
        episodes = {one.episode for one in self.findings} - {None}
        return len(episodes) == len(self.findings) > 1

    @property
    def count(self) -> str:
        """How many there are, where there are several."""
        many = len(self.findings)
        return f"   in {counted(many, 'episode' if self.each else 'place')}" if many > 1 else ""

    @property
    def more(self) -> int:
        """How many are not among the places that the page names."""
        return max(0, len(self.findings) - _PLACES_ON_PAGE)


def groups_of(findings: tuple[Finding, ...]) -> list[Group]:
    """Findings that differ only in their place and value, together; the order is that of each group's first."""
    groups: dict[tuple, list[Finding]] = {}
    for finding in findings:
        column = (finding.column or "").partition("[")[0]
        groups.setdefault((finding.severity, finding.check, column, finding.hint), []).append(finding)
    return [Group(tuple(group)) for group in groups.values()]


def verdict(report: Report) -> str:
    """The one line that says it all."""
    counts = {severity: sum(one.severity == severity for one in report.findings) for severity in SEVERITIES}
    said = ", ".join(counted(number, severity) for severity, number in counts.items() if number)
    head = {"error": "wrong: ", "warning": "in order but for ", "good": "in order: "}[report.worst]
    return (
        f"{head}{said or 'nothing to say'} in {counted(report.episodes, 'episode')}, {counted(report.frames, 'frame')}"
    )


def meaning(report: Report) -> str:
    """What the verdict means at training time."""
    images = "" if report.deep else "; images were not checked, --deep does that"
    if report.errors:
        return f"LeRobot refuses this dataset, or training would silently learn from wrong data{images}"
    return f"LeRobot opens it and reads every frame{images}"


def next_command(report: Report, shown: str) -> str | None:
    """What to run now, with why; None where there is nothing to do."""
    # Before anything else is mended: a repair of another format would only mend what conversion makes anew.
    if other := next((one for one in report.findings if "convert-dataset" in one.hint), None):
        return f"{just('convert-dataset', shown)}  (from {other.found})"
    mends, said = 0, []
    for severity in ("error", "warning"):  # notes are mended on request only
        there = [finding.repairable for finding in report.findings if finding.severity == severity]
        mends += sum(there)
        said += [f"{sum(there):,} of {counted(len(there), severity)}"] if there else []
    deep = ["--deep"] if any(one.repairable and "repair-dataset --deep" in one.hint for one in report.findings) else []
    repair = f"{just('repair-dataset', shown, *deep)}  (mends {', '.join(said)})" if mends else None
    if fps := next((found for one in report.findings if (found := _FPS.search(one.hint))), None):
        return f"{fps[0]} in meta/info.json, if that is the rate; then {repair or just('check-dataset', shown)}"
    return repair


def show(report: Report, shown: str) -> None:
    """Prints the report to standard output, with colours where that is a terminal.

    Args:
        report: What was found.
        shown: The dataset's path as the user wrote it.
    """
    console = rich.console.Console(file=sys.stdout, highlight=False, soft_wrap=True, emoji=False)

    def line(*parts: tuple[str, str]) -> None:
        console.print(rich.text.Text.assemble(*((plain(text), style) for text, style in parts)))

    with console.capture() as captured:  # in one piece: rich would end the program itself where a reader has gone
        line((verdict(report), f"bold {_COLOURS[report.worst]}"), (f"   {shown}", ""))
        line((f"{meaning(report)}; {_took(report)}", "dim"))
        for group in groups_of(report.findings):
            line()
            mends = (f"   {how_mended(group.first)}", "green") if group.first.repairable else ("", "")
            colour = _COLOURS[group.first.severity]
            line(
                (f"{group.first.severity:<8}", f"bold {colour}"),
                (f" {group.first.check}", "bold"),
                (group.count, ""),
                mends,
            )
            for key, value in _rows(group):
                line((f"  {key:<9}", "dim"), (value, ""))
        command = next_command(report, shown)
        if command:
            line()
            line(("next      ", "bold"), (command, ""))
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(captured.get().encode(encoding, "backslashreplace").decode(encoding))


def as_html(report: Report, shown: str) -> str:
    """The report as one page that needs nothing else, no network either."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"plain": plain, "place": place_of, "how_mended": how_mended}
    page = environment.from_string(_TEMPLATE.read_text())
    return page.render(
        report=report,
        shown=plain(shown),
        verdict=verdict(report),
        meaning=meaning(report),
        took=_took(report),
        next=next_command(report, plain(shown)),
        groups=groups_of(report.findings),
        places=_PLACES_ON_PAGE,
        severities=SEVERITIES,
    )


def how_mended(finding: Finding) -> str:
    """What is said of a finding that can be mended: of a note, how to ask for it."""
    return f"repairable, with --only {finding.check}" if finding.severity == "note" else "repairable"


def place_of(finding: Finding) -> str:
    """Where a finding is, in one line."""
    frame = f"frame {finding.frame}" if finding.frame is not None else ""
    episode = f"episode {finding.episode}" if finding.episode is not None else ""
    return ", ".join(part for part in (finding.file, episode, frame, finding.column) if part) or "the whole dataset"


def _rows(group: Group) -> Iterator[tuple[str, str]]:
    first, others = group.first, group.findings[1:]
    yield "where", place_of(first)
    yield "expected", first.expected
    yield "found", first.found
    yield "why", first.hint
    if group.each and len(others) >= _PLACES:
        rest = ranges(sorted(one.episode for one in others))
        more = f", and {len(rest) - _RANGES:,} more such ranges" if len(rest) > _RANGES else ""
        yield "also", f"in {counted(len(others), 'episode')}: {', '.join(rest[:_RANGES])}{more}"
        return
    places = [
        place_of(dataclasses.replace(one, file=one.file if one.episode is None else None))
        + (f" ({one.found})" if one.found != first.found else "")
        for one in others[: _PLACES - 1]
    ]
    for number, place in enumerate(places):
        more = len(others) - len(places) if number == len(places) - 1 else 0
        yield "also" if number == 0 else "", place + (f", and {more:,} more" if more else "")


def _took(report: Report) -> str:
    speed = f", {report.frames / report.seconds:,.0f} frames a second" if report.seconds > 2 else ""
    return f"checked in {report.seconds:.1f} s{speed}"
