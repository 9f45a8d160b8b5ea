"""Asks whether each dimension of state and action moves enough to be normalised by its quantiles."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.motion import dimension_of
from tools.dataset.motion import vectors

SENTENCE = "Each dimension of state and action moves, for more than a hundredth of the time."
SEVERITY = "warning"
# Where an episode's values are looked at once they are sorted: closer towards the ends, since q01 and q99 are asked.
_TO_MIDDLE = np.array([0, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.25, 0.4])
_RANKS = np.concatenate([_TO_MIDDLE, 1 - _TO_MIDDLE[::-1]])
_EDGES = np.concatenate([[0], (_RANKS[1:] + _RANKS[:-1]) / 2, [1]])
_WEIGHTS = np.diff(_EDGES)
# q99 - q01 as a share of the whole range, or of the other dimensions' usual one: below it a value that is no more than
# noise away normalises to hundreds, where the model has learned -1 to 1.
_LEAST = 1e-3


def gist(episode: Episode) -> dict:
    """Each dimension's values at those ranks, float32[20, D], by column, and how many frames they stand for."""
    found = {}
    for name, values in vectors(episode).items():
        ordered = np.sort(values, axis=0)
        found[name] = ordered[np.round(_RANKS * (len(ordered) - 1)).astype(int)]
    return {"rows": episode.rows, "values": found}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Puts the episodes together and measures each dimension."""
    columns = {name: one["values"][name].shape[1] for one in gists.values() for name in one["values"]}
    for name, width in columns.items():
        alike = [
            (one["rows"], one["values"][name])
            for one in gists.values()
            if name in one["values"] and one["values"][name].shape[1] == width
        ]
        if sum(rows for rows, _ in alike) < 2:
            continue
        values = np.concatenate([values for _, values in alike])
        weights = np.concatenate([_WEIGHTS * rows for rows, _ in alike])
        low, high = _quantiles(values, weights)
        whole, inner = np.ptp(values, axis=0).astype(np.float64), high - low
        usual = float(np.median(inner))
        for dimension in np.flatnonzero((inner <= _LEAST * np.maximum(whole, usual)) | (whole == 0)):
            yield Finding(
                expected="q01 and q99, by which OpenPI normalises, that lie apart",
                found=_found(values[:, dimension], low[dimension], high[dimension])
                + f" in {dimension_of(dataset.features.get(name), name, dimension)}",
                hint="it is divided by almost nothing: a value that is hardly another becomes thousands at the policy's "
                "input; leave the dimension out, or normalise it by mean and deviation",
                column=f"{name}[{dimension}]",
            )


def _quantiles(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 1 % and the 99 % of each dimension."""
    found = []
    order = np.argsort(values, axis=0)
    for dimension in range(values.shape[1]):
        at = order[:, dimension]
        share = np.cumsum(weights[at]) / weights.sum()
        found.append([values[at[min(np.searchsorted(share, q), len(at) - 1)], dimension] for q in (0.01, 0.99)])
    low, high = np.array(found, np.float64).T
    return low, high


def _found(values: np.ndarray, low: float, high: float) -> str:
    if np.ptp(values) == 0:
        return f"always {values[0]:.6g}"
    return f"{low:.6g} to {high:.6g} but for a hundredth of the time, {values.min():.6g} to {values.max():.6g} in all"
