"""Asks whether LeRobot can make a tensor, a text or an image of whatever each column holds."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.episode import Episode
from tools.dataset.episode import holds_numbers
from tools.dataset.episode import is_text
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding
from tools.dataset.motion import ACTIONS
from tools.dataset.motion import STATES
from tools.dataset.plain import just

SENTENCE = (
    "Every column, declared or not, holds text, numbers that fit 64 bits, lists of as many numbers each, or images."
)
SEVERITY = "error"
# torch.tensor takes whole numbers as signed ones.
_LEAST_TOO_LARGE = 2**63


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Names the first frame of each column that LeRobot stops at; what other checks tell is left to them."""
    for field in episode.schema:
        kind = field.type
        if holds_numbers(kind):
            found = _of_numbers(episode, field.name, kind)
        elif is_text(kind) or pa.types.is_struct(kind) or pa.types.is_null(kind) or _is_told(episode, field.name):
            continue  # camera-columns tells of structs
        else:
            found = _of_others(episode, field.name, kind)
        if found is not None:
            frame, what = found
            out = f"take it out with {just('edit-dataset drop', 'PATH', field.name)}"
            out = "write it again as plain numbers" if field.name in (*INDEX_FEATURES, *STATES, *ACTIONS) else out
            yield Finding(
                expected="text, numbers up to 64 bits with a sign, lists of as many numbers each, or an image",
                found=what,
                hint="LeRobot makes a tensor of every column of an item, whether info.json declares it or not, and stops "
                f"here: {out}",
                file=episode.name,
                episode=episode.index,
                frame=frame,
                column=field.name,
            )


def _is_told(episode: Episode, name: str) -> bool:
    """Whether column-kinds or camera-columns tells of a column that holds neither numbers nor text."""
    feature = episode.features.get(name)
    return feature is not None and (feature.is_numeric or feature.dtype == "string" or feature.is_image)


def _of_numbers(episode: Episode, name: str, kind: pa.DataType) -> tuple[int, str] | None:
    values = episode.columns.get(name)
    if values is not None:
        if values.dtype != np.uint64 or not values.size or values.max() < _LEAST_TOO_LARGE:
            return None
        frame = int((values.reshape(len(values), -1) >= _LEAST_TOO_LARGE).any(axis=1).argmax())
        return frame, f"{kind}: {values[frame].max()}"
    why = episode.odd.get(name, "null")
    feature = episode.features.get(name)
    if why.startswith("null") or (feature is not None and feature.is_numeric):
        return None  # no-nulls and column-shapes tell of these
    return _first_refused(episode, name, kind) if _depth(kind) > 1 or _leaf(kind) == pa.uint64() else None


def _of_others(episode: Episode, name: str, kind: pa.DataType) -> tuple[int | None, str] | None:
    if pa.types.is_map(kind):
        return None, f"{kind}, which `datasets` has no word for"
    if pa.types.is_dictionary(kind) and (is_text(kind.value_type) or holds_numbers(kind.value_type)):
        return None
    return _first_refused(episode, name, kind)


def _first_refused(episode: Episode, name: str, kind: pa.DataType) -> tuple[int, str] | None:
    """The first frame whose cell is none that a tensor can be made of; only columns of rare types are asked so."""
    frame = 0
    with pq.ParquetFile(episode.path, memory_map=True) as file:
        for group in range(file.num_row_groups):
            for cell in file.read_row_group(group, columns=[name], use_threads=False).column(name).to_pylist():
                if cell is not None and not isinstance(cell, str) and _shape(cell) is None:
                    return frame, f"{kind}: {str(cell)[:60]}"
                frame += 1
    return None


def _shape(cell: Any) -> tuple[int, ...] | None:
    """The shape of a number or of lists of as many numbers each; None where it is something else."""
    if isinstance(cell, bool | float) or (isinstance(cell, int) and cell < _LEAST_TOO_LARGE):
        return ()
    if not isinstance(cell, list):
        return None
    shapes = {_shape(one) for one in cell} or {()}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(cell), *inner)


def _leaf(kind: pa.DataType) -> pa.DataType:
    return _leaf(kind.value_type) if _is_list(kind) else kind


def _depth(kind: pa.DataType) -> int:
    return 1 + _depth(kind.value_type) if _is_list(kind) else 0


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind) or pa.types.is_large_list(kind)
