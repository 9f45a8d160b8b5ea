"""Tries the series on many commits: what `just apply` would say of each, with a version of a file tried once.

A patch's verdict depends on the files that it names and on nothing else, so patches that share no file are tried apart
from each other, and two commits with the same blobs have the same answer. What has to be tried goes to a few processes.
"""

from collections.abc import Iterable
import dataclasses

from tools.plan.overlay_files import OverlayFile
from tools.plan.overlay_needs import in_words
from tools.plan.overlay_needs import objection
from tools.plan.patch import Patch
from tools.plan.plan import package_of
from tools.rebase_check.trial import Trial
from tools.rebase_check.trial import Verdict
from tools.rebase_check.trial_pool import try_all
from tools.upstream.history import Commit
from tools.upstream.objects import Objects
from tools.upstream.objects import ObjectTree

OVERLAY = "overlay"  # the name, beside those of the patches, for what speaks against the overlay


@dataclasses.dataclass(frozen=True)
class Row:
    """One commit: the verdict of each patch, in the order of the series, and what speaks against the overlay there."""

    commit: Commit
    patches: tuple[Verdict, ...]
    overlay: str = ""

    @property
    def ok(self) -> bool:
        """No patch was refused, and the overlay fits."""
        return not self.overlay and all(patch.verdict != "refused" for patch in self.patches)

    @property
    def refusals(self) -> dict[str, str]:
        """The reason of each refusal, by the name of the patch; the overlay's under OVERLAY."""
        found = {patch.name: patch.reason for patch in self.patches if patch.verdict == "refused"}
        return ({OVERLAY: self.overlay} if self.overlay else {}) | found


def try_series(
    objects: Objects,
    commits: Iterable[Commit],
    overlay: dict[str, OverlayFile],
    series: list[Patch],
    *,
    jobs: int | None = None,
) -> list[Row]:
    """Says for each commit what `just apply` would.

    Args:
        objects: Where the commits are.
        commits: What to try, in any order.
        overlay: What `read_overlay` gave.
        series: What `read_series` gave.
        jobs: How many processes try; as many as there are cores when None.

    Returns:
        A row for each commit, in the order given.

    Raises:
        Refused: an object is missing.
    """
    groups = share_files(series)
    trials: dict[tuple, Trial] = {}
    keys: list[list[tuple]] = []
    against: list[str] = []
    commits = list(commits)
    for commit in commits:
        tree = ObjectTree(objects, commit.id, commit.date)
        against.append(in_words(objection(overlay, tree)))
        keys.append([_key(group, tree) for group in groups])
        for group, key in zip(groups, keys[-1], strict=True):
            if key not in trials:
                trials[key] = _trial(group, tree)
    answers = dict(zip(trials, try_all(list(trials.values()), overlay, series, jobs), strict=True))
    order = {patch.name: number for number, patch in enumerate(series)}
    rows = []
    for commit, own, overlaid in zip(commits, keys, against, strict=True):
        found = sorted((v for key in own for v in answers[key]), key=lambda v: order[v.name])
        rows.append(Row(commit, tuple(found), overlaid))
    return rows


def share_files(series: list[Patch]) -> list[list[Patch]]:
    """The patches in groups, so that two that name one file are in one group."""
    groups: list[list[Patch]] = []
    for patch in series:
        joined = [group for group in groups if any(files_of(patch) & files_of(other) for other in group)]
        groups = [group for group in groups if group not in joined]
        members = [*(other for group in joined for other in group), patch]
        groups.append(sorted(members, key=series.index))
    return groups


def files_of(patch: Patch) -> set[str]:
    """Every upstream file that a patch changes or asks about."""
    return {item.file for item in (*patch.edits, *patch.upstream_has)}


def _paths(group: list[Patch]) -> list[str]:
    return sorted(set().union(*map(files_of, group)))


def _key(group: list[Patch], tree: ObjectTree) -> tuple:
    blobs = tuple(tree.blob(path) for path in _paths(group))
    return (group[0].name, *blobs, *_packages(group, tree), "" if all(blobs) else tree.commit)


def _packages(group: list[Patch], tree: ObjectTree) -> tuple[str, ...]:
    return tuple(package for path in _paths(group) if tree.blob(package := package_of(path)))


def _trial(group: list[Patch], tree: ObjectTree) -> Trial:
    paths = _paths(group)
    whole = all(tree.blob(path) for path in paths)
    listing = _packages(group, tree) if whole else tuple(tree.modes())
    return Trial(tuple(patch.name for patch in group), tree.read(paths), listing)
