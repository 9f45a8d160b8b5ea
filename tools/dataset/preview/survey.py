"""What a preview learns from every data file: lengths, tasks, and how each number is spread."""

from collections.abc import Callable, Iterable
import dataclasses
import functools
import math
import pathlib

import numpy as np

from tools.dataset import pool
from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.episode import UnreadableError
from tools.dataset.episode import read_episode
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature

# A wider column is no state and no action, and a page of its curves is read by nobody.
WIDEST = 32
# Of one column; with more, every n-th frame is kept, and the page says so.
_MOST_VALUES = 6_000_000


@dataclasses.dataclass(frozen=True)
class Spread:
    """How the numbers of one column are spread over the dataset.

    Attributes:
        low: The least finite value of each dimension, float64[D]; NaN where there is none.
        high: The greatest.
        lost: How many values of each dimension are NaN or infinite, int[D].
        values: All frames, or every n-th of each episode, float32[N, D]; as recorded, NaN and infinite too.
    """

    low: np.ndarray
    high: np.ndarray
    lost: np.ndarray
    values: np.ndarray


@dataclasses.dataclass(frozen=True)
class Survey:
    """What all data files together hold.

    Attributes:
        lengths: Frames by episode, of the files that could be read.
        tasks: The task numbers of each episode.
        unreadable: Why a file could not be read, by episode.
        spreads: By column, those of numbers that the robot gives or is given.
        every: Of how many frames one is in the spreads' values; 1 where all are.
    """

    lengths: dict[int, int]
    tasks: dict[int, tuple[int, ...]]
    unreadable: dict[int, str]
    spreads: dict[str, Spread]
    every: int = 1


def survey(
    dataset: Dataset, files: dict[int, pathlib.Path], frames: int, progress: Callable[[int, int], None] | None = None
) -> Survey:
    """Reads the numbers of all data files, on all cores; no image is touched.

    Args:
        dataset: What is surveyed.
        files: Its data files by episode.
        frames: How many frames they hold, about.
        progress: Called with how many files are done, and of how many.
    """
    width = max((_size(one) for one in dataset.features.values() if one.is_numeric), default=WIDEST)
    every = max(1, math.ceil(frames * min(width, WIDEST) / _MOST_VALUES))
    look = functools.partial(
        _look, features=dataset.features, fps=dataset.fps, root=dataset.root, every=every, of=len(files)
    )
    seen = []
    for done, one in enumerate(pool.over(look, files.items()), 1):
        seen.append(one)
        if progress:
            progress(done, len(files))
    whole = [one for one in seen if one.problem is None]
    return Survey(
        {one.episode: one.rows for one in whole},
        {one.episode: one.tasks for one in whole},
        {one.episode: one.problem for one in seen if one.problem is not None},
        _merged(one.spreads for one in whole),
        every,
    )


def number_columns(episode: Episode) -> dict[str, np.ndarray]:
    """The columns of numbers that are no indices, as [T, D]; those that are too wide to be shown are left out."""
    flat = {
        name: values.reshape(len(values), math.prod(values.shape[1:]))
        for name, values in episode.columns.items()
        if name not in INDEX_FEATURES
    }
    return {name: values for name, values in flat.items() if 0 < values.shape[1] <= WIDEST}


@dataclasses.dataclass(frozen=True)
class _Seen:
    """What one file holds; it travels between processes."""

    episode: int
    rows: int = 0
    tasks: tuple[int, ...] = ()
    spreads: dict[str, Spread] = dataclasses.field(default_factory=dict)
    problem: str | None = None


def _look(
    numbered: tuple[int, pathlib.Path],
    *,
    features: dict[str, Feature],
    fps: float | None,
    root: pathlib.Path,
    every: int,
    of: int,
) -> _Seen:
    index, path = numbered
    try:
        episode = read_episode(path, index, features, fps, root)
    except UnreadableError as e:
        return _Seen(index, problem=str(e))
    tasks = episode.columns.get("task_index", np.array([]))
    tasks = tuple(int(task) for task in np.unique(tasks)) if tasks.dtype.kind in "iu" else ()
    # Not the same frame of all episodes: they begin alike. One file on its own keeps its first.
    first = 0 if of == 1 else index % every
    spreads = {
        name: Spread(*_extremes(values), values[first::every].astype(np.float32))
        for name, values in number_columns(episode).items()
    }
    return _Seen(index, episode.rows, tasks, spreads)


def _extremes(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The least and the greatest finite value of each dimension, and how many are not finite."""
    values = values.astype(np.float64)
    finite = np.isfinite(values)
    low = np.where(finite, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(finite, values, -np.inf).max(axis=0, initial=-np.inf)
    return np.where(low <= high, low, np.nan), np.where(low <= high, high, np.nan), (~finite).sum(axis=0)


def _merged(parts: Iterable[dict[str, Spread]]) -> dict[str, Spread]:
    """The spreads of all episodes as one; of a column that changes its width, those of its most common one."""
    by_name: dict[str, dict[int, list[Spread]]] = {}
    for spreads in parts:
        for name, spread in spreads.items():
            by_name.setdefault(name, {}).setdefault(len(spread.low), []).append(spread)
    merged = {}
    for name, by_width in by_name.items():
        ones = max(by_width.values(), key=len)
        low, high, lost = (np.stack([getattr(one, key) for one in ones]) for key in ("low", "high", "lost"))
        merged[name] = Spread(
            np.fmin.reduce(low), np.fmax.reduce(high), lost.sum(axis=0), np.concatenate([one.values for one in ones])
        )
    return merged


def _size(feature: Feature) -> int:
    return math.prod(feature.shape)
