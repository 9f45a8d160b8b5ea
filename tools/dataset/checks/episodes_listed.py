"""Asks whether episodes.jsonl lists as many episodes as there are files."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.episode_lines import true_up
from tools.dataset.finding import Finding

SENTENCE = "episodes.jsonl lists as many episodes as there are data files."
SEVERITY = "error"
REPAIR_AFTER = (
    "json_lines",
    "episode_files",
)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names the episodes that only one side has."""
    if dataset.episodes.problem is not None:
        return
    listed = {one["episode_index"] for one in dataset.episodes.values if isinstance(one.get("episode_index"), int)}
    there = set(dataset.episode_files)
    if len(listed) == len(there):
        return
    unlisted, absent = sorted(there - listed), sorted(listed - there)
    which = [_named("not listed:", unlisted), _named("listed without a file:", absent)]
    yield Finding(
        expected=f"{len(there):,} episodes, as there are data files",
        found=f"{len(listed):,}" + "".join(f"; {one}" for one in which if one),
        hint="LeRobot finds an episode's frames by adding up the lengths in this file",
        file="meta/episodes.jsonl",
        repairable=True,
    )


def _named(what: str, numbers: list[int]) -> str:
    more = f" and {len(numbers) - 5:,} more" if len(numbers) > 5 else ""
    return f"{what} {', '.join(map(str, numbers[:5]))}{more}" if numbers else ""


def repair(draft: Draft) -> None:
    """Makes all lines anew from the files; what else a line says stays."""
    true_up(draft)
