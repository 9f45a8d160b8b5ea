"""Asks whether an episode's time begins at 0 and does not drift."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.row_order import is_clock
from tools.dataset.row_order import order_of

SENTENCE = "timestamp is frame_index / fps."
SEVERITY = "warning"
REPAIR_AFTER = ("episode_files",)
# A tenth of LeRobot's tolerance for each of ten frames: what float32 and rounding make of it stays below.
TOLERANCE_S = 1e-3


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds the first frame that is further off than rounding explains."""
    times = episode.columns.get("timestamp")
    if times is None or times.ndim != 1 or episode.fps is None or not len(times):
        return
    with np.errstate(invalid="ignore", over="ignore"):
        wrong = ~(np.abs(times - np.arange(len(times)) / episode.fps) <= TOLERANCE_S)
    if wrong.any():
        frame = int(np.argmax(wrong))
        yield Finding(
            expected=f"{frame / episode.fps:.6f} s",
            found=f"{float(times[frame]):.3f}, a clock time" if is_clock(times) else f"{float(times[frame]):.6f} s",
            hint="images in parquet do not mind, but frames of a video are found by this time",
            file=episode.name,
            episode=episode.index,
            frame=frame,
            column="timestamp",
            repairable=order_of(episode).may_count("timestamp", episode.fps),
        )


def repair(draft: Draft) -> None:
    """Writes frame / fps where time is another."""
    restate(draft, ("timestamp",))
