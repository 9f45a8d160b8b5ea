"""Rows of one episode out of a parquet file that may hold many, one row group at a time."""

from collections.abc import Iterator
import functools
import os
import pathlib

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tools.dataset.convert.plan import Source
from tools.dataset.features import Feature
from tools.dataset.features import arrow_type


class ShardError(Exception):
    """What a file holds is not what its dataset says.

    Attributes:
        expected: What would have been right.
        found: What was there.
    """

    def __init__(self, expected: str, found: str):
        super().__init__(expected, found)
        self.expected = expected
        self.found = found


def rows_of(source: Source, columns: list[str], most: int | None = None) -> Iterator[pa.Table]:
    """Reads the rows of an episode.

    Args:
        source: Where they are.
        columns: Which columns; those that the file lacks are not there.
        most: How many rows to give at a time; by default as many as a row group has.

    Raises:
        ShardError: The file cannot be read.
    """
    first, end = source.first_row, source.first_row + source.rows
    at = 0
    for group, rows in enumerate(_group_sizes(source.path)):
        begin, stop = max(first, at), min(end, at + rows)
        if begin < stop:
            table = _row_group(*_version(source.path), group, tuple(columns)).slice(begin - at, stop - begin)
            for offset in range(0, table.num_rows, most or table.num_rows):
                yield table.slice(offset, most)
        at += rows
    if at < end or (source.alone and at > end):
        raise ShardError(f"{source.rows} rows from row {first} on", f"{at} rows in the file")


def forget() -> None:
    """Frees the row groups that were read last."""
    _row_group.cache_clear()


def as_feature(table: pa.Table, feature: Feature) -> pa.ChunkedArray:
    """A column in the type that v2.1 has for its feature; no value changes.

    Raises:
        ShardError: It is missing, or of another type.
    """
    name, wanted = feature.name, arrow_type(feature)
    if name not in table.column_names:
        raise ShardError(f"a column {name}", "none of that name")
    column = table.column(name)
    if feature.is_image:
        return _as_image(column, name)
    if _value_type(column.type) != _value_type(wanted):
        raise ShardError(f"{name} in {_value_type(wanted)}, as meta/info.json says", str(_value_type(column.type)))
    try:
        return column.cast(wanted)
    except pa.ArrowException as e:
        raise ShardError(f"{name} of shape {feature.shape}", str(e).splitlines()[0]) from e


def _as_image(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    kind = column.type
    fields = (
        {kind.field(i).name: kind.field(i).type for i in range(kind.num_fields)} if pa.types.is_struct(kind) else {}
    )
    if "bytes" not in fields or "path" not in fields:
        raise ShardError(f"{name} as images: struct<bytes, path>", str(kind))
    data = pc.struct_field(column, "bytes").cast(pa.binary())
    if data.null_count:
        raise ShardError(f"{name} with the bytes of every image", f"{data.null_count} of {len(data)} without")
    paths = pc.struct_field(column, "path").cast(pa.string())
    chunks = zip(data.chunks, paths.chunks, strict=True)
    return pa.chunked_array([pa.StructArray.from_arrays(list(pair), ["bytes", "path"]) for pair in chunks])


def _value_type(kind: pa.DataType) -> pa.DataType:
    while pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    return pa.string() if pa.types.is_large_string(kind) else kind


def _group_sizes(path: pathlib.Path) -> list[int]:
    try:
        footer = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as e:
        raise ShardError("a parquet file", str(e).splitlines()[0]) from e
    return [footer.row_group(group).num_rows for group in range(footer.num_row_groups)]


def _version(path: pathlib.Path) -> tuple[pathlib.Path, int]:
    return path, os.stat(path).st_mtime_ns


# Episodes follow one another in a file, so that the group which one ends in is often the one in which the next begins.
# Two: the numbers of a group are read before its images.
@functools.lru_cache(maxsize=2)
def _row_group(path: pathlib.Path, _time_ns: int, group: int, columns: tuple[str, ...]) -> pa.Table:
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            there = set(file.schema_arrow.names)
            return file.read_row_group(group, columns=[name for name in columns if name in there], use_threads=False)
    except (pa.ArrowException, OSError) as e:
        raise ShardError("a parquet file", str(e).splitlines()[0]) from e
