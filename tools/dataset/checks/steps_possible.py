"""Asks whether state and action go on without jumps that no robot makes."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.motion import dimension_of
from tools.dataset.motion import vectors

SENTENCE = "No dimension of state or action jumps further in one frame than it does elsewhere."
SEVERITY = "warning"
# A jump is this many times the largest step of the other episodes, and this share of the way that they go: a gripper that
# snaps shut does so in many of them. It also is that many times its own episode's third largest step, since a gripper or a
# stick that is used seldom goes and comes back in more steps than two.
_TIMES, _SHARE = 5.0, 0.3
# In this share of the episodes jumps are a rarity; in more, they are how that dimension moves.
_RARE = 0.1
# A spike, gone in the next frame, needs no comparison where the dimension goes smoothly otherwise. The step that nine in ten
# are below is a share of the way between these: below lies the rest between two taps of a button, above it the noise of a
# stick that nobody touches. The spike is this many times that step, and _TIMES the one that all but so many are below.
_SMOOTH = (0.002, 0.25)
_SPIKE_TIMES, _SPIKES = 10.0, 0.03


def gist(episode: Episode) -> dict:
    """By column, of each dimension: largest and third largest step, frame of the first, range, first spike or -1; [5, D]."""
    found = {}
    for name, values in vectors(episode).items():
        if len(values) < 2:
            continue
        steps = np.diff(values.astype(np.float64), axis=0)
        sizes = np.abs(steps)
        at = sizes.argmax(axis=0)
        largest = sizes[at, np.arange(sizes.shape[1])]
        third = np.partition(sizes, max(0, len(sizes) - 3), axis=0)[max(0, len(sizes) - 3)]
        found[name] = np.stack([largest, third, at, np.ptp(values, axis=0), _spikes(values, steps, sizes)])
    return {"steps": found}


def _spikes(values: np.ndarray, steps: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The first frame of each dimension that is far from both its neighbours, which are close to each other; else -1."""
    found = np.full(values.shape[1], -1)
    if len(steps) < 20:
        return found
    least = np.minimum(sizes[:-1], sizes[1:])  # of the step to a frame and the one from it
    back = np.abs(steps[:-1] + steps[1:]) < 0.2 * least
    nine_in_ten, most = int(0.9 * len(sizes)), len(sizes) - max(3, int(_SPIKES * len(sizes)))
    usual, rest = np.partition(sizes, (nine_in_ten, most), axis=0)[[nine_in_ten, most]]
    ordered = np.partition(values, (len(values) // 20, len(values) - 1 - len(values) // 20), axis=0)
    way = ordered[len(values) - 1 - len(values) // 20] - ordered[len(values) // 20]
    smooth = (usual > _SMOOTH[0] * way) & (usual < _SMOOTH[1] * way)
    is_spike = back & smooth & (least > np.maximum(_SPIKE_TIMES * usual, _TIMES * rest)) & (least > _SHARE * way)
    for dimension in np.flatnonzero(is_spike.any(axis=0)):
        found[dimension] = int(np.argmax(is_spike[:, dimension])) + 1
    return found


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Compares each episode's largest step with that of the others."""
    columns = {name: one["steps"][name].shape[1] for one in gists.values() for name in one["steps"]}
    for name, width in columns.items():
        episodes = [n for n, one in gists.items() if name in one["steps"] and one["steps"][name].shape[1] == width]
        largest, third, frames, ranges, spikes = np.stack([gists[n]["steps"][name] for n in episodes], axis=1)
        rare = max(1, int(_RARE * len(episodes)))
        jumps = np.zeros(largest.shape, bool)
        if len(episodes) > 2:
            others = np.sort(largest, axis=0)[-1 - rare]
            jumps = (largest > _TIMES * np.maximum(others, third)) & (others > 0)
            jumps &= largest > _SHARE * np.median(ranges, axis=0)
        for row, dimension in np.argwhere(jumps | (spikes >= 0)):
            spike = spikes[row, dimension] >= 0
            frame = int(spikes[row, dimension]) if spike else int(frames[row, dimension]) + 1
            usual = float(np.median((third if spike else largest)[:, dimension]))
            yield Finding(
                expected=f"steps like those elsewhere, {usual:.6g} at most in most episodes",
                found=f"a step of {largest[row, dimension]:.6g}"
                + (", and back in the next frame," if spike else "")
                + f" in {dimension_of(dataset.features.get(name), name, dimension)}",
                hint="a sensor that failed, an angle that wrapped or frames that were lost: the policy learns to jump there",
                file=dataset.name_of(dataset.episode_files[episodes[row]]),
                episode=episodes[row],
                frame=frame,
                column=f"{name}[{dimension}]",
            )
