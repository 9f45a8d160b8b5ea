"""Which type the numbers of a column should have, and whether they can."""

import numpy as np
import pyarrow as pa

from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature

# Single precision holds every whole number up to here. What is smaller is rounded by less than one half, and LeRobot
# rounds it so itself; beyond, a clock's time or a number of something would become another.
_ROUNDED_UP_TO = 2**24


def meant(name: str, features: dict[str, Feature]) -> pa.DataType | None:
    """The type that each number of a feature should have: of those that LeRobot adds its own, whatever info.json says."""
    if name in INDEX_FEATURES:
        return pa.from_numpy_dtype(np.dtype(INDEX_FEATURES[name]))
    return declared(name, features)


def first_changed(values: np.ndarray, dtype: str) -> tuple[int, ...] | None:
    """Where the first number is that a type cannot hold; rounding to single precision is no loss up to 2^24.

    Args:
        values: Numbers of any shape.
        dtype: The type, as info.json names it.

    Returns:
        Its place in the array; None where there is no such number.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        kept = _kept(values, np.dtype(dtype))
    return None if kept.all() else tuple(int(one) for one in np.argwhere(~kept)[0])


def _kept(values: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Of each number whether it stays the same; asked by limits, since an overflow's result is not defined."""
    fractions = values.dtype.kind == "f"
    if kind.kind == "b":
        return (values == 0) | (values == 1)
    if kind.kind == "f" and fractions:
        same = (values.astype(kind).astype(values.dtype) == values) | np.isnan(values)
        return same | (np.abs(values.astype(np.float64)) <= _ROUNDED_UP_TO) if kind == np.float32 else same
    if kind.kind == "f":
        most = 2 ** (np.finfo(kind).nmant + 1)
        return (values >= -most) & (values <= most)
    least, most = int(np.iinfo(kind).min), int(np.iinfo(kind).max)
    if fractions:
        wide = values.astype(np.float64)
        return (wide == np.rint(wide)) & (wide >= float(least)) & (wide < float(most + 1))
    return (values >= least) & (values <= most)


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
    kind = with_leaf(column.type, leaf)
    try:
        new = column.cast(kind)
        return not exactly or not pa.types.is_floating(leaf_of(column.type)) or new.cast(column.type).equals(column)
    except (pa.ArrowException, NotImplementedError):
        return False


def with_leaf(kind: pa.DataType, leaf: pa.DataType) -> pa.DataType:
    """The type of a column of lists, however deep, of numbers of another type."""
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(with_leaf(kind.value_type, leaf), kind.list_size)
    if pa.types.is_large_list(kind):
        return pa.large_list(with_leaf(kind.value_type, leaf))
    return pa.list_(with_leaf(kind.value_type, leaf)) if pa.types.is_list(kind) else leaf
