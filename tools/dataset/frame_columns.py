"""Makes the columns that count frames say what follows from where a frame lies: timestamp and the three indices."""

from collections.abc import Iterable
import functools
import pathlib

import numpy as np
import pyarrow as pa

from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.steps import without_images
from tools.dataset.exchanged import exchanges_in
from tools.dataset.row_order import order_of_file

# A timestamp is put right where it is further off than this and than float32 explains: a tenth of what LeRobot allows.
_NEAR_S = 1e-5


def restate(draft: Draft, names: Iterable[str]) -> None:
    """Has columns of a draft count anew, as its files are numbered now; what is right already stays as it is.

    Left alone is what `Order.may_count` does not allow, since counting would make a wrong order of rows look right; and
    the episode_index of files that have each other's names, where nothing tells which of the two is wrong.

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
    found = exchanges_in(draft) if "episode_index" in names else ()
    exchanged = frozenset(episode for one in found if one.wrong != "numbers" for episode in one.says)
    step = functools.partial(
        _restated, names=tuple(names), starts=starts, fps=fps, paths=dict(draft.files), exchanged=exchanged
    )
    draft.steps.append(step)


@without_images
def _restated(
    table: pa.Table,
    episode: int,
    first: int,
    *,
    names: tuple[str, ...],
    starts: dict[int, int],
    fps: float | None,
    paths: dict[int, pathlib.Path],
    exchanged: frozenset[int],
) -> pa.Table:
    frames = np.arange(first, first + table.num_rows)
    for name in names:
        new = table
        if name == "timestamp":
            if fps is not None:
                new = _put(table, name, (frames / fps).astype(np.float32), _NEAR_S)
        elif name == "frame_index":
            new = _put(table, name, frames)
        elif name == "episode_index":
            if episode not in exchanged:
                new = _put(table, name, np.full(table.num_rows, episode))
        else:
            new = _put(table, name, starts[episode] + frames)
        # The file's own columns are asked, and only of a file in which something would change.
        if new is not table and order_of_file(paths[episode]).may_count(name, fps):
            table = new
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
