"""Asks whether every data file has the columns of the first."""

from collections.abc import Iterator

import pyarrow as pa

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.episode import holds_bytes
from tools.dataset.episode import holds_numbers
from tools.dataset.episode import is_bytes
from tools.dataset.finding import Finding

SENTENCE = "No data file has a column that the first has not, or one of another kind."
SEVERITY = "error"
_IMAGES, _BYTES = "images", "bytes"
# Where the first file says that a column is images, LeRobot takes the bytes alone for those of images too.
_BYTES_TAKEN_FOR_IMAGES = (_IMAGES, _BYTES)


def gist(episode: Episode) -> dict:
    """What kind of thing each column holds."""
    return {"kinds": {field.name: _kind(field.type) for field in episode.schema}}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Compares each with the first by name, from which LeRobot takes the columns."""
    order = sorted(gists, key=lambda index: dataset.name_of(dataset.episode_files[index]))
    first = gists[order[0]]["kinds"] if order else {}
    for index in order[1:]:
        if gists[index]["kinds"] == first:
            continue
        for column, kind in gists[index]["kinds"].items():
            if first.get(column) != kind and (first.get(column), kind) != _BYTES_TAKEN_FOR_IMAGES:
                yield Finding(
                    expected=f"{first[column]}, as in the first file"
                    if column in first
                    else "no such column, as in the first file",
                    found=kind,
                    hint="LeRobot reads all files as one table with the first one's columns, and stops at this one",
                    file=dataset.name_of(dataset.episode_files[index]),
                    episode=index,
                    column=column,
                )


def _kind(kind: pa.DataType) -> str:
    if holds_numbers(kind):
        return "numbers"
    if holds_bytes(kind):
        return _IMAGES
    return _BYTES if is_bytes(kind) else str(kind)
