"""Asks whether the episodes start in several places."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.motion import state_and_action
from tools.dataset.motion import vector

SENTENCE = "Episodes start in several places."
SEVERITY = "warning"
_FEWEST = 5
# Of what a dimension goes over in the whole dataset: less is how exactly a robot comes back to one place.
_SAME = 0.01


def gist(episode: Episode) -> dict:
    """The first state, and the least and the greatest of each dimension."""
    name, _ = state_and_action(episode.columns)
    state = vector(episode, name) if name else None
    return {} if state is None else {"first": state[0], "least": state.min(axis=0), "most": state.max(axis=0)}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Compares the first states with how far the robot goes."""
    there = [one for one in gists.values() if one]
    there = [one for one in there if one["first"].shape == there[0]["first"].shape]
    if len(there) < _FEWEST:
        return
    first = np.stack([one["first"] for one in there]).astype(np.float64)
    way = np.max([one["most"] for one in there], axis=0) - np.min([one["least"] for one in there], axis=0)
    spread = np.quantile(first, 0.9, axis=0) - np.quantile(first, 0.1, axis=0)
    at_zero = (np.abs(first) <= _SAME * way).all()  # a stick at rest: the state is what the operator does, not a place
    if (way > 0).any() and (spread <= _SAME * way).all() and not at_zero:
        yield Finding(
            expected="starting places that differ, of the robot and of what it handles",
            found=f"the same start in {len(there)} episodes, to {(spread / np.where(way > 0, way, 1)).max():.1%} of the way "
            "that it goes",
            hint="the policy sees one beginning only and is lost at any other; vary at least where the objects lie, which "
            "is not seen here",
            column=state_and_action(dataset.features)[0],
        )
