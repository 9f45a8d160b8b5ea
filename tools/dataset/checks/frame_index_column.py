"""Asks whether the frames of an episode are counted from 0."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.row_order import order_of

SENTENCE = "frame_index counts an episode's frames from 0."
SEVERITY = "warning"
REPAIR_AFTER = ("episode_files",)


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds the first frame where it does not."""
    if "frame_index" not in episode.schema.names:
        yield _finding(episode, None, "0, 1, 2, …", "no such column")
        return
    values = episode.columns.get("frame_index")
    if values is None or values.ndim != 1:
        return
    wrong = values != np.arange(len(values))
    if wrong.any():
        frame = int(np.argmax(wrong))
        yield _finding(episode, frame, str(frame), str(values[frame]))


def _finding(episode: Episode, frame: int | None, expected: str, found: str) -> Finding:
    return Finding(
        expected=expected,
        found=found,
        hint="LeRobot does not look at it, but timestamps are made from it and viewers sort by it",
        file=episode.name,
        episode=episode.index,
        frame=frame,
        column="frame_index",
        repairable=order_of(episode).may_count("frame_index"),
    )


def repair(draft: Draft) -> None:
    """Counts anew."""
    restate(draft, ("frame_index",))
