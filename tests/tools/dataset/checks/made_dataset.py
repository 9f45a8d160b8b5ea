"""A small dataset in order, made by hand, and ways to spoil it: one change each."""

from collections.abc import Callable
import io
import json
import pathlib
from typing import Any

import numpy as np
from PIL import Image
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset import dataset as dataset_lib
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature
from tools.dataset.features import schema_of

FPS = 10
LENGTHS = (5, 4, 6)
TASK = "Pick up the bottle."
JOINTS = [f"joint{number}" for number in range(6)]
CAMERA = "observation.images.scene"
FEATURES = {
    feature.name: feature
    for feature in (
        Feature("observation.state", "float32", (6,), [JOINTS]),
        Feature("action", "float32", (6,), [JOINTS]),
        Feature(CAMERA, "image", (3, 24, 32), ["channels", "height", "width"]),
        *(Feature(name, dtype, (1,)) for name, dtype in INDEX_FEATURES.items()),
    )
}


def make(root: pathlib.Path, lengths: tuple[int, ...] = LENGTHS) -> pathlib.Path:
    """Writes a dataset to the letter of the guide: no statistics of images, no totals that LeRobot alone writes."""
    (root / "data/chunk-000").mkdir(parents=True)
    (root / "meta").mkdir()
    rng = np.random.default_rng(0)
    first, stats = 0, []
    for episode, length in enumerate(lengths):
        state = np.cumsum(rng.normal(size=(length, 6)), axis=0).astype(np.float32)
        columns = {
            "observation.state": state,
            "action": np.concatenate([state[1:], state[-1:]]),
            CAMERA: [{"bytes": jpeg(rng), "path": f"frame_{frame:06d}.jpg"} for frame in range(length)],
            "timestamp": (np.arange(length) / FPS).astype(np.float32),
            "frame_index": np.arange(length),
            "episode_index": np.full(length, episode),
            "index": np.arange(first, first + length),
            "task_index": np.zeros(length, np.int64),
        }
        schema = schema_of(FEATURES.values())
        arrays = [
            pa.array(list(columns[field.name]) if columns[field.name] is not None else None, field.type)
            for field in schema
        ]
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), file_of(root, episode))
        stats.append(
            {"episode_index": episode, "stats": {n: stats_of(columns[n]) for n in ("observation.state", "action")}}
        )
        first += length
    lines(root, "tasks", [{"task_index": 0, "task": TASK}])
    listed = [{"episode_index": n, "length": length, "task_index": 0, "task": TASK} for n, length in enumerate(lengths)]
    lines(root, "episodes", listed)
    lines(root, "episodes_stats", stats)
    write_info(
        root,
        {
            "codebase_version": "v2.1",
            "robot_type": "your_robot",
            "total_episodes": len(lengths),
            "total_frames": sum(lengths),
            "total_tasks": 1,
            "chunks_size": 1000,
            "fps": FPS,
            "splits": {"train": f"0:{len(lengths)}"},
            "data_path": dataset_lib.DATA_PATH,
            "features": {name: feature.as_info() for name, feature in FEATURES.items()},
        },
    )
    return root


def jpeg(rng: np.random.Generator) -> bytes:
    """A small picture that differs from the last one."""
    out = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8)).save(out, "JPEG")
    return out.getvalue()


def stats_of(values: np.ndarray) -> dict[str, list]:
    """Of one column, as a line of episodes_stats.jsonl has it."""
    numbers = {key: getattr(values, key)(axis=0).tolist() for key in ("min", "max", "mean", "std")}
    return numbers | {"count": [len(values)]}


def file_of(root: pathlib.Path, episode: int) -> pathlib.Path:
    """An episode's data file."""
    return root / f"data/chunk-000/episode_{episode:06d}.parquet"


def read_info(root: pathlib.Path) -> dict[str, Any]:
    """What info.json holds."""
    return json.loads((root / "meta/info.json").read_text())


def write_info(root: pathlib.Path, info: dict[str, Any]) -> None:
    """Writes info.json."""
    (root / "meta/info.json").write_text(json.dumps(info))


def lines(root: pathlib.Path, name: str, objects: list[Any]) -> None:
    """Writes a file of JSON lines."""
    (root / f"meta/{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in objects))


def read_lines(root: pathlib.Path, name: str) -> list[Any]:
    """What such a file holds."""
    return [json.loads(line) for line in (root / f"meta/{name}.jsonl").read_text().splitlines()]


def info(**changes: Any) -> Callable[[pathlib.Path], None]:
    """A change to keys of info.json; `...` takes one away."""

    def change(root: pathlib.Path) -> None:
        new = read_info(root) | changes
        write_info(root, {key: value for key, value in new.items() if value is not ...})

    return change


def feature(name: str, **changes: Any) -> Callable[[pathlib.Path], None]:
    """A change to one feature in info.json; `...` takes a key away."""

    def change(root: pathlib.Path) -> None:
        old = read_info(root)
        one = old["features"].get(name, {}) | changes
        old["features"][name] = {key: value for key, value in one.items() if value is not ...}
        write_info(root, old)

    return change


def line(name: str, number: int, **changes: Any) -> Callable[[pathlib.Path], None]:
    """A change to one line of a file of JSON lines; `...` takes a key away."""

    def change(root: pathlib.Path) -> None:
        objects = read_lines(root, name)
        one = objects[number] | changes
        objects[number] = {key: value for key, value in one.items() if value is not ...}
        lines(root, name, objects)

    return change


def text(name: str, edit: Callable[[str], str]) -> Callable[[pathlib.Path], None]:
    """A change to a file in meta/ as text."""

    def change(root: pathlib.Path) -> None:
        path = root / "meta" / name
        path.write_text(edit(path.read_text()))

    return change


def table(episode: int, edit: Callable[[pa.Table], pa.Table]) -> Callable[[pathlib.Path], None]:
    """A change to one episode's table, which keeps its metadata unless the change drops it."""

    def change(root: pathlib.Path) -> None:
        path = file_of(root, episode)
        pq.write_table(edit(pq.read_table(path)), path)

    return change


def tables(edit: Callable[[pa.Table], pa.Table]) -> Callable[[pathlib.Path], None]:
    """The same change to every episode's table."""

    def change(root: pathlib.Path) -> None:
        for path in sorted((root / "data").rglob("*.parquet")):
            pq.write_table(edit(pq.read_table(path)), path)

    return change


def column(name: str, values: Callable[[list], list] | None = None, kind: pa.DataType | None = None) -> Callable:
    """A change of a table: one column's values, or its type."""

    def change(table: pa.Table) -> pa.Table:
        at = table.schema.get_field_index(name)
        old = table.column(name).to_pylist()
        array = pa.array(values(old) if values else old, kind or table.schema.field(name).type)
        return table.set_column(at, pa.field(name, array.type), array)

    return change
