"""Gives columns of numbers the type that info.json declares, where no number is lost by that."""

from collections.abc import Collection
import functools
import pathlib

import pyarrow as pa

from tools.dataset import pool
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.steps import Step
from tools.dataset.drafts.steps import through_steps
from tools.dataset.drafts.steps import without_images
from tools.dataset.episode import to_array
from tools.dataset.number_types import declared
from tools.dataset.number_types import first_changed
from tools.dataset.number_types import fits
from tools.dataset.number_types import leaf_of
from tools.dataset.number_types import meant
from tools.dataset.number_types import with_leaf


def cast_numbers(draft: Draft, names: Collection[str]) -> None:
    """Has some columns of every data file cast; one in which a number would change stays as it is.

    Args:
        draft: What to change.
        names: Features of numbers.
    """
    kinds = {name: kind for name in names if (kind := declared(name, draft.features())) is not None}
    if kinds:
        draft.steps.append(functools.partial(_cast, kinds=kinds, exactly=True))


def round_numbers(draft: Draft, names: Collection[str]) -> None:
    """Has some columns cast, with rounding to single precision; one that loses a number in any file stays in all files.

    All or none, since LeRobot reads every file with the types of the first. The files are asked as the draft's steps so far
    will leave them: time by the clock, which float32 cannot hold, may be counted anew by one of these.

    Args:
        draft: What to change.
        names: Features of numbers.
    """
    kinds = {name: kind for name in names if (kind := meant(name, draft.features())) is not None}
    ask = functools.partial(_that_lose, steps=tuple(draft.steps), kinds=kinds)
    lost = set().union(*pool.over(ask, draft.files.items())) if kinds else set()
    kinds = {name: kind for name, kind in kinds.items() if name not in lost}
    if kinds:
        draft.steps.append(functools.partial(_cast, kinds=kinds, exactly=False))


def _that_lose(
    numbered: tuple[int, pathlib.Path], *, steps: tuple[Step, ...], kinds: dict[str, pa.DataType]
) -> set[str]:
    """The columns of a file in which a number would be lost, or of which that cannot be told."""
    episode, path = numbered
    found: set[str] = set()
    try:
        for _, table in through_steps(path, episode, list(steps), images=False):
            for name in kinds.keys() & set(table.column_names) - found:
                column, kind = table.column(name), kinds[name]
                if leaf_of(column.type) != kind and not _can_be(column, kind):
                    found.add(name)
    except (pa.ArrowException, OSError):
        pass  # a file that cannot be read stays as it is, whatever becomes of the others
    return found


def _can_be(column: pa.ChunkedArray, leaf: pa.DataType) -> bool:
    try:
        return first_changed(to_array(column), leaf.to_pandas_dtype()) is None and fits(column, leaf)
    except ValueError:  # nulls, or lists of several lengths
        return False


@without_images
def _cast(table: pa.Table, _episode: int, _first: int, *, kinds: dict[str, pa.DataType], exactly: bool) -> pa.Table:
    for name in kinds.keys() & set(table.column_names):
        at = table.schema.get_field_index(name)
        field, column = table.schema.field(at), table.column(at)
        if leaf_of(field.type) != kinds[name] and fits(column, kinds[name], exactly=exactly):
            kind = with_leaf(field.type, kinds[name])
            table = table.set_column(at, field.with_type(kind), column.cast(kind))
    return table
