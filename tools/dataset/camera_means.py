"""What each camera shows on average over an episode, and which episodes are another way round than the others."""

import numpy as np

from tools.dataset.looks import Looks

_GRID = 8
# In levels of 0..255: views or colours closer than this are not told apart.
_APART = 12.0
# An episode is the other way round where that brings it so much closer to the others.
_CLOSER = 0.5


def camera_means(looks: dict[str, Looks]) -> dict[str, np.ndarray]:
    """The mean picture of each camera, float16[h, w, 3] of 8 x 8 fields at most; without cameras that showed nothing."""
    found = {}
    for name, one in looks.items():
        if one.decoded.any():
            mean = one.thumbs[one.decoded].mean(axis=0, dtype=np.float32)
            for axis in (0, 1):
                fields = min(_GRID, mean.shape[axis])
                starts = np.arange(fields) * mean.shape[axis] // fields
                sizes = np.diff([*starts, mean.shape[axis]])
                mean = np.add.reduceat(mean, starts, axis=axis) / np.expand_dims(sizes, (1, 2) if axis == 0 else (0, 2))
            found[name] = mean.astype(np.float16)
    return found


def turned(straight: np.ndarray, crossed: np.ndarray) -> np.ndarray:
    """Which episodes are like the others only when they are turned round.

    Args:
        straight: Of each episode, as it is, float[E, ...].
        crossed: The same with what may be exchanged exchanged.

    Returns:
        bool[E]: the fewer, and of two halves the one without the first episode; none where it cannot be told.
    """
    straight, crossed = (one.reshape(len(one), -1).astype(np.float32) for one in (straight, crossed))
    is_turned = np.zeros(len(straight), bool)
    reference = straight[0]
    for _ in range(5):
        is_turned = _distance(crossed, reference) < _distance(straight, reference)
        reference = np.median(np.where(is_turned[:, None], crossed, straight), axis=0)
    if is_turned.sum() * 2 > len(is_turned) or (is_turned.sum() * 2 == len(is_turned) and is_turned[0]):
        is_turned, straight, crossed = ~is_turned, crossed, straight
    near, far = _distance(crossed, reference), _distance(straight, reference)
    return is_turned & (near < _CLOSER * far) & (far > _APART)


def _distance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean((one - other) ** 2, axis=1))
