"""Asks whether time goes on by one frame from each row to the next, as LeRobot itself measures it."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.row_order import order_of
from tools.dataset.row_order import other_rate

SENTENCE = "Timestamps grow by 1 / fps from each frame of an episode to the next."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)
# Of LeRobot, in seconds; it compares in float32.
TOLERANCE_S = 1e-4


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds the first step that LeRobot refuses."""
    times = episode.columns.get("timestamp")
    if times is None or times.ndim != 1 or len(times) < 2 or episode.fps is None:
        return
    if times.dtype.kind == "f":
        times = times.astype(np.float32)
    steps = np.diff(times)
    with np.errstate(invalid="ignore"):
        wrong = ~(np.abs(steps - 1.0 / episode.fps) <= TOLERANCE_S)
    if not wrong.any():
        return
    at = int(np.argmax(wrong))
    right = (np.arange(episode.rows) / episode.fps).astype(np.float32)
    too_long = bool((np.abs(np.diff(right) - 1.0 / episode.fps) > TOLERANCE_S).any())
    rate = other_rate(times, episode.fps)
    if rate is not None:
        hint = (
            f"these frames are stamped at {rate:.4g} Hz and meta/info.json says fps {episode.fps:g}: one of the two is "
            "wrong, and only you know which; put fps right, or stamp them anew"
        )
    elif too_long:
        hint = (
            "after about 1,000 s float32 no longer holds 1 / fps to 0.0001 s and LeRobot refuses it: split the episode"
        )
    else:
        hint = "LeRobot refuses to open it; write frame_index / fps, and never the clock's time"
    yield Finding(
        expected=f"{1.0 / episode.fps:.6g} s to the next frame, to {TOLERANCE_S} s",
        found=f"{float(steps[at]):.6g} s, from {float(times[at]):.9g} to {float(times[at + 1]):.9g}"
        + (f"; {int(wrong.sum())} such steps" if wrong.sum() > 1 else ""),
        hint=hint,
        file=episode.name,
        episode=episode.index,
        frame=at,
        column="timestamp",
        repairable=not too_long and order_of(episode).may_count("timestamp", episode.fps),
    )


def repair(draft: Draft) -> None:
    """Writes frame / fps where time is another."""
    restate(draft, ("timestamp",))
