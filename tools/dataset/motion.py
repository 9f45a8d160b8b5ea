"""The numbers of an episode that a model learns as motion: its states and its actions."""

from collections.abc import Collection
from typing import Any

import numpy as np

from tools.dataset.episode import Episode
from tools.dataset.features import Feature
from tools.dataset.robot_features import ACTION
from tools.dataset.robot_features import STATE

# OpenPI's own datasets say "state" and "actions".
STATES = (STATE, "state")
ACTIONS = (ACTION, "actions")


def state_and_action(names: Collection[str]) -> tuple[str | None, str | None]:
    """Which of these columns is the state, and which the action; None where there is none by a name that is known."""
    return next((one for one in STATES if one in names), None), next((one for one in ACTIONS if one in names), None)


def vectors(episode: Episode) -> dict[str, np.ndarray]:
    """The states and actions of an episode, by feature, as [T, D].

    What is not finite is left out with its column: another check tells it, and nothing can be measured there.
    """
    found = {}
    for name in (*STATES, *ACTIONS):
        values = vector(episode, name)
        if values is not None:
            found[name] = values
    return found


def vector(episode: Episode, name: str) -> np.ndarray | None:
    """One of them, or None where it is absent, not made of numbers, empty or not finite as float32."""
    values = episode.columns.get(name)
    if values is None or values.dtype.kind not in "fiu" or values.ndim > 2 or values.size == 0:
        return None
    values = values if values.ndim == 2 else values[:, None]
    with np.errstate(over="ignore"):  # of numbers that single precision cannot hold
        single = values.astype(np.float32, copy=False)
    return single if np.isfinite(single).all() else None


def places(episode: Episode) -> np.ndarray | None:
    """Where the robot is in each frame, float64[T, D], each dimension as a share of its way in the episode.

    By the state where there is one, else by the action; without dimensions that never move. None where the dataset does not
    say, or nothing moves.
    """
    for name in (*STATES, *ACTIONS):
        values = vector(episode, name)
        if values is not None:
            ranges = np.ptp(values, axis=0)
            moving = ranges > 0
            return (values[:, moving] - values[:, moving].min(axis=0)) / ranges[moving] if moving.any() else None
    return None


def dimension_of(feature: Feature | None, column: str, dimension: int) -> str:
    """A dimension as findings name it, such as `action[5] (gripper)`."""
    names = list(flat(feature.names)) if feature is not None and feature.names is not None else []
    called = f" ({names[dimension]})" if dimension < len(names) else ""
    return f"{column}[{dimension}]{called}"


def flat(names: Any) -> list[str]:
    """The names of a feature's numbers, however info.json nests them."""
    names = list(names.values()) if isinstance(names, dict) else names
    if not isinstance(names, list):
        return [str(names)]
    return [one for name in names for one in flat(name)]
