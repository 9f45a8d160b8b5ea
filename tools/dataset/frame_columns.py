"""Makes the columns that count frames say what follows from where a frame lies: timestamp and the three indices."""

from collections.abc import Iterable
import functools
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.draft import Draft
from tools.dataset.episode import holds_numbers
from tools.dataset.episode import to_array

# A timestamp is put right where it is further off than this and than float32 explains: a tenth of what LeRobot allows.
_NEAR_S = 1e-5


def restate(draft: Draft, names: Iterable[str]) -> None:
    """Has columns of a draft count anew, as its files are numbered now; what is right already stays as it is.

    Where the rows of an episode lie in another order than their frame_index or index says, or some are missing by it, these
    and the timestamps are left alone: counting the rows would make a wrong order look right. So are timestamps that are
    regular at another rate than info.json's: which of the two is wrong, nothing here tells.

    Args:
        draft: What to change.
        names: Some of timestamp, frame_index, episode_index and index. One that a file lacks is added, and one of
            another kind (a list, text, numbers with nulls or fractions) is replaced.
    """
    starts, first = {}, 0
    rows = draft.rows
    for episode in draft.files:
        starts[episode] = first
        first += rows.get(episode, 0)
    fps = draft.info.get("fps")
    fps = fps if isinstance(fps, int | float) and not isinstance(fps, bool) and fps > 0 else None
    mixed = frozenset(
        (episode, name)
        for episode, path in draft.files.items()
        for name in names
        if not in_file_order(path, name) or (name == "timestamp" and fps is not None and _at_another_rate(path, fps))
    )
    draft.steps.append(functools.partial(_restated, names=tuple(names), starts=starts, fps=fps, mixed=mixed))


def in_order(counted: np.ndarray) -> bool:
    """Whether the rows of an episode can be all that was recorded, in that order, by a column that counts them.

    One number in all rows counts nothing. A gap is a frame that is lost, and a number that comes twice one too many: to
    count anew would hide it.
    """
    if counted.ndim != 1:
        return True
    steps = np.diff(counted)
    if counted.dtype.kind in "iu":
        return bool((steps == 1).all() or (steps == 0).all())
    return bool((steps >= 0).all())


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


def _at_another_rate(path: pathlib.Path, fps: float) -> bool:
    try:
        return other_rate(to_array(pq.read_table(path, columns=["timestamp"]).column("timestamp")), fps) is not None
    except (pa.ArrowException, OSError, ValueError, KeyError):
        return False


def in_file_order(path: pathlib.Path, name: str) -> bool:
    """Whether a column of a file can be counted anew: see `in_order`; timestamps go by frame_index."""
    by = {"timestamp": "frame_index", "episode_index": None}.get(name, name)
    try:
        column = pq.read_table(path, columns=[by]).column(by) if by else None
        return in_order(to_array(column)) if column is not None and holds_numbers(column.type) else True
    except (pa.ArrowException, OSError, ValueError, KeyError):
        return True  # nothing is known of it


def _restated(
    table: pa.Table,
    episode: int,
    first: int,
    *,
    names: tuple[str, ...],
    starts: dict[int, int],
    fps: float | None,
    mixed: frozenset[tuple[int, str]],
) -> pa.Table:
    frames = np.arange(first, first + table.num_rows)
    for name in names:
        if (episode, name) in mixed:
            continue
        if name == "timestamp":
            if fps is not None:
                table = _put(table, name, (frames / fps).astype(np.float32), _NEAR_S)
        elif name == "frame_index":
            table = _put(table, name, frames)
        elif name == "episode_index":
            table = _put(table, name, np.full(table.num_rows, episode))
        else:
            table = _put(table, name, starts[episode] + frames)
    return table


def _put(table: pa.Table, name: str, right: np.ndarray, near: float = 0.0) -> pa.Table:
    kind = np.floating if near else np.integer
    at = table.schema.get_field_index(name)
    if at < 0:
        return table.append_column(name, pa.array(right))
    column = table.column(at)
    # Half a float holds neither 0.1 nor a frame's number.
    plain = pa.types.is_integer(column.type) or column.type in (pa.float32(), pa.float64())
    if column.null_count == 0 and plain:
        values = column.to_numpy()
        if np.issubdtype(values.dtype, kind):
            off = near + (np.spacing(np.abs(right)) if near else 0)
            # The negation, so that a NaN is far off.
            if not (~(np.abs(values.astype(np.float64 if near else np.int64) - right) <= off)).any():
                return table
            return table.set_column(at, table.schema.field(at), pa.array(right).cast(column.type))
    return table.set_column(at, name, pa.array(right))
