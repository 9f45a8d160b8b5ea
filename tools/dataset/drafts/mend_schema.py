"""Makes the columns of a draft of the types that LeRobot reads, and its schema metadata say so."""

from collections.abc import Callable
import functools
import json

import pyarrow as pa

from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.rewrite import with_metadata
from tools.dataset.drafts.steps import without_images
from tools.dataset.episode import holds_bytes
from tools.dataset.episode import is_bytes
from tools.dataset.episode import is_text
from tools.dataset.features import IMAGE_TYPE
from tools.dataset.features import Feature
from tools.dataset.schema_faults import camera_faults
from tools.dataset.schema_faults import metadata_fault


def mend_schema(draft: Draft) -> None:
    """Has every data file be one that could be read first: cameras, large types, and metadata about all columns."""
    draft.steps.append(functools.partial(_mended, features=draft.features()))


def can_be_camera(kind: pa.DataType) -> bool:
    """Whether a column of this type holds encoded images, in whatever way they are wrapped."""
    if pa.types.is_struct(kind):
        return holds_bytes(kind)
    return is_bytes(kind)


@without_images
def _mended(table: pa.Table, episode: int, first: int, *, features: dict[str, Feature]) -> pa.Table:
    for name in table.column_names:
        feature = features.get(name)
        kind = table.schema.field(name).type
        if can_be_camera(kind) and (pa.types.is_struct(kind) or (feature is not None and feature.is_image)):
            table = _changed(table, name, IMAGE_TYPE, _as_cell)
        elif (small := _small(kind)) != kind:
            table = _changed(table, name, small, lambda chunk, small=small: chunk.cast(small))
    schema = table.schema
    if metadata_fault(schema) or camera_faults(schema, features) or _told(schema) != set(schema.names):
        # Marked as changed even where the same words come of it: rewriting leaves alone what it is not given.
        return table.replace_schema_metadata(with_metadata(schema, features).metadata)
    return table


def _told(schema: pa.Schema) -> set[str]:
    return set(json.loads(schema.metadata[b"huggingface"])["info"]["features"])


def _changed(table: pa.Table, name: str, kind: pa.DataType, change: Callable[[pa.Array], pa.Array]) -> pa.Table:
    """A table with one column's chunks changed, and nullable."""
    at = table.schema.get_field_index(name)
    field = pa.field(name, kind)
    if table.schema.field(at).equals(field):
        return table
    return table.set_column(at, field, pa.chunked_array([change(chunk) for chunk in table.column(at).chunks], kind))


def _as_cell(chunk: pa.Array) -> pa.Array:
    """Cells of bytes and path, with nothing else and in this order; the bytes are what they are."""
    if not pa.types.is_struct(chunk.type):
        children = [chunk.cast(pa.binary()), pa.nulls(len(chunk), pa.string())]
        return pa.StructArray.from_arrays(children, fields=list(IMAGE_TYPE))
    there = [chunk.type.field(i).name for i in range(chunk.type.num_fields)]
    path = chunk.field("path") if "path" in there else pa.nulls(len(chunk))
    text = (
        path.cast(pa.string())
        if is_text(path.type) or pa.types.is_null(path.type)
        else pa.nulls(len(chunk), pa.string())
    )
    mask = chunk.is_null() if chunk.null_count else None
    return pa.StructArray.from_arrays(
        [chunk.field("bytes").cast(pa.binary()), text], fields=list(IMAGE_TYPE), mask=mask
    )


def _small(kind: pa.DataType) -> pa.DataType:
    """The same type without the 64-bit offsets and the views that `datasets` has no word for."""
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if any(one(kind) for one in (pa.types.is_large_list, pa.types.is_list, pa.types.is_list_view)):
        return pa.list_(_small(kind.value_type))
    return kind
