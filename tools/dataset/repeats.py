"""Where a camera shows the same picture again though the robot has moved on."""

import dataclasses

import numpy as np

from tools.dataset.episode import Episode
from tools.dataset.looks import Looks
from tools.dataset.motion import places

# The way of half of the dimensions, as a share of what they go in the episode: more than noise from one frame to the next,
# and more than a slow drift in a second.
_STEP, _WAY = 0.005, 0.25
_FROZEN_S = 1.0


@dataclasses.dataclass(frozen=True)
class Repeats:
    """Of one camera in one episode.

    Attributes:
        frozen: Stretches of more than a second without another picture while the robot moves: first and last frame.
        single: The other frames that repeat the one before them, though the robot moved between the two.
    """

    frozen: list[tuple[int, int]]
    single: np.ndarray


def repeats(episode: Episode, looks: Looks) -> Repeats:
    """Finds them; nothing where the dataset does not say how the robot moves."""
    where = places(episode)
    if where is None or len(where) < 2:
        return Repeats([], np.zeros(0, int))
    seen = looks.decoded & ~looks.blank  # of a black camera another check tells
    both = seen[1:] & seen[:-1]
    same = both & (looks.digests[1:] == looks.digests[:-1])
    least = _FROZEN_S * (episode.fps or 10)
    frozen = [run for run in _runs(same) if run[1] - run[0] > least and _moved(where, run)]
    # Pictures that are the same, and not their bytes: a driver that stamps what it sends. Twice as long, since a thumb does
    # not show everything.
    alike = both & (looks.thumbs[1:] == looks.thumbs[:-1]).all(axis=(1, 2, 3))
    held = np.zeros(len(where), bool)
    for first, last in frozen:
        held[first : last + 1] = True
    frozen += [
        run for run in _runs(alike)
        if run[1] - run[0] > 2 * least and not held[run[0] : run[1] + 1].any() and _moved(where, run)
    ]  # fmt: skip
    single = np.flatnonzero(same & (np.median(np.abs(np.diff(where, axis=0)), axis=1) > _STEP)) + 1
    return Repeats(sorted(frozen), single[~held[single]])


def _runs(same: np.ndarray) -> list[tuple[int, int]]:
    """First and last frame of each stretch in which every frame is the same as the one before it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _moved(where: np.ndarray, run: tuple[int, int]) -> bool:
    return bool(np.median(np.ptp(where[run[0] : run[1] + 1], axis=0)) > _WAY)
