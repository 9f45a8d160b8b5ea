"""Gives columns of numbers the type that info.json declares, where that changes no number."""

from collections.abc import Collection
import functools

import numpy as np
import pyarrow as pa

from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.draft import without_images
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature


def cast_numbers(draft: Draft, names: Collection[str]) -> None:
    """Has some columns of every data file cast; one in which a number would change stays as it is.

    Args:
        draft: What to change.
        names: Features of numbers.
    """
    kinds = {name: kind for name in names if (kind := declared(name, draft.features())) is not None}
    if kinds:
        draft.steps.append(functools.partial(_cast, kinds=kinds))


def declared(name: str, features: dict[str, Feature]) -> pa.DataType | None:
    """The type of each number of a feature; None where info.json does not say one."""
    feature = features.get(name)
    dtype = INDEX_FEATURES.get(name) if feature is None else feature.dtype if feature.is_numeric else None
    return None if dtype is None else pa.from_numpy_dtype(np.dtype(dtype))


def leaf_of(kind: pa.DataType) -> pa.DataType:
    """The type of the numbers in a column of lists, however deep."""
    while pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    return kind


def fits(column: pa.ChunkedArray, leaf: pa.DataType, *, exactly: bool = False) -> bool:
    """Whether the numbers of a column can be of another type.

    Args:
        column: Numbers, or lists of them.
        leaf: The type that each number is to have.
        exactly: Also hold the result against what it was: Arrow rounds to single precision without a word.
    """
    kind = _with_leaf(column.type, leaf)
    try:
        new = column.cast(kind)
        return not exactly or not pa.types.is_floating(leaf_of(column.type)) or new.cast(column.type).equals(column)
    except (pa.ArrowException, NotImplementedError):
        return False


@without_images
def _cast(table: pa.Table, _episode: int, _first: int, *, kinds: dict[str, pa.DataType]) -> pa.Table:
    for name in kinds.keys() & set(table.column_names):
        at = table.schema.get_field_index(name)
        field, column = table.schema.field(at), table.column(at)
        if leaf_of(field.type) != kinds[name] and fits(column, kinds[name], exactly=True):
            kind = _with_leaf(field.type, kinds[name])
            table = table.set_column(at, field.with_type(kind), column.cast(kind))
    return table


def _with_leaf(kind: pa.DataType, leaf: pa.DataType) -> pa.DataType:
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_with_leaf(kind.value_type, leaf), kind.list_size)
    if pa.types.is_large_list(kind):
        return pa.large_list(_with_leaf(kind.value_type, leaf))
    return pa.list_(_with_leaf(kind.value_type, leaf)) if pa.types.is_list(kind) else leaf
