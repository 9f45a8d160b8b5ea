"""Asks whether info.json holds what LeRobot cannot do without."""

from collections.abc import Callable, Iterator
from typing import Any

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding

SENTENCE = "info.json holds fps, chunks_size, total_episodes and data_path."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)


def _is_rate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e6


_NEEDED: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "fps": ("a number above 0, such as 30", _is_rate),
    "chunks_size": ("a whole number above 0, such as 1000", lambda value: type(value) is int and value > 0),
    "total_episodes": ("a whole number", lambda value: type(value) is int),
    "data_path": ("a template such as data/chunk-{episode_chunk:03d}/…", lambda value: isinstance(value, str)),
}


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names each that is missing or of the wrong kind."""
    if not dataset.info_is_known:
        return
    for key, (expected, fits) in _NEEDED.items():
        if not fits(dataset.info.get(key)):
            yield Finding(
                expected=f"{key}: {expected}",
                found=repr(dataset.info[key]) if key in dataset.info else "nothing",
                hint="LeRobot stops at it before any data is read",
                file="meta/info.json",
                repairable=key == "total_episodes",
            )


def repair(draft: Draft) -> None:
    """Counts the episodes."""
    draft.info["total_episodes"] = len(draft.files)
