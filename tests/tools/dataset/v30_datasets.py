"""Small LeRobot v3.0 datasets, in the layout that LeRobot 0.4.4 writes.

It was held against what LeRobot 0.4.4 really wrote (with datasets 4.8.5, pyarrow 21 and av 15.1), for image and for video
datasets: names and types of all columns, the schema metadata, info.json, a row group an episode, the tasks as the index of a
data frame, one mp4 of many episodes whose times go on without a gap, each episode with from_timestamp and to_timestamp as
sums of durations, h264 with B-frames and a key frame every second frame. tests/upstream/lerobot_v30 makes real ones.
"""

from collections.abc import Iterator, Sequence
import contextlib
import dataclasses
import io
import json
import os
import pathlib
from typing import Any

import av
import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq

STATE, ACTION, GRID, SPEED = "observation.state", "action", "grid", "speed"
CAMERAS = ("observation.images.scene", "observation.images.wrist")
HEIGHT, WIDTH = 32, 64
# Each not in 0.4.4's order of writing: the second is used first.
TASKS = {0: "pick", 1: "Pick it  up ü"}
_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_ALL = ("min", "max", "mean", "std", "count", "q01", "q10", "q50", "q90", "q99")


@dataclasses.dataclass(frozen=True)
class Shape:
    """Which dataset to make.

    Attributes:
        lengths: Of the episodes, in frames.
        fps: Frames a second.
        video: Cameras are videos, and not images in the parquet.
        episodes_a_file: How many episodes share a data file and a video file.
        one_row_group: A data file has one row group, as LeRobot's converter from v2.1 leaves it.
        codec: Of the videos.
        key_every: How many frames there are from one key frame to the next; 2 is LeRobot's.
    """

    lengths: tuple[int, ...] = (6, 3, 9, 2, 5)
    fps: int = 30
    video: bool = False
    episodes_a_file: int = 3
    one_row_group: bool = False
    codec: str = "libx264"
    key_every: int = 2


def picture(camera: str, episode: int, frame: int) -> np.ndarray:
    """uint8[H, W, 3]: the episode and the frame as bars of black and white, that survive any codec."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    image = np.stack([columns * 3, rows * 6, np.full_like(rows, 60 + 90 * CAMERAS.index(camera))], axis=-1)
    for bit in range(4):
        image[:8, bit * 16 : bit * 16 + 16] = 235 * (frame >> bit & 1)
        image[-8:, bit * 16 : bit * 16 + 16] = 235 * (episode >> bit & 1)
    return image.astype(np.uint8)


def what_it_shows(image: np.ndarray) -> tuple[int, int]:
    """Episode and frame that `picture` drew."""
    bright = [
        [image[rows, bit * 16 + 4 : bit * 16 + 12].mean() > 117 for bit in range(4)]
        for rows in (slice(-6, -2), slice(2, 6))
    ]
    episode, frame = (sum(int(on) << bit for bit, on in enumerate(row)) for row in bright)
    return episode, frame


def encoded(image: np.ndarray) -> bytes:
    """As PNG, which is what LeRobot stores."""
    out = io.BytesIO()
    PIL.Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


def numbers(episode: int, rows: int) -> dict[str, np.ndarray]:
    """What a robot's columns hold."""
    rng = np.random.default_rng(episode)
    state = rng.normal(size=(rows, 6)).astype(np.float32)
    return {
        STATE: state,
        ACTION: np.concatenate([state[1:], state[-1:]]),
        GRID: rng.normal(size=(rows, 2, 3)).astype(np.float32),
        SPEED: rng.normal(size=rows).astype(np.float32),
    }


def write_v30(root: pathlib.Path, shape: Shape = Shape()) -> None:
    """Writes a dataset into a folder that is not there yet."""
    (root / "meta" / "episodes" / "chunk-000").mkdir(parents=True)
    first, told = 0, []
    groups = [
        range(at, min(at + shape.episodes_a_file, len(shape.lengths)))
        for at in range(0, len(shape.lengths), shape.episodes_a_file)
    ]
    for file, episodes in enumerate(groups):
        tables, begin = [], 0.0
        for episode in episodes:
            rows = shape.lengths[episode]
            tables.append(_table(shape, episode, rows, first))
            seconds = rows / shape.fps
            told.append(_row(shape, episode, rows, first, file, (begin, begin + seconds)))
            first, begin = first + rows, begin + seconds
        _write_data(root / f"data/chunk-000/file-{file:03d}.parquet", tables, one_row_group=shape.one_row_group)
        for camera in CAMERAS if shape.video else ():
            pictures = [picture(camera, episode, at) for episode in episodes for at in range(shape.lengths[episode])]
            write_video(
                root / f"videos/{camera}/chunk-000/file-{file:03d}.mp4",
                pictures,
                shape.fps,
                shape.codec,
                key_every=shape.key_every,
            )
    pq.write_table(pa.Table.from_pylist(told), root / "meta/episodes/chunk-000/file-000.parquet")
    tasks = {"task_index": list(TASKS), "__index_level_0__": pa.array(TASKS.values(), pa.large_string())}
    pq.write_table(pa.table(tasks), root / "meta/tasks.parquet")
    (root / "meta/stats.json").write_text(json.dumps({STATE: {"q01": [0.0] * 6}}))
    (root / "meta/info.json").write_text(json.dumps(_info(shape), indent=4))


def write_video(
    path: pathlib.Path,
    pictures: Sequence[np.ndarray],
    fps: int,
    codec: str = "libx264",
    *,
    key_every: int = 2,
    every: int = 1,
) -> None:
    """Encodes frames as LeRobot does, as yuv420p.

    Args:
        path: Where to.
        pictures: The frames.
        fps: Frames a second.
        codec: By PyAV's name.
        key_every: How many frames there are from one key frame to the next.
        every: How many frames' time there is from one frame to the next.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"g": str(key_every), "crf": "30"} | ({"preset": "12"} if codec == "libsvtav1" else {"bf": "2"})
    with ordinary_priority(), av.open(str(path), "w") as container:
        stream = container.add_stream(codec, fps, options=options)
        stream.width, stream.height, stream.pix_fmt = pictures[0].shape[1], pictures[0].shape[0], "yuv420p"
        for at, image in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = at * every
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@contextlib.contextmanager
def ordinary_priority() -> Iterator[None]:
    """Takes back what SVT-AV1 does to a process of root: real-time priority 99, for good and for all its children.

    On two cores such a process and a browser that it starts stop everything else, each other included.
    """
    if not hasattr(os, "sched_getscheduler"):  # where there is none, SVT-AV1 sets none
        yield
        return
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def decoded(path: pathlib.Path) -> list[np.ndarray]:
    """Every frame of a video from its start on, without seeking."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def change_rows(path: pathlib.Path, **columns: Any) -> None:
    """Replaces columns of a parquet file; a function gets the values and returns the new ones, None drops the column."""
    table = pq.ParquetFile(path).read()
    for name, change in columns.items():
        at = table.schema.get_field_index(name)
        if change is None:
            table = table.remove_column(at)
        else:
            table = table.set_column(at, name, pa.array(change(table.column(name).to_pylist())))
    pq.write_table(table, path)


def _table(shape: Shape, episode: int, rows: int, first: int) -> pa.Table:
    values = numbers(episode, rows)
    frame = np.arange(rows)
    columns = {
        STATE: pa.array(list(values[STATE]), pa.list_(pa.float32(), 6)),
        ACTION: pa.array(list(values[ACTION]), pa.list_(pa.float32(), 6)),
        SPEED: pa.array(values[SPEED]),
        GRID: pa.array(values[GRID].tolist(), pa.list_(pa.list_(pa.float32()))),
        "note": pa.array([f"{episode}: {at}" for at in frame]),
    }
    for camera in () if shape.video else CAMERAS:
        cells = [{"bytes": encoded(picture(camera, episode, at)), "path": f"frame-{at:06d}.png"} for at in frame]
        columns[camera] = pa.array(cells, _IMAGE)
    columns |= {
        "timestamp": pa.array((frame / shape.fps).astype(np.float32)),
        "frame_index": pa.array(frame),
        "episode_index": pa.array(np.full(rows, episode)),
        "index": pa.array(first + frame),
        "task_index": pa.array(np.full(rows, (episode + 1) % 2)),
    }
    row = {"feature": {"dtype": "float32", "_type": "Value"}, "length": 6, "_type": "List"}
    told = {STATE: row, ACTION: row, GRID: {"shape": [2, 3], "dtype": "float32", "_type": "Array2D"}}
    return pa.table(columns).replace_schema_metadata({"huggingface": json.dumps({"info": {"features": told}})})


def _write_data(path: pathlib.Path, tables: list[pa.Table], *, one_row_group: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = [pa.concat_tables(tables)] if one_row_group else tables
    with pq.ParquetWriter(path, tables[0].schema) as writer:
        for table in tables:
            writer.write_table(table)


def _row(shape: Shape, episode: int, rows: int, first: int, file: int, seconds: tuple[float, float]) -> dict[str, Any]:
    row = {
        "episode_index": episode,
        "tasks": [TASKS[(episode + 1) % 2]],
        "length": rows,
        "data/chunk_index": 0,
        "data/file_index": file,
        "dataset_from_index": first,
        "dataset_to_index": first + rows,
    }
    for camera in CAMERAS if shape.video else ():
        row |= {f"videos/{camera}/chunk_index": 0, f"videos/{camera}/file_index": file}
        row |= {f"videos/{camera}/from_timestamp": seconds[0], f"videos/{camera}/to_timestamp": seconds[1]}
    # 0.4.4 computes an image's deviation in eight bits, which gives 0: what stands here must not be believed.
    row |= {f"stats/{CAMERAS[0]}/{name}": [rows] if name == "count" else [[[0.0]]] * 3 for name in _ALL}
    row |= {f"stats/{STATE}/{name}": [rows] if name == "count" else [0.5] * 6 for name in _ALL}
    return row | {"meta/episodes/chunk_index": 0, "meta/episodes/file_index": 0}


def _info(shape: Shape) -> dict[str, Any]:
    names = ["a", "b", "c", "d", "e", "f"]
    kind = "video" if shape.video else "image"
    features = {
        STATE: {"dtype": "float32", "shape": [6], "names": names},
        ACTION: {"dtype": "float32", "shape": [6], "names": names},
        SPEED: {"dtype": "float32", "shape": [1], "names": None},
        GRID: {"dtype": "float32", "shape": [2, 3], "names": None},
        "note": {"dtype": "string", "shape": [1], "names": None},
        CAMERAS[0]: {"dtype": kind, "shape": [HEIGHT, WIDTH, 3], "names": ["height", "width", "channels"]},
        CAMERAS[1]: {"dtype": kind, "shape": [3, HEIGHT, WIDTH], "names": ["channels", "height", "width"]},
        "timestamp": {"dtype": "float32", "shape": [1], "names": None},
        **{
            name: {"dtype": "int64", "shape": [1], "names": None}
            for name in ("frame_index", "episode_index", "index", "task_index")
        },
    }
    for camera in CAMERAS if shape.video else ():
        features[camera]["info"] = {"video.height": HEIGHT, "video.width": WIDTH, "video.fps": shape.fps}
    path = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
    return {
        "codebase_version": "v3.0",
        "robot_type": "so101",
        "total_episodes": len(shape.lengths),
        "total_frames": sum(shape.lengths),
        "total_tasks": len(TASKS),
        "chunks_size": 1000,
        "data_files_size_in_mb": 100,
        "video_files_size_in_mb": 200,
        "fps": shape.fps,
        "splits": {"train": f"0:{len(shape.lengths)}"},
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": path if shape.video else None,
        "features": features,
    }
