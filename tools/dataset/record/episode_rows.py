"""What a journal's frames become in the parquet: their columns, in groups of rows that a reader can hold in memory."""

from collections.abc import Iterator
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.durable import flush
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature
from tools.dataset.features import arrow_type
from tools.dataset.features import schema_of
from tools.dataset.record.append_journal import Journal
from tools.dataset.record.appendable import Appendable
from tools.dataset.robot_features import ACTION
from tools.dataset.robot_features import STATE

# Frames in a row group, which is what a reader has in memory at once: some megabytes.
ROWS = 100


def gathered(dataset: Appendable, journal: Journal) -> tuple[list[str], dict[str, np.ndarray]]:
    """Each frame's task, and its numbers by feature, [T] or [T, D...]; a missing action follows from the states."""
    numeric = {name: feature for name, feature in dataset.about.given.items() if feature.is_numeric}
    tasks, values = [], {name: [] for name in numeric}
    for frame in range(len(journal)):
        about, blobs = journal[frame]
        tasks.append(about["task"])
        for name in numeric.keys() & blobs.keys():
            values[name].append(blobs[name])
    columns = {}
    for name, feature in numeric.items():
        if values[name]:
            shape = () if feature.shape == (1,) else feature.shape
            columns[name] = np.frombuffer(b"".join(values[name]), feature.dtype).reshape(len(journal), *shape)
    if ACTION in numeric and ACTION not in columns:
        state = columns[STATE]
        columns[ACTION] = np.concatenate([state[1:], state[-1:]])
    return tasks, columns


def index_columns(dataset: Appendable, tasks: list[int]) -> dict[str, np.ndarray]:
    frame = np.arange(len(tasks))
    columns = {
        "timestamp": frame / dataset.about.fps,
        "frame_index": frame,
        "episode_index": np.full(len(tasks), dataset.total),
        "index": dataset.frames + frame,
        "task_index": np.array(tasks),
    }
    return {name: columns[name].astype(dtype) for name, dtype in INDEX_FEATURES.items()}


def row_groups(dataset: Appendable, journal: Journal, columns: dict[str, np.ndarray]) -> Iterator[pa.Table]:
    schema = schema_of(dataset.about.features.values())
    for first in range(0, len(journal), ROWS):
        frames = range(first, min(first + ROWS, len(journal)))
        values = [journal[frame][1] for frame in frames]
        arrays = []
        for name, feature in dataset.about.features.items():
            if feature.is_image:
                cells = [
                    {"bytes": v[name], "path": f"frame_{frame:06d}.jpg"}
                    for frame, v in zip(frames, values, strict=True)
                ]
                arrays.append(pa.array(cells, arrow_type(feature)))
            elif feature.dtype == "string":
                arrays.append(pa.array([v[name].decode() for v in values], pa.string()))
            else:
                arrays.append(_nested(columns[name][frames.start : frames.stop], arrow_type(feature)))
        yield pa.Table.from_arrays(arrays, schema=schema)


def _nested(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    if values.ndim == 1:
        return pa.array(values, kind)
    if values.ndim == 2:  # without a Python object for each number
        return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1]).cast(kind)
    return pa.array(values.tolist(), kind)


def _leaves(feature: Feature) -> list[str]:
    """The parquet columns that a feature becomes."""
    if feature.is_image:
        return [f"{feature.name}.bytes", f"{feature.name}.path"]
    return [feature.name + ("" if feature.shape == (1,) else ".list.element" * len(feature.shape))]


def write_parquet(path: pathlib.Path, dataset: Appendable, journal: Journal, columns: dict[str, np.ndarray]) -> None:
    features = dataset.about.features.values()
    numbers = [leaf for feature in features for leaf in _leaves(feature) if feature.is_numeric]
    # A JPEG does not get smaller, and a dictionary of images would be hashed for nothing.
    others = [leaf for feature in features for leaf in _leaves(feature) if not leaf.endswith(".bytes")]
    compression = dict.fromkeys(others, "snappy")
    with pq.ParquetWriter(path, schema_of(features), use_dictionary=numbers, compression=compression) as writer:
        for group in row_groups(dataset, journal, columns):
            writer.write_table(group, row_group_size=ROWS)
    flush(path)
