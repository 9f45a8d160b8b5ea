"""Each episode's length as bars, with those that stand out."""

import dataclasses
import math

import numpy as np

MOST_BARS = 400
_MOST_OUTLIERS = 200


@dataclasses.dataclass(frozen=True)
class Bar:
    """One episode, or several neighbours where there are more episodes than bars.

    Attributes:
        first: The first episode.
        last: The last one.
        low: Frames of the shortest.
        middle: Of the median one.
        high: Of the longest.
        count: How many episodes.
    """

    first: int
    last: int
    low: int
    middle: float
    high: int
    count: int = 1


@dataclasses.dataclass(frozen=True)
class Outlier:
    """An episode that is far longer or shorter than the others.

    Attributes:
        episode: Its number.
        frames: Its length.
        bar: Which bar it is in.
    """

    episode: int
    frames: int
    bar: int


@dataclasses.dataclass(frozen=True)
class Lengths:
    """The lengths of all episodes that could be read.

    Attributes:
        bars: In the order of the episodes.
        outliers: The furthest from the median first.
        median: In frames.
        highest: The longest episode, in frames.
        more: How many more outliers there are.
    """

    bars: tuple[Bar, ...]
    outliers: tuple[Outlier, ...]
    median: float
    highest: int
    more: int = 0


def lengths_of(frames: dict[int, int]) -> Lengths:
    """The bars for the lengths of episodes, in frames by episode."""
    numbers = sorted(frames)
    if not numbers:
        return Lengths((), (), 0.0, 0)
    per_bar = math.ceil(len(numbers) / MOST_BARS)
    groups = [numbers[at : at + per_bar] for at in range(0, len(numbers), per_bar)]
    bars = []
    for group in groups:
        ones = [frames[number] for number in group]
        bars.append(Bar(group[0], group[-1], min(ones), float(np.median(ones)), max(ones), len(ones)))
    lengths = np.array([frames[number] for number in numbers])
    median = float(np.median(lengths))
    below, above = _fences(lengths)
    outside = [
        Outlier(number, frames[number], at // per_bar)
        for at, number in enumerate(numbers)
        if not below <= frames[number] <= above
    ]
    outside.sort(key=lambda one: -abs(one.frames - median))
    more = max(0, len(outside) - _MOST_OUTLIERS)
    return Lengths(tuple(bars), tuple(outside[:_MOST_OUTLIERS]), median, int(lengths.max()), more)


def _fences(lengths: np.ndarray) -> tuple[float, float]:
    """Tukey's fences; where nearly all lengths are the same, a quarter of the median counts as no outlier."""
    q1, q3 = np.quantile(lengths, [0.25, 0.75])
    reach = max(1.5 * (q3 - q1), 0.25 * float(np.median(lengths)))
    return float(q1 - reach), float(q3 + reach)
