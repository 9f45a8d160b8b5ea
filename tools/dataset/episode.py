"""One episode's parquet file: its columns of numbers as arrays, its images one row group at a time."""

from collections.abc import Iterator
import dataclasses
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.features import Feature


class UnreadableError(Exception):
    """The file is not parquet, is cut, or a page of it does not decode; the text says which."""


@dataclasses.dataclass(frozen=True)
class Episode:
    """What a data file holds, but for the images themselves.

    Attributes:
        index: The number that its place gives it, whatever the file says.
        path: The file.
        name: The same within the dataset, with `/`.
        features: What info.json says there is, by column.
        fps: Frames a second; None where info.json does not say.
        rows: How many frames.
        schema: The file's own schema, with its metadata.
        columns: By feature, numbers only: [T], or [T, D…] where the values are lists of one length. A column that is
            absent, holds nulls or lists of several lengths is not here but in `odd`.
        odd: By column, why it is not in `columns`.
        footer: The file's metadata: row groups, and how many nulls each column has.
    """

    index: int
    path: pathlib.Path
    name: str
    features: dict[str, Feature]
    fps: float | None
    rows: int
    schema: pa.Schema
    columns: dict[str, np.ndarray]
    odd: dict[str, str]
    footer: pq.FileMetaData

    @property
    def cameras(self) -> list[str]:
        """The columns that info.json calls images and the file has."""
        return [name for name, feature in self.features.items() if feature.is_image and name in self.schema.names]

    @property
    def images(self) -> list[str]:
        """The columns whose cells are decoded, whether info.json tells of them or not: cameras first."""
        cameras = [name for name in self.cameras if holds_bytes(self.schema.field(name).type)]
        others = (field.name for field in self.schema if holds_bytes(field.type) and field.name not in cameras)
        return [*cameras, *others]


def read_episode(
    path: pathlib.Path, index: int, features: dict[str, Feature], fps: float | None, root: pathlib.Path
) -> Episode:
    """Reads a data file; the bytes of images are not touched.

    Args:
        path: The file.
        index: The episode's number by the file's place.
        features: Of the dataset.
        fps: Of the dataset.
        root: The dataset's folder.

    Raises:
        UnreadableError: It cannot be read as parquet.
    """
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            schema, footer = file.schema_arrow, file.metadata
            twice = next((name for name in schema.names if schema.names.count(name) > 1), None)
            if twice is not None:
                raise UnreadableError(f"two columns are called {twice}")
            wanted = [field.name for field in schema if holds_numbers(field.type)]
            table = file.read(columns=wanted, use_threads=False)
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError) as e:
        raise UnreadableError(str(e).splitlines()[0] if str(e) else type(e).__name__) from e
    columns, odd = {}, {}
    for name in wanted:
        try:
            columns[name] = to_array(table.column(name))
        except ValueError as e:
            odd[name] = str(e)
    for name, feature in features.items():
        if name not in schema.names and not feature.is_video:
            odd[name] = "absent"
    return Episode(
        index, path, path.relative_to(root).as_posix(), features, fps, footer.num_rows, schema, columns, odd, footer
    )


def holds_numbers(kind: pa.DataType) -> bool:
    """Whether a column's values are numbers, or lists of them, however deep."""
    while pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_large_list(kind):
        kind = kind.value_type
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)


def holds_bytes(kind: pa.DataType) -> bool:
    """Whether a column's cells can be images: structs with a field of bytes."""
    return pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0 and is_bytes(kind.field("bytes").type)


def is_bytes(kind: pa.DataType) -> bool:
    """Whether values are bytes, however they are laid out in memory."""
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind)


def is_text(kind: pa.DataType) -> bool:
    """Whether values are text, however it is laid out in memory."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def to_array(column: pa.ChunkedArray) -> np.ndarray:
    """A column of numbers, or of lists of them, as [T] or [T, D…].

    Raises:
        ValueError: It has nulls, or lists of several lengths; the text says which and in which frame.
    """
    if column.num_chunks == 1:
        array = column.chunk(0)
    else:
        array = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    shape = [len(array)]
    while isinstance(array, pa.ListArray | pa.LargeListArray | pa.FixedSizeListArray):
        if array.null_count:
            raise ValueError(f"null in frame {_first_null(array) // max(1, int(np.prod(shape[1:])))}")
        if isinstance(array, pa.FixedSizeListArray):
            size = array.type.list_size
            begin = array.offset * size
        else:
            offsets = array.offsets.to_numpy()
            lengths = np.diff(offsets)
            size = int(lengths[0]) if len(lengths) else 0
            begin = int(offsets[0]) if len(lengths) else 0
            if (lengths != size).any():
                at = int(np.flatnonzero(lengths != size)[0])
                raise ValueError(
                    f"{lengths[at]} values in frame {at // max(1, int(np.prod(shape[1:])))}, {size} in the first"
                )
        shape.append(size)
        # As flatten(), which would load all of pyarrow.compute, a tenth of a second.
        array = array.values.slice(begin, len(array) * size)
    if array.null_count:
        raise ValueError(f"null in frame {_first_null(array) // max(1, int(np.prod(shape[1:])))}")
    return array.to_numpy(zero_copy_only=False).reshape(shape)


def image_cells(path: pathlib.Path, cameras: list[str]) -> Iterator[tuple[int, dict[str, pa.Array]]]:
    """The image columns of a file, one row group at a time.

    Args:
        path: The file.
        cameras: Which columns.

    Yields:
        The number of the group's first frame, and each camera's cells: struct arrays of `bytes` and `path`.

    Raises:
        UnreadableError: A page does not decode.
    """
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            first = 0
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=cameras, use_threads=False)
                yield first, {name: _one_chunk(table.column(name)) for name in cameras}
                first += table.num_rows
    except (pa.ArrowException, OSError) as e:
        raise UnreadableError(str(e).splitlines()[0]) from e


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)


def _first_null(array: pa.Array) -> int:
    return int(np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False))[0])
