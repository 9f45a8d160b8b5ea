"""What a repair did, and what it has left: as text, as JSON."""

import collections
import dataclasses
import pathlib
from typing import Any

from tools.dataset.ask_checks import check_modules
from tools.dataset.drafts.written import Written
from tools.dataset.finding import Finding
from tools.dataset.plain import counted
from tools.dataset.plain import just
from tools.dataset.plain import ranges
from tools.dataset.report import Report

# So many findings are told one by one.
_SHOWN = 20
# What is asked of the first file alone, and what holds the others against it: where most differ, it is the odd one.
_OF_FIRST_FILE = ("camera-columns", "schema-metadata")
_BESIDE_FIRST_FILE = ("same-columns", "numbers-fit")


@dataclasses.dataclass(frozen=True)
class Result:
    """A repair and what came of it.

    Attributes:
        root: The dataset.
        target: Where the repaired one is; None where nothing was written.
        names: The repairs that were applied, or would be.
        before: The check before.
        after: The check after; the same one where nothing was written.
        written: What became of the files; None where nothing was written.
        lost: How many episodes meta/episodes.jsonl listed and the result does not have: they had no file.
        moved: The new places of data files that got one, by the old ones.
        journal: What a recorder has left in the dataset and the result does not have; None where there is none.
        only: The checks whose repairs were asked for; all where it is empty.
    """

    root: pathlib.Path
    target: pathlib.Path | None
    names: list[str]
    before: Report
    after: Report
    written: Written | None
    lost: int = 0
    moved: dict[str, str] = dataclasses.field(default_factory=dict)
    journal: pathlib.Path | None = None
    only: tuple[str, ...] = ()

    @property
    def left(self) -> list[Finding]:
        """The errors and warnings that are not mended, or would not be."""
        rest = [one for one in self.after.findings if one.severity != "note"]
        return rest if self.written else [one for one in rest if not (one.repairable and one.check in self.names)]

    @property
    def ok(self) -> bool:
        """No error is left, or would be."""
        return not any(one.severity == "error" for one in self.left)

    @property
    def on_request(self) -> list[str]:
        """Notes that could be mended and are not unless they are named."""
        notes = {one.check for one in self.after.findings if one.repairable and one.severity == "note"}
        return sorted(notes if self.written else notes - set(self.names))

    @property
    def drop(self) -> str | None:
        """The command that drops the episodes in which errors are left; None where there are none, or it is all of them.

        Not those in which a schema is told to be wrong that others have as well: without the first file, the next one is.
        """
        errors = {(one.check, one.episode) for one in self.left if one.severity == "error" and one.episode is not None}
        by_check = collections.Counter(check for check, _ in errors)
        if any(by_check[check] for check in _OF_FIRST_FILE) or any(
            2 * by_check[check] >= self.after.episodes for check in _BESIDE_FIRST_FILE
        ):
            errors = {one for one in errors if one[0] not in _BESIDE_FIRST_FILE}  # it is the first file that is wrong
        episodes = sorted({episode for _, episode in errors})
        next_first = next(number for number in range(len(episodes) + 1) if number not in episodes)
        if any(one.episode == next_first for one in self.left if one.check == "later-schemas"):
            episodes = sorted({episode for check, episode in errors if check not in _OF_FIRST_FILE})
        if not episodes or len(episodes) >= self.after.episodes:
            return None  # what is wrong is then no matter of some episodes, and an edit keeps at least one
        return just("edit-dataset delete", self.target or self.root, "--episodes", *ranges(episodes))

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ok": self.ok,
            "out": str(self.target) if self.target else None,
            "mended": [{"check": name, "findings": count} for name, count in self._mended().items()],
            "rewritten": self.written.rewritten if self.written else None,
            "kept": self.written.kept if self.written else None,
            "left_out": self.written.left_out if self.written else [],
            "moved": [{"from": was, "to": now} for was, now in self.moved.items()],
            "lost": self.lost,
            "not_recovered": str(self.journal) if self.journal else None,
            "left": [finding.as_json() for finding in self.left],
            "drop": self.drop,
            "on_request": self.on_request,
        }

    def as_text(self) -> str:
        """As people read it."""
        lines = []
        verb = "mended" if self.written else "would mend"
        for name, count in self._mended().items():
            lines.append(f"{verb}  {name:<22} {count:>6,}  {check_modules()[name].SENTENCE}")
        if self.lost:
            others = "the others are numbered anew" if self.written else "the others would be numbered anew"
            lines.append(f"LOST    {counted(self.lost, 'episode')} listed without a file; {others}")
        lines += _shown("moved", [f"{was} to {now}" for was, now in self.moved.items()])
        lines += _shown("left out", self.written.left_out if self.written else [])
        left = [one for one in self.left if not self.only or one.check in self.only]
        for one in left[:_SHOWN]:
            place = ", ".join(f"{key} {value}" for key, value in one.as_json()["where"].items() if value is not None)
            lines.append(f"left    {one.check:<22} {one.severity}: {place or 'the dataset'}: {one.found}")
        check = just("check-dataset", self.target or self.root)
        if len(left) > _SHOWN:
            lines.append(f"left    {len(left) - _SHOWN:,} more: {check}")
        if others := len(self.left) - len(left):
            lines.append(f"not asked for: {counted(others, 'finding')} of other checks, errors or warnings: {check}")
        if self.drop and not self.only:
            lines.append(f"\nto drop the episodes that are left with errors:\n    {self.drop}")
        lines += [f"note    {name:<22} is mended on request only: --only {name}" for name in self.on_request]
        return "\n".join([*lines, *self._end(), *self._not_recovered()])

    def _end(self) -> list[str]:
        if self.target is None and self.names:
            return ["nothing was written (--dry-run)"]
        if self.target is None:
            end = [f"nothing {'to repair' if self.ok else 'that can be mended'}: {self.root}"]
            deep = just("check-dataset", self.root, "--deep")
            return end if self.after.deep else [*end, f"images were not looked at; that does {deep}"]
        files = f"{self.written.rewritten:,} data files written again, {self.written.kept:,} as they were"
        put_back = ""
        if self.target == self.root:
            put_back = f"; to put the old files back: {just('repair-dataset', self.root, '--undo')}"
        return [f"\nrepaired  {self.target}  ({files}){put_back}"]

    def _not_recovered(self) -> list[str]:
        if self.journal is None:
            return []
        command = just("recover-dataset", self.root)
        where = f"an episode that was never saved waits in {self.journal}"
        then = " and is not in the new dataset: recover it first, then repair again" if self.target else ""
        return [f"\n{where}{then}:\n    {command}"]

    def _mended(self) -> dict[str, int]:
        """How many findings are gone, by check, in the order of the repairs."""
        was = collections.Counter(one.check for one in self.before.findings if one.repairable)
        now = collections.Counter(one.check for one in self.after.findings if one.repairable) if self.written else {}
        gone = {name: was[name] - now.get(name, 0) for name in self.names}
        return {name: count for name, count in gone.items() if count > 0}


def _shown(head: str, names: list[str]) -> list[str]:
    """A line for each of the first few names, and one for the rest; --json names all."""
    head = f"{head:<8}" if len(head) < 8 else f"{head}  "
    more = [f"{head}{len(names) - _SHOWN:,} more"] if len(names) > _SHOWN else []
    return [f"{head}{name}" for name in names[:_SHOWN]] + more
