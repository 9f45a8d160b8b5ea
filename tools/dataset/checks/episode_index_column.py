"""Asks whether each frame knows which episode it belongs to."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate

SENTENCE = "episode_index in a data file is the number of the file."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds the first frame with another."""
    values = episode.columns.get("episode_index")
    if values is None or values.ndim != 1:
        return
    wrong = values != episode.index
    if wrong.any():
        frame = int(np.argmax(wrong))
        yield Finding(
            expected=str(episode.index),
            found=str(values[frame]) + (f", in {int(wrong.sum())} frames" if wrong.sum() > 1 else ""),
            hint="LeRobot cuts action chunks at the end of the episode that this names: wrong actions, in silence",
            file=episode.name,
            episode=episode.index,
            frame=frame,
            column="episode_index",
            repairable=True,
        )


def repair(draft: Draft) -> None:
    """Writes the file's number."""
    restate(draft, ("episode_index",))
