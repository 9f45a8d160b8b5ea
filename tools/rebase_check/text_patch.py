"""The same change as a plain text patch, to measure what matching by structure is worth.

The patch is the diff of what a person edits by hand on one commit. On every later commit it is tried in the three ways
that people have, in a temporary folder. It and our own series are judged alike: by what is in the files then, not by what
the command said, against the change as a second reading of the commit writes it.
"""

import collections
import dataclasses
import pathlib
import shutil
import tempfile
from typing import Any

from tools.plan.overlay_files import OverlayFile
from tools.plan.patch import Patch
from tools.plan.plan import Plan
from tools.plan.plan import make_plan
from tools.rebase_check import guide_edits
from tools.rebase_check import second_reading
from tools.rebase_check.judge import judge
from tools.rebase_check.scratch import Scratch
from tools.rebase_check.verdicts import Row
from tools.refusal import Refused
from tools.upstream.history import Commit
from tools.upstream.history import History
from tools.upstream.objects import Objects
from tools.upstream.objects import ObjectTree

OURS = "just apply"
# "git apply -3" looks up the file that the patch was made on and merges; "patch" lets two lines of context differ.
WAYS = {
    "git apply": ("git", "apply", "--whitespace=nowarn"),
    "git apply -3": ("git", "apply", "-3", "--whitespace=nowarn"),
    "patch --fuzz=2": ("patch", "-p1", "-F2", "-f", "-s", "-i"),
}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of the change on one commit in one way: "right", "wrong" or "refused", and the reason in words."""

    commit: Commit
    way: str
    outcome: str
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Baseline:
    """How the text patch and the series fare on the commits after the one that the text patch was made on."""

    made_on: Commit
    outcomes: tuple[Outcome, ...]

    def counts(self) -> dict[str, dict[str, int]]:
        """For each way, on how many commits it was right, wrong and refused."""
        found: dict[str, collections.Counter] = {}
        for one in self.outcomes:
            found.setdefault(one.way, collections.Counter())[one.outcome] += 1
        return {way: {name: count[name] for name in ("right", "wrong", "refused")} for way, count in found.items()}

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        outcomes = [
            {"commit": o.commit.id, "date": o.commit.date, "way": o.way, "outcome": o.outcome, "reason": o.reason}
            for o in self.outcomes
        ]
        made_on = {"commit": self.made_on.id, "date": self.made_on.date, "subject": self.made_on.subject}
        return {"made_on": made_on, "counts": self.counts(), "outcomes": outcomes}


def compare(
    history: History,
    objects: Objects,
    rows: list[Row],
    made_on: str,
    overlay: dict[str, OverlayFile],
    series: list[Patch],
) -> Baseline:
    """Makes the text patch on one commit and tries it on the later ones among the rows.

    Raises:
        WrongUsage: the commit is not here.
        Refused: the series is refused on that commit, so that there is no patch to make, or has a patch that is not known
            to the second reading.
    """
    second_reading.refuse_unknown(patch.name for patch in series)
    base = history.commit(history.resolve(made_on))
    plan = make_plan(ObjectTree(objects, base.id, base.date), overlay, series)
    if not plan.ok:
        raise Refused(
            f"--baseline {base.id}",
            expected="a commit on which every patch applies",
            found=", ".join(r.patch.name for r in plan.results if r.verdict == "refused"),
            todo="mend these first: just rebase-check",
        )
    later = [row for row in rows if row.commit.id != base.id and history.is_ancestor(base.id, row.commit.id)]
    known: dict[tuple[str, ...], dict[str, tuple[str, str]]] = {}
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="text-patch-") as folder:
        scratch = Scratch(pathlib.Path(folder), history, _paths(series))
        scratch.make_patch(base.id, edited_by_hand(plan))
        for row in later:
            tree = ObjectTree(objects, row.commit.id, row.commit.date)
            key = tuple(tree.blob(path) for path in scratch.paths)
            if key not in known:
                known[key] = _try_ways(scratch, tree, row, overlay, series)
            outcomes += [Outcome(row.commit, way, *answer) for way, answer in known[key].items()]
    return Baseline(base, tuple(outcomes))


def edited_by_hand(plan: Plan) -> dict[str, bytes]:
    """The files as they are when a person makes the change: the robot's own entry, and else what the series makes."""
    files = {path: text for result in plan.results for path, text in result.files.items()}
    pristine = plan.upstream.read([guide_edits.CONFIG])
    return files | {path: guide_edits.with_own_entry(text) for path, text in pristine.items()}


def _paths(series: list[Patch]) -> list[str]:
    return sorted({edit.file for patch in series for edit in patch.edits})


def _try_ways(
    scratch: Scratch, tree: ObjectTree, row: Row, overlay: dict[str, OverlayFile], series: list[Patch]
) -> dict[str, tuple[str, str]]:
    plan = make_plan(tree, overlay, series)
    pristine = tree.read(scratch.paths)
    wanted, wanted_by_hand, unread = {}, {}, ""
    try:
        names = [result.patch.name for result in plan.results if result.verdict != "upstream"]
        wanted = pristine | second_reading.patched(pristine, names)
        wanted_by_hand = wanted | {guide_edits.CONFIG: guide_edits.with_own_entry(pristine[guide_edits.CONFIG])}
    except (second_reading.Unreadable, Refused, KeyError) as e:
        unread = f"nobody can tell: {e}"
    made = pristine | {path: text for result in plan.results for path, text in result.files.items()}
    refused = list(row.refusals.values())
    answers = {OURS: ("refused", refused[0]) if refused else _judged(unread or judge(wanted, made))}
    for way, command in WAYS.items():
        if shutil.which(command[0]) is None:
            continue
        said = scratch.apply(tree.commit, command)
        answers[way] = ("refused", said) if said else _judged(unread or judge(wanted_by_hand, scratch.read()))
    return answers


def _judged(wrong: str) -> tuple[str, str]:
    return ("wrong", wrong) if wrong else ("right", "")
