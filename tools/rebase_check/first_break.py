"""The first commit on which a patch finds no place any more: which anchor it broke, and what upstream did there."""

import dataclasses
import difflib
import itertools
import re

from tools.plan.patch import Edit
from tools.plan.patch import Patch
from tools.rebase_check.trial import Verdict
from tools.rebase_check.verdicts import OVERLAY
from tools.rebase_check.verdicts import Row
from tools.upstream.history import Commit
from tools.upstream.objects import Objects
from tools.upstream.objects import ObjectTree

_CONTEXT = 3
_MOST_LINES = 60


@dataclasses.dataclass(frozen=True)
class Break:
    """A patch that finds no place any more, or the overlay, and the commit that took it.

    Attributes:
        commit: The commit.
        patch: The name of the patch, or "overlay".
        reason: Why it is refused there, with what it holds on to.
        file: The upstream file that it holds on to; "" for the overlay.
        diff: What the commit changed at that place, as a unified diff; "" where the file is as it was before.
    """

    commit: Commit
    patch: str
    reason: str
    file: str
    diff: str


def find_break(objects: Objects, rows: list[Row], parents: dict[str, str], series: list[Patch]) -> Break | None:
    """Looks for the commit to mend.

    When the newest row is not in order, that is the one since which what is refused there has been refused without a gap:
    a break that upstream took back again is none to mend. Else it is the first break of the range, for the record.

    Args:
        objects: Where the commits are.
        rows: Oldest first.
        parents: The first parent of each commit that has one.
        series: The patches.

    Returns:
        The break, or None: every row is in order, or all are from one on, as when the first ones lack what came later.
    """
    found = _first_fall(rows) if not rows or rows[-1].ok else _start_of_the_last(rows)
    return found and _break_of(objects, *found, parents, series)


def _break_of(objects: Objects, row: Row, name: str, parents: dict[str, str], series: list[Patch]) -> Break:
    if name == OVERLAY:
        return Break(row.commit, name, row.overlay, "", "")
    verdict = next(v for v in row.patches if v.name == name)
    patch = next(patch for patch in series if patch.name == name)
    edit = patch.edits[verdict.edit or 0]
    now = _text(objects, row.commit.id, row.commit.date, edit.file)
    before = _text(objects, parents[row.commit.id], "", edit.file) if row.commit.id in parents else now
    return Break(row.commit, patch.name, verdict.reason, edit.file, _diff_at(before, now, edit, verdict))


def _first_fall(rows: list[Row]) -> tuple[Row, str] | None:
    """The first row that is not in order behind one that is, and what is refused there."""
    fell = (row for before, row in itertools.pairwise(rows) if before.ok and not row.ok)
    return next(((row, _refused(row)[0]) for row in fell), None)


def _start_of_the_last(rows: list[Row]) -> tuple[Row, str]:
    """Of all that is refused at the newest row, what is so for the longest time, and the row with which that began."""
    starts = {}
    for name in _refused(rows[-1]):
        good = (i for i in reversed(range(len(rows))) if name not in rows[i].refusals)
        starts[name] = next(good, -1) + 1
    name = min(starts, key=starts.get)
    return rows[starts[name]], name


def _refused(row: Row) -> list[str]:
    """What is refused at a row: patches in the order of the series, then the overlay."""
    return sorted(row.refusals, key=OVERLAY.__eq__)


def fits_since(rows: list[Row]) -> Commit | None:
    """The first commit in order, where older ones of the range are not; None where the range begins in order."""
    if not rows or rows[0].ok:
        return None
    return next((row.commit for row in rows if row.ok), None)


def no_longer_needed(rows: list[Row]) -> dict[str, Commit]:
    """The patches that upstream does itself at the newest commit, each with the commit since which it does."""
    found = {}
    for i, verdict in enumerate(rows[-1].patches if rows else ()):
        if verdict.verdict == "upstream":
            since = len(rows) - 1
            while since and rows[since - 1].patches[i].verdict == "upstream":
                since -= 1
            found[verdict.name] = rows[since].commit
    return found


def _text(objects: Objects, commit: str, date: str, path: str) -> list[str] | None:
    content = ObjectTree(objects, commit, date).read([path]).get(path)
    return None if content is None else content.decode(errors="replace").splitlines()


def _diff_at(before: list[str] | None, now: list[str] | None, edit: Edit, verdict: Verdict) -> str:
    """The hunks that name what the edit holds on to, or are at the lines that the reason names; else all of them."""
    if before == now:
        return ""
    if now is None or before is None:
        return f"--- a/{edit.file}\n+++ /dev/null" if now is None else f"--- /dev/null\n+++ b/{edit.file}"
    lines = difflib.unified_diff(before, now, f"a/{edit.file}", f"b/{edit.file}", lineterm="", n=_CONTEXT)
    head, hunks = [], []
    for line in lines:
        if line.startswith("@@"):
            hunks.append([line])
        elif hunks:
            hunks[-1].append(line)
        else:
            head.append(line)
    near = {int(n) for n in re.findall(rf"{re.escape(edit.file)}:(\d+)", verdict.reason)}
    chosen = [hunk for hunk in hunks if _names(hunk, _anchors(edit))] or [h for h in hunks if _covers(h, near)] or hunks
    shown = [line for hunk in chosen for line in hunk]
    more = [f"… {len(shown) - _MOST_LINES} more lines"] if len(shown) > _MOST_LINES else []
    return "\n".join([*head, *shown[:_MOST_LINES], *more])


def _anchors(edit: Edit) -> set[str]:
    """The names in upstream that the edit holds on to: those of its parameters that are one name or a module's."""
    values = dataclasses.asdict(edit.change).values()
    texts = [text for value in values for text in ([value] if isinstance(value, str) else value or ())]
    return {text for text in texts if re.fullmatch(r"[\w.]+", text)}


def _names(hunk: list[str], anchors: set[str]) -> bool:
    changed = [line[1:] for line in hunk if line[:1] in "+-"]
    return any(re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", line) for line in changed for name in anchors)


def _covers(hunk: list[str], lines: set[int]) -> bool:
    start, _, length = re.match(r"@@ -\S+ \+(\d+)(,(\d+))?", hunk[0]).groups()
    return any(int(start) <= line < int(start) + int(length or 1) for line in lines)
