"""Writes one episode of a v2.1 dataset: its rows out of a file that may hold many, its videos as JPEG."""

from collections.abc import Iterator, MutableSequence
import contextlib
import itertools
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.convert.clip_frames import jpegs_of
from tools.dataset.convert.clip_frames import keep_video
from tools.dataset.convert.plan import Source
from tools.dataset.convert.shard_rows import ShardError
from tools.dataset.convert.shard_rows import as_feature
from tools.dataset.convert.shard_rows import rows_of
from tools.dataset.convert.target import Converted
from tools.dataset.convert.target import Target
from tools.dataset.convert.target import places
from tools.dataset.episode import image_cells
from tools.dataset.episode import to_array
from tools.dataset.features import schema_of
from tools.dataset.statistics import episode_stats
from tools.refusal import Refused

# Frames in a row group of what is written: the encoded images of so many are in memory at once.
_ROWS = 100


def convert_episode(source: Source, target: Target, counted: MutableSequence[int]) -> Converted:
    """Writes an episode's parquet file, and copies its videos where they stay videos.

    In memory are a row group of the source, the numbers of the episode, and of the images a row group as JPEG.

    Args:
        source: The episode.
        target: The new dataset, in which the folders of `places` are there.
        counted: Where it counts, at its own number, the frames that are done.

    Raises:
        Refused: The rows or the videos are not what the meta files say; the message says where.
    """
    try:
        columns = _numbers(source, target)
        times = columns["timestamp"].astype(np.float64)
        path = places(source.index, target)[0]
        for rows in _write(path, source, target, times):
            counted[source.index] = rows
        cameras = [feature.name for feature in target.features.values() if feature.is_image]
        numbers = {name: values for name, values in columns.items() if target.features[name].has_statistics}
        stats = episode_stats(numbers, image_cells(path, cameras), source.rows)
        for feature in target.features.values():
            if feature.is_video:
                stats[feature.name] = keep_video(source, target, feature, times)
    except ValueError as e:  # UnreadableError cannot be: the file is ours
        raise refused(source, "images that decode", str(e)) from e
    except ShardError as e:
        raise refused(source, e.expected, e.found) from e
    return Converted(source.index, source.rows, tuple(dict.fromkeys(columns["task_index"].tolist())), stats)


def refused(source: Source, expected: str, found: str) -> Refused:
    """A refusal that names the episode and its file."""
    where = f"episode {source.index}, {source.path}"
    todo = "fetch or copy that file again; if it was so from the start, the episode cannot be converted"
    return Refused(where, expected=expected, found=found, todo=todo)


def _numbers(source: Source, target: Target) -> dict[str, np.ndarray]:
    """The episode's columns of numbers; what numbers it is held against what it should be."""
    features = [feature for feature in target.features.values() if feature.is_numeric]
    parts = [
        {feature.name: as_feature(table, feature) for feature in features}
        for table in rows_of(source, [feature.name for feature in features])
    ]
    columns = {}
    for feature in features:
        try:
            columns[feature.name] = to_array(pa.chunked_array([c for part in parts for c in part[feature.name].chunks]))
        except ValueError as e:
            raise ShardError(f"{feature.name} of one length and without nulls", str(e)) from e
    rows = np.arange(source.rows)
    for name, wanted in (
        ("episode_index", np.full(source.rows, source.index)),
        ("frame_index", rows),
        ("index", source.first_index + rows),
    ):
        values = columns.get(name)
        if values is None or values.shape != wanted.shape:
            raise ShardError(
                f"a column {name} of {source.rows} numbers", "none" if values is None else f"{values.shape}"
            )
        if (values != wanted).any():
            at = int(np.flatnonzero(values != wanted)[0])
            raise ShardError(f"{name} {wanted[at]} in frame {at}", f"{values[at]}")
    if unknown := set(columns["task_index"].tolist()) - target.tasks:
        raise ShardError("a task_index that meta/tasks knows", str(min(unknown)))
    times = columns["timestamp"]
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise ShardError("a timestamp that rises from frame to frame", str(times.tolist())[:200])
    return columns


def _write(path: pathlib.Path, source: Source, target: Target, times: np.ndarray) -> Iterator[int]:
    """Writes a data file, and gives how many rows there are, again and again."""
    features = [feature for feature in target.features.values() if not feature.is_video]
    schema = schema_of(features)
    numbers = [
        f.name if f.shape == (1,) else f"{f.name}{'.list.element' * len(f.shape)}" for f in features if f.is_numeric
    ]
    # Images do not get smaller, and a dictionary of them would be hashed for nothing.
    codecs = {f"{f.name}.bytes": "NONE" for f in features if f.is_image} | dict.fromkeys(numbers, "SNAPPY")
    stored = [feature.name for feature in features if feature.name not in target.decoded]
    with contextlib.ExitStack() as open_files:
        videos = {name: jpegs_of(source, target, target.features[name], times) for name in target.decoded}
        for video in videos.values():
            open_files.callback(video.close)
        options = {"compression": codecs, "use_dictionary": numbers, "write_statistics": numbers}
        writer = open_files.enter_context(pq.ParquetWriter(path, schema, **options))
        first = 0
        for table in rows_of(source, stored, _ROWS):
            frames = range(first, first + table.num_rows)
            arrays = [
                _cells(videos[feature.name], frames) if feature.name in videos else as_feature(table, feature)
                for feature in features
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=_ROWS)
            first = frames.stop
            yield first


def _cells(images: Iterator[bytes], frames: range) -> pa.StructArray:
    data = list(itertools.islice(images, len(frames)))
    return pa.StructArray.from_arrays(
        [pa.array(data, pa.binary()), pa.array([f"frame_{frame:06d}.jpg" for frame in frames])], ["bytes", "path"]
    )
