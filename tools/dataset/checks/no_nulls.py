"""Asks whether every number is there."""

from collections.abc import Iterator
import re

from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.row_order import order_of

SENTENCE = "No column of numbers has a null."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds the first in each column."""
    for name, why in episode.odd.items():
        if why.startswith("null"):
            frame = re.search(r"frame (\d+)", why)
            yield Finding(
                expected="a value in every frame",
                found="null",
                hint="LeRobot stops at this frame, or hands None on",
                file=episode.name,
                episode=episode.index,
                frame=int(frame[1]) if frame else None,
                column=name,
                repairable=name in INDEX_FEATURES
                and name != "task_index"
                and order_of(episode).may_count(name, episode.fps),
            )


def repair(draft: Draft) -> None:
    """Counts anew, in the columns that follow from where a frame lies."""
    restate(draft, ("timestamp", "frame_index", "episode_index", "index"))
