"""How each number is spread over the whole dataset, and what quantile normalisation will make of it."""

import dataclasses

import numpy as np

from tools.dataset.preview.dimensions import Dimension
from tools.dataset.preview.survey import Spread

BARS = 64
# OpenPI adds this to q99 - q01 before it divides.
_EPSILON = 1e-6
# Values in -1 to 1 are what a model is trained on; a healthy tail reaches 2 or 3.
_TRAP = 10.0


@dataclasses.dataclass(frozen=True)
class Range:
    """One dimension over the whole dataset.

    Attributes:
        dimension: Which one.
        low: The least finite value; NaN where there is none.
        q01: A hundredth of the frames lie below it.
        q99: A hundredth lie above it.
        high: The greatest.
        bars: How many frames lie in each of BARS equal parts from low to high; one bar where all values are the same.
        lost: How many values are NaN or infinite.
    """

    dimension: Dimension
    low: float
    q01: float
    q99: float
    high: float
    bars: tuple[int, ...]
    lost: int = 0

    @property
    def empty(self) -> bool:
        """No value is finite."""
        return bool(np.isnan(self.low))

    @property
    def still(self) -> bool:
        """It never moves."""
        return self.low == self.high

    def normalised(self, value: float) -> float:
        """What becomes of a value where q01 becomes -1 and q99 becomes 1, as OpenPI computes it for pi0.5."""
        return (value - self.q01) / (self.q99 - self.q01 + _EPSILON) * 2 - 1

    @property
    def trap(self) -> bool:
        """Nearly all frames hold nearly one value, so that the others come out far too large."""
        return not self.empty and max(abs(self.normalised(self.low)), abs(self.normalised(self.high))) > _TRAP

    @property
    def span(self) -> float:
        """From the least to the greatest value."""
        return self.high - self.low

    @property
    def place(self) -> tuple[float, float]:
        """Where q01 and q99 lie between low and high, in percent."""
        span = self.high - self.low or 1.0
        return 100 * (self.q01 - self.low) / span, 100 * (self.q99 - self.low) / span


def ranges_of(spread: Spread, dimensions: list[Dimension]) -> list[Range]:
    """The range of each dimension of a column."""
    return [_range(spread, index, dimension) for index, dimension in enumerate(dimensions)]


def _range(spread: Spread, index: int, dimension: Dimension) -> Range:
    values = spread.values[:, index]
    finite = values[np.isfinite(values)].astype(np.float64)
    low, high = float(spread.low[index]), float(spread.high[index])
    lost = int(spread.lost[index])
    if np.isnan(low):
        return Range(dimension, low, low, low, low, (), lost)
    if not len(finite):  # all that every n-th frame met was NaN
        return Range(dimension, low, low, high, high, (), lost)
    q01, q99 = (float(one) for one in np.quantile(finite, [0.01, 0.99]))
    if low == high:
        return Range(dimension, low, low, high, high, (len(finite),), lost)
    # The ratio first: the difference of two float64 may be infinite.
    part = (finite / 2 - low / 2) / (high / 2 - low / 2) * BARS
    bars = np.bincount(np.clip(part.astype(np.int64), 0, BARS - 1), minlength=BARS)
    return Range(dimension, low, min(max(q01, low), high), max(min(q99, high), low), high, tuple(map(int, bars)), lost)
