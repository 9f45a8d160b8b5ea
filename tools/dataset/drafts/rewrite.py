"""Writes one episode's parquet file again with its rows changed and its images as the bytes they are."""

from collections.abc import Iterable, Iterator
import json
import pathlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.drafts.new_footer import write_with_metadata
from tools.dataset.drafts.steps import Step
from tools.dataset.drafts.steps import through_steps
from tools.dataset.episode import holds_numbers
from tools.dataset.episode import to_array
from tools.dataset.features import IMAGE_TYPE
from tools.dataset.features import Feature
from tools.dataset.features import arrow_type
from tools.dataset.features import hf_feature
from tools.dataset.schema_faults import unknown_word

# The words of `datasets` for types that Arrow prints otherwise.
_SHORT = {
    "float": "float32", "double": "float64", "halffloat": "float16", "date32[day]": "date32", "date64[ms]": "date64",
}  # fmt: skip


class CannotRewriteError(Exception):
    """The file cannot be read, or what should be done cannot be done on what is in it; the text says why."""


def rewrite(
    path: pathlib.Path, target: pathlib.Path, episode: int, steps: list[Step], features: dict[str, Feature]
) -> dict[str, np.ndarray] | None:
    """Writes a data file again, where its steps change anything; row groups and compression stay as they are.

    Steps that never look into images are asked first without reading any, so that a file in which they change nothing
    costs no more than reading its columns of numbers. Where they change the schema's metadata alone, the pages are copied.

    Args:
        path: The file.
        target: Where to write; its folder exists.
        episode: Which episode it becomes.
        steps: What is done to each row group.
        features: What the schema metadata is to say of the columns.

    Returns:
        The columns of numbers that have changed, whole, [T] or [T, D…]; None where nothing at all changes, and nothing
        was written then.

    Raises:
        CannotRewriteError: See there; nothing was written.
        OSError: The disk is full or not writable.
    """
    if not steps:
        return None
    try:
        if all(looks_away(step) for step in steps):
            asked = list(_without_reading_images(path, episode, steps))
            if not any(_differ(before, after) for before, after in asked):
                return None
            if all(_is_the_same_data(before, after) for before, after in asked):
                schema = asked[0][1].schema
                if write_with_metadata(path, target, schema):
                    return {}
        return _write(path, target, episode, steps, features)
    except (pa.ArrowException, ValueError, OSError) as e:
        target.unlink(missing_ok=True)
        if isinstance(e, OSError) and e.errno is not None:  # of the disk; a corrupt page has no number
            raise
        raise CannotRewriteError(str(e).splitlines()[0] if str(e) else type(e).__name__) from e


def looks_away(step: Step) -> bool:
    """Whether a step is marked as one that never looks into the cells of images."""
    return getattr(getattr(step, "func", step), "without_images", False)


def with_metadata(schema: pa.Schema, features: dict[str, Feature]) -> pa.Schema:
    """A schema whose `huggingface` metadata says of each column what it is; other metadata stays.

    A column whose type is not the one that its feature asks for is told of as the type that it has, and not at all where
    `datasets` 3 has no word for that: it then asks the column itself.
    """
    told = {
        field.name: hf_feature(features[field.name])
        if field.name in features and arrow_type(features[field.name]) == field.type
        else hf_feature_of_type(field.type)
        for field in schema
    }
    told = {name: one for name, one in told.items() if unknown_word(one) is None}
    entry = json.dumps({"info": {"features": told}}).encode()
    return schema.with_metadata({**(schema.metadata or {}), b"huggingface": entry})


def hf_feature_of_type(kind: pa.DataType) -> dict[str, Any]:
    """The entry of a column of which only its type is known."""
    if kind == IMAGE_TYPE:
        return {"_type": "Image"}
    if pa.types.is_fixed_size_list(kind):
        return {"feature": hf_feature_of_type(kind.value_type), "length": kind.list_size, "_type": "Sequence"}
    if pa.types.is_list(kind):
        return {"feature": hf_feature_of_type(kind.value_type), "length": -1, "_type": "Sequence"}
    if pa.types.is_struct(kind):
        return {kind.field(i).name: hf_feature_of_type(kind.field(i).type) for i in range(kind.num_fields)}
    return {"dtype": _SHORT.get(str(kind), str(kind)), "_type": "Value"}


def _write(
    path: pathlib.Path, target: pathlib.Path, episode: int, steps: list[Step], features: dict[str, Feature]
) -> dict[str, np.ndarray] | None:
    writer, changed, differs = None, {}, False
    try:
        for before, after in through_steps(path, episode, steps):
            differs = differs or _differ(before, after)
            if writer is None:
                # What the metadata says of the columns stays while the columns do, so that files remain alike.
                schema = after.schema if _fits(before, after) else with_metadata(after.schema, features)
                writer = pq.ParquetWriter(target, schema, **_options(path, schema))
                numbers = [field.name for field in schema if holds_numbers(field.type)]
                kept = {name: [] for name in numbers}
            writer.write_table(after.cast(schema), row_group_size=max(1, after.num_rows))
            for name in numbers:
                kept[name].append(after.column(name))
                if name not in before.column_names or not before.column(name).equals(after.column(name)):
                    changed[name] = True
    finally:
        if writer is not None:
            writer.close()
    if not differs:
        target.unlink(missing_ok=True)
        return None
    columns = {}
    for name in changed:
        whole = pa.chunked_array([chunk for column in kept[name] for chunk in column.chunks])
        columns[name] = to_array(whole)
    return columns


def _without_reading_images(path: pathlib.Path, episode: int, steps: list[Step]) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The row groups before and after the steps, with null in all cells that are no numbers: only those are read."""
    with pq.ParquetFile(path, memory_map=True) as file:
        schema = file.schema_arrow
        if len(set(schema.names)) < len(schema.names):
            raise ValueError("two columns of one name")
        names = [field.name for field in schema if holds_numbers(field.type)]
        first = 0
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            numbers = file.read_row_group(group, columns=names, use_threads=False)
            columns = [
                numbers.column(field.name) if holds_numbers(field.type) else pa.nulls(rows, field.type)
                for field in schema
            ]
            before = after = pa.Table.from_arrays(columns, schema=schema)
            for step in steps:
                after = step(after, episode, first)
            yield before, after
            first += rows


def _differ(before: pa.Table, after: pa.Table) -> bool:
    return after is not before and not after.equals(before, check_metadata=True)


def _is_the_same_data(before: pa.Table, after: pa.Table) -> bool:
    return after.equals(before) and after.schema.equals(before.schema)


def _fits(before: pa.Table, after: pa.Table) -> bool:
    """Does the metadata say of the columns what is so, as far as it did before, or was it changed on purpose?"""
    was, now = ((one.schema.metadata or {}).get(b"huggingface") for one in (before, after))
    if now is None or after.schema.equals(before.schema):
        return True
    return now != was and set(json.loads(now)["info"]["features"]) == set(after.column_names)


def _options(path: pathlib.Path, schema: pa.Schema) -> dict:
    """How to write: compressed as before, and nothing that would put whole images into dictionaries and the footer."""
    leaves = [leaf for field in schema for leaf in _leaves(field.name, field.type)]
    plain = [leaf for leaf, kind in leaves if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind))]
    footer = pq.read_metadata(path)
    group = footer.row_group(0)
    was = {group.column(i).path_in_schema: group.column(i).compression for i in range(footer.num_columns)}
    codecs = {leaf: "NONE" if was.get(leaf) == "UNCOMPRESSED" else was.get(leaf, "SNAPPY") for leaf, _ in leaves}
    return {"compression": codecs, "use_dictionary": plain or False, "write_statistics": plain or False}


def _leaves(name: str, kind: pa.DataType) -> Iterator[tuple[str, pa.DataType]]:
    """The columns that parquet makes of one of Arrow's, by its own names."""
    if pa.types.is_struct(kind):
        children: Iterable[pa.Field] = (kind.field(i) for i in range(kind.num_fields))
        for child in children:
            yield from _leaves(f"{name}.{child.name}", child.type)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _leaves(f"{name}.list.element", kind.value_type)
    else:
        yield name, kind
