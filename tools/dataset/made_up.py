"""A made-up dataset of any size, in order, for measuring: an arm with two cameras whose pictures come round again."""

import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset import jpeg
from tools.dataset.dataset import CHUNKS_SIZE
from tools.dataset.dataset import DATA_PATH
from tools.dataset.features import schema_of
from tools.dataset.jsonl import to_jsonl
from tools.dataset.robot_features import ACTION
from tools.dataset.robot_features import STATE
from tools.dataset.robot_features import robot_features
from tools.dataset.statistics import episode_stats

FPS = 30
_JOINTS = ["pan", "lift", "elbow", "flex", "roll", "gripper"]
_TASK = "Pick up the bottle."
_PICTURES = 24


def make_up(
    root: pathlib.Path, *, episodes: int, frames: int, height: int, width: int, spoilt: bool = False
) -> pathlib.Path:
    """Writes such a dataset; returns its folder.

    Args:
        root: Where; nothing may be there.
        episodes: How many.
        frames: Of each.
        height: Of both cameras, in pixels.
        width: The same.
        spoilt: Leave the schema metadata out of each file, which is mended without touching an image.
    """
    about = robot_features(None, FPS, _JOINTS, _JOINTS, {"scene": (height, width), "wrist": (height, width)})
    schema = schema_of(about.features.values())
    rng = np.random.default_rng(0)
    pictures = [_picture(rng, height, width) for _ in range(_PICTURES)]
    stats = []
    for episode in range(episodes):
        numbers = _numbers(rng, episode, frames)
        columns = dict(numbers)
        for number, name in enumerate(name for name, feature in about.features.items() if feature.is_image):
            cells = [pictures[(frame + episode + 12 * number) % _PICTURES] for frame in range(frames)]
            columns[name] = pa.StructArray.from_arrays(
                [pa.array(cells, pa.binary()), pa.nulls(frames, pa.string())], fields=list(schema.field(name).type)
            )
        arrays = [_array(columns[field.name], field.type) for field in schema]
        path = root / DATA_PATH.format(episode_chunk=episode // CHUNKS_SIZE, episode_index=episode)
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.Table.from_arrays(arrays, schema=schema.remove_metadata() if spoilt else schema)
        # No dictionary: the same picture twice is to take the room of two.
        pq.write_table(table, path, row_group_size=100, use_dictionary=False)
        given = {name: numbers[name] for name in (STATE, ACTION)}
        stats.append({"episode_index": episode, "stats": episode_stats(given)})
    listed = [{"episode_index": n, "tasks": [_TASK], "length": frames} for n in range(episodes)]
    for name, lines in (("tasks", [{"task_index": 0, "task": _TASK}]), ("episodes", listed), ("episodes_stats", stats)):
        path = root / "meta" / f"{name}.jsonl"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(to_jsonl(lines))
    totals = {"total_episodes": episodes, "total_frames": episodes * frames, "total_tasks": 1, "total_videos": 0}
    places = {"total_chunks": -(-episodes // CHUNKS_SIZE), "chunks_size": CHUNKS_SIZE, "data_path": DATA_PATH}
    rest = {"codebase_version": "v2.1", "splits": {"train": f"0:{episodes}"}, "video_path": None}
    (root / "meta/info.json").write_text(json.dumps(about.as_json() | totals | places | rest))
    return root


def _numbers(rng: np.random.Generator, episode: int, frames: int) -> dict[str, np.ndarray]:
    """The columns that are numbers: joints that swing, each episode from another place."""
    time = np.arange(frames)[:, None] / FPS
    phases = rng.uniform(0, 2 * np.pi, 6)
    state = 40 * np.sin(0.8 * time + phases) + rng.normal(0, 0.05, (frames, 6))
    state = state.astype(np.float32)
    first = episode * frames
    return {
        STATE: state,
        ACTION: np.concatenate([state[1:], state[-1:]]),
        "timestamp": (np.arange(frames) / FPS).astype(np.float32),
        "frame_index": np.arange(frames),
        "episode_index": np.full(frames, episode),
        "index": np.arange(first, first + frames),
        "task_index": np.zeros(frames, np.int64),
    }


def _picture(rng: np.random.Generator, height: int, width: int) -> bytes:
    """A JPEG with as much in it as a photograph: at 640x480 about 35 kB."""
    coarse = rng.uniform(0, 255, (height // 16 + 2, width // 16 + 2, 3))
    image = np.kron(coarse, np.ones((16, 16, 1)))[:height, :width]
    for axis in (0, 1):  # blurred, as by a lens
        image = sum(np.roll(image, step, axis) for step in range(-7, 8)) / 15
    return jpeg.encode((image + rng.normal(0, 4, image.shape)).clip(0, 255).astype(np.uint8))


def _array(values: np.ndarray | pa.Array, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if values.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), type=kind)
    return pa.array(values, kind)
