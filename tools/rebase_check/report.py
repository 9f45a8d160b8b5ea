"""Shows what the rebase check found: a table for people, JSON for machines."""

import dataclasses
import sys
from typing import Any

import rich.console
import rich.table

from tools.rebase_check import table
from tools.rebase_check.first_break import Break
from tools.rebase_check.text_patch import Baseline
from tools.rebase_check.verdicts import Row
from tools.upstream.history import Commit


@dataclasses.dataclass(frozen=True)
class Findings:
    """All that a rebase check found.

    Attributes:
        rows: The commits of the range, oldest first.
        heads: Pull requests and branches that touch what the patches touch, newest first.
        passed_over: How many other heads there are.
        first_break: The commit that broke what is refused at the newest one; else the first that broke anything.
        fits_since: The first commit in order, where the range begins with others.
        not_needed: Patches that upstream does itself at the newest commit, with the first commit that does.
        baseline: How the same change fares as a text patch.
    """

    rows: list[Row]
    heads: list[Row] = dataclasses.field(default_factory=list)
    passed_over: int = 0
    first_break: Break | None = None
    fits_since: Commit | None = None
    not_needed: dict[str, Commit] = dataclasses.field(default_factory=dict)
    baseline: Baseline | None = None

    @property
    def ok(self) -> bool:
        """Nothing was refused."""
        return all(row.ok for row in (*self.rows, *self.heads))


def as_json(findings: Findings) -> dict[str, Any]:
    """The findings as `--json` prints them."""
    broken = findings.first_break
    return {
        "ok": findings.ok,
        "commits": [_row(row) for row in findings.rows],
        "heads": [{"ref": row.commit.ref, **_row(row)} for row in findings.heads],
        "first_break": broken
        and {
            **_commit(broken.commit),
            "patch": broken.patch,
            "file": broken.file,
            "reason": broken.reason,
            "diff": broken.diff,
        },
        "fits_since": findings.fits_since and _commit(findings.fits_since),
        "no_longer_needed": {name: _commit(commit) for name, commit in findings.not_needed.items()},
        "baseline": findings.baseline and findings.baseline.as_json(),
    }


def _commit(commit: Commit) -> dict[str, str]:
    return {"commit": commit.id, "date": commit.date, "subject": commit.subject}


def _row(row: Row) -> dict[str, Any]:
    patches = [{"name": p.name, "verdict": p.verdict, "reason": p.reason} for p in row.patches]
    return {**_commit(row.commit), "ok": row.ok, "overlay": row.overlay, "patches": patches}


def show(findings: Findings, source: str) -> None:
    """Prints the table, then the first break, then what is no longer needed, then one line that sums up."""
    # A pipe has no width: the whole table goes into it.
    console = rich.console.Console(
        file=sys.stdout, highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200
    )
    console.print(table.of_commits(findings.rows, console.width))
    if findings.heads or findings.passed_over:
        console.print("\npull requests and branches that touch what the patches touch", markup=False)
        if findings.heads:
            console.print(table.of_commits(findings.heads, console.width))
        console.print(f"{findings.passed_over} other heads touch none of it, or share no commit with it", markup=False)
        for row in findings.heads:
            for name, reason in row.refusals.items():
                console.print(f"\nrefused: {name} on {row.commit.ref}\n  {reason}", markup=False)
    if broken := findings.first_break:
        said = f"\nfirst break: {broken.commit.id[:12]} {broken.commit.date} {broken.commit.subject}"
        console.print(f"{said}\n  {broken.patch}: {broken.reason}", markup=False, style="red")
        if broken.diff:
            console.print("\n".join(f"  {line}" for line in broken.diff.splitlines()), markup=False)
    if since := findings.fits_since:
        oldest = findings.rows[0].refusals
        console.print(f"\nin order since {since.id[:12]} of {since.date} {since.subject}; before it:", markup=False)
        for name, reason in oldest.items():
            console.print(f"  {name}: {reason}", markup=False)
    for name, commit in findings.not_needed.items():
        console.print(
            f"\nno longer needed: {name}; upstream does it itself since {commit.id[:12]} of {commit.date}",
            markup=False,
        )
    if findings.baseline:
        console.print()
        console.print(_baseline(findings.baseline))
    refused = sum(not row.ok for row in findings.rows)
    console.print(f"\n{summary(findings)}, from {source}", markup=False, style="red" if refused else "green")


def summary(findings: Findings) -> str:
    """One line: how many commits, of which days, and on how many everything was in order."""
    rows = findings.rows
    good = sum(row.ok for row in rows)
    span = " to ".join(dict.fromkeys((rows[0].commit.date, rows[-1].commit.date))) if rows else "none"
    return f"{good} of {len(rows)} commit{'s' * (len(rows) != 1)} in order ({span})"


def _baseline(baseline: Baseline) -> rich.table.Table:
    title = f"the same change, as a text patch made on {baseline.made_on.id[:12]} of {baseline.made_on.date}"
    counted = rich.table.Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left")
    for column in ("on the later commits", "right", "wrong", "refused"):
        counted.add_column(column, justify="left" if column.startswith("on") else "right")
    for way, counts in baseline.counts().items():
        counted.add_row(way, *(str(counts[outcome]) for outcome in ("right", "wrong", "refused")))
    return counted
