"""What the rows of an episode say of their own order: whether they may be counted anew without hiding something."""

from collections.abc import Mapping
import dataclasses
import functools
import os
import pathlib
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.episode import Episode
from tools.dataset.episode import to_array

_COLUMNS = ("timestamp", "frame_index", "episode_index", "index")
# In seconds, three years.
_CLOCK = 1e8


@dataclasses.dataclass(frozen=True)
class Order:
    """What the columns that count say.

    Attributes:
        frame_index: Whether it counts on by one; None where it says nothing: it is absent, no number, or always the same.
        index: The same of index.
        rises: Whether time goes on in every row.
        falls: Whether time goes back anywhere: then the rows lie in another order than they were recorded in.
        one_episode: Whether episode_index is one number, as far as it is one at all.
        there: Which of the columns there are, whatever they hold.
        times: The timestamps, [T]; empty where there are none.
    """

    frame_index: bool | None
    index: bool | None
    rises: bool
    falls: bool
    one_episode: bool
    there: frozenset[str]
    times: np.ndarray

    @classmethod
    def of(cls, columns: Mapping[str, np.ndarray], rows: int) -> Self:
        """Asks columns of numbers, [T] or [T, 1], with NaN where a number is missing."""
        flat = {name: columns[name].reshape(-1) for name in _COLUMNS if name in columns and columns[name].size == rows}
        numbers = {name: values for name, values in flat.items() if values.dtype.kind in "iuf"}
        times = numbers.get("timestamp", np.zeros(0)).astype(np.float64)
        steps = np.diff(times[np.isfinite(times)])
        episode = numbers.get("episode_index", np.zeros(0))
        episode = episode[np.isfinite(episode)]
        return cls(
            _counts_on(numbers.get("frame_index")),
            _counts_on(numbers.get("index")),
            rises=len(steps) > 0 and bool((steps > 0).all()),
            falls=bool((steps < 0).any()),
            one_episode=not len(episode) or bool((episode == episode[0]).all()),
            there=frozenset(columns) & set(_COLUMNS),
            times=times,
        )

    def may_count(self, name: str, fps: float | None = None) -> bool:
        """Whether a column may be counted anew: no row is moved by that, none is lost, and nothing told is contradicted.

        Args:
            name: timestamp, frame_index, episode_index or index.
            fps: Of the dataset; timestamps that are regular at another rate are left to the user.
        """
        agree = not self.falls and self.frame_index is not False and self.index is not False
        if name == "timestamp":
            return agree and (fps is None or other_rate(self.times, fps) is None)
        if name == "episode_index":
            return self.one_episode or (agree and bool(self.frame_index or self.index or self.rises))
        if name not in self.there:
            return True  # the others go on saying what they say; and files with and without it would not go together
        said = getattr(self, name)
        return agree if said is None else said  # one that counts on says the same when it begins elsewhere


def order_of(episode: Episode) -> Order:
    """What the rows of an episode that was read say; where cells are missing, the file is asked for the others."""
    if any(episode.odd.get(name, "absent") != "absent" for name in _COLUMNS):
        return order_of_file(episode.path)
    return Order.of(episode.columns, episode.rows)


def order_of_file(path: pathlib.Path) -> Order:
    """What the rows of a data file say; nothing where it cannot be read."""
    status = os.stat(path)
    return _order_of_file(path, status.st_mtime_ns, status.st_size)


def in_file_order(path: pathlib.Path, name: str) -> bool:
    """Whether a column of a file can be counted anew: see `Order.may_count`."""
    return order_of_file(path).may_count(name)


def other_rate(times: np.ndarray, fps: float) -> float | None:
    """The rate at which an episode was stamped, where that is as regular as can be and is not the dataset's; else None.

    Times in another unit (milliseconds, say) are of the dataset's rate.
    """
    if times.ndim != 1 or times.dtype.kind not in "iuf" or len(times) < 3:
        return None
    steps = np.diff(times.astype(np.float64))
    usual = float(np.median(steps))
    exact = 1e-4 + 4 * float(np.spacing(np.abs(times).max().astype(np.float32)))
    if not 1e-3 <= usual <= 1.0 or not (np.abs(steps - usual) <= exact).all() or abs(usual - 1 / fps) <= exact:
        return None
    return 1 / usual


def is_clock(times: np.ndarray) -> bool:
    """Whether timestamps are a clock's: seconds since 1970, or a smaller unit, and not an episode's of some hours."""
    return bool(len(times)) and float(np.abs(times.astype(np.float64)).max()) > _CLOCK


def _counts_on(values: np.ndarray | None) -> bool | None:
    """Whether numbers are those of their rows, whatever the first is; None where they say nothing."""
    if values is None:
        return None
    rows = np.flatnonzero(np.isfinite(values))
    known = values[rows].astype(np.float64)
    if len(known) < 2 or (known == known[0]).all():
        return None
    return bool((known - rows == known[0] - rows[0]).all())


@functools.lru_cache(maxsize=10_000)
def _order_of_file(path: pathlib.Path, _time_ns: int, _size: int) -> Order:
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            table = file.read(columns=[name for name in _COLUMNS if name in file.schema_arrow.names])
        return Order.of({name: _values(table.column(name)) for name in table.column_names}, table.num_rows)
    except (pa.ArrowException, OSError, ValueError, KeyError):
        return Order.of({}, 0)


def _values(column: pa.ChunkedArray) -> np.ndarray:
    """A column as numbers, with NaN where there is none; lists of one number count as that number."""
    try:
        return to_array(column)
    except (ValueError, NotImplementedError, pa.ArrowException):
        cells = (one[0] if isinstance(one, list) and len(one) == 1 else one for one in column.to_pylist())
        plain = [one if isinstance(one, int | float) else np.nan for one in cells]
        return np.array(plain, np.float64)
