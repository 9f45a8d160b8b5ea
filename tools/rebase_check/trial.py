"""One trial: patches that share files, and what becomes of them on one version of these files."""

import dataclasses
import gc

from tools.plan.overlay_files import OverlayFile
from tools.plan.patch import Patch
from tools.plan.plan import Plan
from tools.plan.plan import make_plan
from tools.upstream import trees


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What became of one patch on one commit; `edit` is the number of the edit that found no place, or None."""

    name: str
    verdict: str
    reason: str
    edit: int | None = None


@dataclasses.dataclass(frozen=True)
class Trial:
    """Patches that share files, with all that their verdicts depend on.

    Attributes:
        patches: Their names, in the order of the series.
        contents: The files that they name, those that the commit has.
        listing: The other paths of the commit, where a file is missing and the reason names the nearest.
    """

    patches: tuple[str, ...]
    contents: dict[str, bytes]
    listing: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many bytes there are to read: about as much work as that."""
        return sum(map(len, self.contents.values()))


class _Files:
    """A tree of a few files in memory."""

    def __init__(self, trial: Trial):
        self.origin = trees.Origin("git", "", "")
        self._trial = trial

    def modes(self) -> dict[str, str]:
        return dict.fromkeys([*self._trial.contents, *self._trial.listing], trees.PLAIN)

    def read(self, paths: list[str]) -> dict[str, bytes]:
        return {path: self._trial.contents[path] for path in paths if path in self._trial.contents}


def plan_of(trial: Trial, overlay: dict[str, OverlayFile], series: list[Patch]) -> Plan:
    """Makes the plan of the trial's patches on its files."""
    chosen = [patch for patch in series if patch.name in trial.patches]
    return make_plan(_Files(trial), overlay, chosen, whole=False)


def try_one(trial: Trial, overlay: dict[str, OverlayFile], series: list[Patch]) -> list[Verdict]:
    """Makes the plan of one trial; returns the verdict of each of its patches."""
    gc.disable()  # as in apply: a syntax tree is many small objects that live as long as the plan
    try:
        plan = plan_of(trial, overlay, series)
    finally:
        gc.enable()
    return [
        Verdict(
            result.patch.name,
            result.verdict,
            result.reason,
            result.patch.edits.index(result.stopped_at) if result.stopped_at else None,
        )
        for result in plan.results
    ]
