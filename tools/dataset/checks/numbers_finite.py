"""Asks whether every number of state and action is one."""

from collections.abc import Collection, Iterator

import numpy as np

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.motion import ACTIONS
from tools.dataset.motion import STATES

SENTENCE = "No value of state and action is NaN or infinite, also in single precision."
SEVERITY = "error"
_MOST = float(np.finfo(np.float32).max)


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds the first in each column."""
    hint = "one such number makes the loss and then all weights NaN, and the statistics that normalise with it"
    yield from not_finite(episode, [name for name in (*STATES, *ACTIONS) if name in episode.columns], hint)


def not_finite(episode: Episode, names: Collection[str], hint: str) -> Iterator[Finding]:
    """Finds the first number in each of some columns that is not finite once LeRobot has made a tensor of it."""
    for name in names:
        values = episode.columns[name]
        if values.dtype.kind != "f":
            continue
        finite = np.isfinite(values) if values.dtype != np.float64 else np.abs(values) <= _MOST
        if finite.all():
            continue
        at = np.argwhere(~finite)[0]
        frames = int((~finite).reshape(len(values), -1).any(axis=1).sum())
        number = values[tuple(at)]
        yield Finding(
            expected="a finite number in every frame",
            found=f"{number}"
            + (", which LeRobot's float32 makes infinite" if np.isfinite(number) else "")
            + (f", and in {frames - 1} more frames" if frames > 1 else ""),
            hint=hint,
            file=episode.name,
            episode=episode.index,
            frame=int(at[0]),
            column=name + "".join(f"[{one}]" for one in at[1:]),
        )
