"""Reads what a LeRobot v3.0 dataset says of itself: episodes that share files, and meta in parquet.

The layout as LeRobot 0.4.4 writes it: data/chunk-000/file-000.parquet holds the rows of many episodes, each camera's
videos/<camera>/chunk-000/file-000.mp4 the frames of many, from one timestamp to another; meta/episodes/*/*.parquet has a row
an episode that says where its video is, meta/tasks.parquet the tasks.
"""

from collections.abc import Iterator
import dataclasses
import pathlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.convert.plan import Clip
from tools.dataset.convert.plan import Plan
from tools.dataset.convert.plan import Source
from tools.dataset.convert.plan import info_v21
from tools.dataset.features import features_of
from tools.refusal import Refused

VERSION = "v3.0"
# What times of a long file are off by, being sums of float64.
_ROUNDING_S = 1e-4
_VIDEO_PATH = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"


def read_v30(root: pathlib.Path, info: dict[str, Any]) -> Plan:
    """Reads the meta files, and of the data which rows are whose.

    Args:
        root: The dataset's folder.
        info: Its meta/info.json, in which `features`, `fps` and `chunks_size` are well formed.

    Raises:
        Refused: A file is missing or cannot be read, or two of them contradict each other.
    """
    features = features_of(info)
    cameras = tuple(feature.name for feature in features.values() if feature.is_video)
    tasks = _tasks(root)
    told = _episodes(root, info)
    rows = _rows(root, told)
    episodes, first = [], 0
    for index, one in enumerate(told):
        path, first_row, count = rows[index]
        clips = {camera: _clip(root, info, one, camera) for camera in cameras}
        episodes.append(Source(index, count, first, path, first_row, clips))
        first += count
    _refuse_overlaps(root, episodes, info["fps"])
    after = {
        name: dataclasses.replace(one, dtype="image" if one.is_video else one.dtype) for name, one in features.items()
    }
    left = ["quantiles (q01, q10, q50, q90, q99): LeRobot v2.1 has none"]
    if (root / "meta" / "subtasks.parquet").exists():
        left.append("meta/subtasks.parquet")
    return Plan(
        root,
        VERSION,
        info_v21(info, after.values(), episodes, tasks),
        after,
        cameras,
        tasks,
        tuple(episodes),
        tuple(left),
    )


def _tasks(root: pathlib.Path) -> dict[int, str]:
    path = root / "meta" / "tasks.parquet"
    table = _read(root, path)
    # The text was the index of a data frame: its name depends on who wrote it.
    texts = [f.name for f in table.schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]
    if "task_index" not in table.column_names or len(texts) != 1:
        raise _wrong(root, path, "task_index and a column of text", ", ".join(table.column_names))
    indices, names = table.column("task_index").to_pylist(), table.column(texts[0]).to_pylist()
    whole = all(type(index) is int for index in indices) and None not in names
    if not whole or len(set(indices)) < len(indices):
        raise _wrong(root, path, "each task_index once, with its text", f"{indices}: {names}")
    return dict(zip(indices, names, strict=True))


def _episodes(root: pathlib.Path, info: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of meta/episodes, in the order of the episodes, without their statistics."""
    folder = root / "meta" / "episodes"
    rows = []
    for path in sorted(folder.glob("*/*.parquet")):
        names = [name for name in _schema(root, path).names if not name.startswith("stats/")]
        rows += _read(root, path, names).to_pylist()
    there = [row.get("episode_index") for row in rows]
    total = info.get("total_episodes")
    whole = all(type(index) is int for index in there) and type(total) is int
    if not rows or not whole or sorted(there) != list(range(len(rows))) or len(rows) != total:
        raise _wrong(
            root, folder, f"a row for each of the {total} episodes that meta/info.json counts", _numbers(there, total)
        )
    return sorted(rows, key=lambda row: row["episode_index"])


def _rows(root: pathlib.Path, told: list[dict[str, Any]]) -> dict[int, tuple[pathlib.Path, int, int]]:
    """Where each episode's rows are: file, first row, how many; by what the rows themselves say."""
    found: dict[int, tuple[pathlib.Path, int, int]] = {}
    for path in sorted((root / "data").glob("*/*.parquet")):
        for index, first, count in _runs(root, path):
            if index in found:
                raise _wrong(root, path, f"the rows of episode {index} in one place", "some here and some elsewhere")
            found[index] = (path, first, count)
    for index, one in enumerate(told):
        if index not in found:
            numbers = [one.get(f"data/{key}_index") for key in ("chunk", "file")]
            shard = root / "data"
            if all(type(number) is int for number in numbers):
                shard /= "chunk-{:03d}/file-{:03d}.parquet".format(*numbers)
            what = "no row of it" if shard.exists() else "no such file"
            raise _wrong(root, shard, f"the {one.get('length')} rows of episode {index}", what)
        if found[index][2] != one.get("length"):
            path, _, count = found[index]
            raise _wrong(root, path, f"{one.get('length')} rows of episode {index}, as meta/episodes says", f"{count}")
    if unknown := sorted(found.keys() - set(range(len(told)))):
        raise _wrong(
            root, found[unknown[0]][0], "rows of the episodes of meta/episodes only", f"episode {unknown[0]} too"
        )
    return found


def _runs(root: pathlib.Path, path: pathlib.Path) -> Iterator[tuple[int, int, int]]:
    """Of a data file: episode, its first row, how many in a row."""
    if "episode_index" not in _schema(root, path).names:
        raise _wrong(root, path, "a column episode_index", ", ".join(_schema(root, path).names))
    column = _read(root, path, ["episode_index"]).column(0)
    if column.null_count or not pa.types.is_integer(column.type):
        raise _wrong(root, path, "whole numbers in episode_index", f"{column.type}, {column.null_count} nulls")
    values = column.to_numpy()
    if not len(values):
        return
    starts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
    for first, end in zip(starts, [*starts[1:], len(values)], strict=True):
        yield int(values[first]), int(first), int(end - first)


def _clip(root: pathlib.Path, info: dict[str, Any], one: dict[str, Any], camera: str) -> Clip:
    keys = [f"videos/{camera}/{key}" for key in ("chunk_index", "file_index", "from_timestamp", "to_timestamp")]
    chunk, file, begin, end = (one.get(key) for key in keys)
    for key, value in zip(keys, (chunk, file, begin, end), strict=True):
        if not isinstance(value, int | float) or not np.isfinite(value):
            raise _wrong(
                root, root / "meta" / "episodes", f"a number {key} for episode {one['episode_index']}", f"{value!r}"
            )
    template = info.get("video_path") or _VIDEO_PATH
    try:
        path = root / template.format(video_key=camera, chunk_index=int(chunk), file_index=int(file))
    except (KeyError, ValueError, IndexError, AttributeError, TypeError, OverflowError, MemoryError) as e:
        where = root / "meta" / "info.json"
        raise _wrong(root, where, f"video_path such as {_VIDEO_PATH}", f"{template!r}: {e!r}") from e
    if not path.is_file():
        raise _wrong(root, path, f"the video of {camera} in episode {one['episode_index']}", "no such file")
    return Clip(path, float(begin), float(end))


def _refuse_overlaps(root: pathlib.Path, episodes: list[Source], fps: float) -> None:
    """Says no where two episodes claim the same frames of a video: one of them would show what the other did."""
    last: dict[pathlib.Path, tuple[Clip, int]] = {}
    stretches = [(clip.begin_s, one.index, clip) for one in episodes for clip in one.clips.values()]
    for begin_s, index, clip in sorted(stretches, key=lambda stretch: stretch[:2]):
        before, whose = last.get(clip.path, (None, -1))
        if before is not None and begin_s < before.end_s - 0.5 / fps - _ROUNDING_S:
            stretch = f"from {before.begin_s:.4f} to {before.end_s:.4f} s are those of episode {whose}"
            found = f"its stretch begins at {begin_s:.4f} s, and the frames {stretch}"
            raise _wrong(root, clip.path, f"frames of episode {index} that are its own", found)
        if before is None or clip.end_s > before.end_s:
            last[clip.path] = (clip, index)


def _schema(root: pathlib.Path, path: pathlib.Path) -> pa.Schema:
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as e:
        raise _wrong(root, path, "a parquet file", str(e).splitlines()[0]) from e


def _read(root: pathlib.Path, path: pathlib.Path, columns: list[str] | None = None) -> pa.Table:
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            return file.read(columns)
    except FileNotFoundError as e:
        raise _wrong(root, path, "a parquet file", "no such file") from e
    except (pa.ArrowException, OSError) as e:
        raise _wrong(root, path, "a parquet file", str(e).splitlines()[0]) from e


def _numbers(there: list[Any], total: Any) -> str:
    known = {index for index in there if type(index) is int}
    # No more are asked than there are rows: the total may be anything.
    missing = next((index for index in range(total) if index not in known), None) if type(total) is int else None
    said = f"{len(there)} rows"
    return said + (f", none for episode {missing}" if missing is not None else "")


def _wrong(root: pathlib.Path, path: pathlib.Path, expected: str, found: str) -> Refused:
    where = path.relative_to(root).as_posix() if path.is_relative_to(root) else path
    return Refused(
        f"{root}: {where}",
        expected=expected,
        found=found,
        todo="fetch or copy the dataset again, whole; a recording that was broken off, end with lerobot's finalize()",
    )
