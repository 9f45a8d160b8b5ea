"""Asks whether time goes on by one frame from each row to the next, as LeRobot itself measures it."""

from collections.abc import Iterator
import dataclasses

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.robot_described import described
from tools.dataset.robot_described import description_of
from tools.dataset.robot_described import name_of
from tools.dataset.row_order import is_clock
from tools.dataset.row_order import order_of
from tools.dataset.row_order import other_rate

SENTENCE = "Timestamps grow by 1 / fps from each frame of an episode to the next."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)
# Of LeRobot, in seconds; it compares in float32.
TOLERANCE_S = 1e-4
# What is said where all episodes agree on another rate, before that rate; the report names it as what to do next.
SET_FPS = 'set "fps": '


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds the first step that LeRobot refuses, but for episodes that are stamped at another rate."""
    wrong = _wrong_steps(episode)
    if wrong is None or _rate(episode) is not None:
        return
    right = (np.arange(episode.rows) / episode.fps).astype(np.float32)
    too_long = bool((np.abs(np.diff(right) - 1.0 / episode.fps) > TOLERANCE_S).any())
    if too_long:
        hint = (
            "after about 1,000 s float32 no longer holds 1 / fps to 0.0001 s and LeRobot refuses it: split the episode"
        )
    else:
        hint = "LeRobot refuses to open it; write frame_index / fps, and never the clock's time"
    yield _finding(
        episode, wrong, hint, repairable=not too_long and order_of(episode).may_count("timestamp", episode.fps)
    )


def gist(episode: Episode) -> dict:
    """The finding of an episode that is stamped at another rate, with that rate; {} of any other."""
    wrong, rate = _wrong_steps(episode), _rate(episode)
    return {} if wrong is None or rate is None else {"rate": rate, "finding": _finding(episode, wrong, "")}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Says of episodes that are stamped at another rate what to do, which depends on all the others."""
    stamped = {episode: one for episode, one in gists.items() if one}
    if not stamped or dataset.fps is None:
        return
    rates = {f"{one['rate']:.6g}" for one in stamped.values()}
    rate = min(rates)
    at = f"stamped at {rate} Hz and meta/info.json says fps {dataset.fps:g}"
    by_robot = _by_robot(dataset)
    for one in stamped.values():
        if len(rates) == 1 and len(stamped) == len(gists):
            hint = (
                f"all episodes are {at}{by_robot}: {SET_FPS}{rate} in meta/info.json, if they were recorded at {rate} Hz; "
                f"if at {dataset.fps:g} Hz, write frame_index / {dataset.fps:g} into timestamp with your own script: no "
                "repair can know which"
            )
        else:
            hint = (
                f"these frames are stamped at {one['rate']:.6g} Hz and meta/info.json says fps {dataset.fps:g}, as other "
                f"episodes are stamped{by_robot}: one dataset has one rate. Recorded at another rate, drop them with just "
                f"edit-dataset delete; if only the stamps are wrong, write frame_index / {dataset.fps:g} into timestamp with "
                "your own script"
            )
        yield dataclasses.replace(one["finding"], hint=hint)


def _wrong_steps(episode: Episode) -> np.ndarray | None:
    """Which steps LeRobot refuses, bool[T - 1]; None where it refuses none."""
    times = episode.columns.get("timestamp")
    if times is None or times.ndim != 1 or len(times) < 2 or episode.fps is None:
        return None
    steps = np.diff(_as_lerobot(times))
    with np.errstate(invalid="ignore"):
        wrong = ~(np.abs(steps - 1.0 / episode.fps) <= TOLERANCE_S)
    return wrong if wrong.any() else None


def _as_lerobot(times: np.ndarray) -> np.ndarray:
    return times.astype(np.float32) if times.dtype.kind == "f" else times


def _rate(episode: Episode) -> float | None:
    times = episode.columns.get("timestamp")
    return None if times is None or episode.fps is None else other_rate(_as_lerobot(times), episode.fps)


def _by_robot(dataset: Dataset) -> str:
    said, toml = described(dataset.info).get("rate_hz"), description_of(dataset.info)
    if toml is None or isinstance(said, bool) or not isinstance(said, int | float):
        return ""
    return f", {name_of(toml)} says rate_hz = {said:g}"


def _finding(episode: Episode, wrong: np.ndarray, hint: str, *, repairable: bool = False) -> Finding:
    times, at = episode.columns["timestamp"], int(np.argmax(wrong))
    if is_clock(times):
        found = f"clock times, from {float(times[at]):.3f} to {float(times[at + 1]):.3f}"
    else:
        times = _as_lerobot(times)
        step = float(np.diff(times)[at])
        found = f"{step:.6g} s, from {float(times[at]):.9g} to {float(times[at + 1]):.9g}"
    return Finding(
        expected=f"{1.0 / episode.fps:.6g} s to the next frame, to {TOLERANCE_S} s",
        found=found + (f"; {int(wrong.sum())} such steps" if wrong.sum() > 1 else ""),
        hint=hint,
        file=episode.name,
        episode=episode.index,
        frame=at,
        column="timestamp",
        repairable=repairable,
    )


def repair(draft: Draft) -> None:
    """Writes frame / fps where time is another."""
    restate(draft, ("timestamp",))
