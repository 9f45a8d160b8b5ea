"""A small dataset without errors, made by hand, for tests that need files and not frames."""

import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import simplejpeg

from tools.dataset.dataset import CHUNKS_SIZE
from tools.dataset.dataset import DATA_PATH
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature
from tools.dataset.features import schema_of
from tools.dataset.jsonl import to_jsonl

NAMES = ["pan", "lift", "grip"]
FEATURES = [
    Feature("observation.state", "float32", (3,), NAMES),
    Feature("action", "float32", (3,), NAMES),
    Feature("observation.images.scene", "image", (3, 16, 16), ["channels", "height", "width"]),
    *(Feature(name, dtype, (1,)) for name, dtype in INDEX_FEATURES.items()),
]
FRAMES = 6


def make_dataset(root: pathlib.Path, episodes: int, *, seed: int = 0) -> pathlib.Path:
    """A small dataset without errors; another seed gives other values."""
    numbers = np.random.default_rng(seed)
    (root / "meta").mkdir(parents=True, exist_ok=True)
    stats = []
    for episode in range(episodes):
        state = numbers.normal(size=(FRAMES, 3)).astype(np.float32).cumsum(axis=0)
        images = numbers.integers(0, 255, (FRAMES, 16, 16, 3), dtype=np.uint8)
        columns = {
            "observation.state": state,
            "action": np.concatenate([state[1:], state[-1:]]),
            "timestamp": (np.arange(FRAMES) / 10).astype(np.float32),
            "frame_index": np.arange(FRAMES),
            "episode_index": np.full(FRAMES, episode),
            "index": np.arange(FRAMES) + episode * FRAMES,
            "task_index": np.zeros(FRAMES, int),
        }
        path = root / DATA_PATH.format(episode_chunk=episode // CHUNKS_SIZE, episode_index=episode)
        path.parent.mkdir(parents=True, exist_ok=True)
        cells = [{"bytes": simplejpeg.encode_jpeg(image), "path": None} for image in images]
        values = {name: list(array) for name, array in columns.items()} | {"observation.images.scene": cells}
        schema = schema_of(FEATURES)
        pq.write_table(pa.table({name: values[name] for name in schema.names}, schema=schema), path)
        one = {name: _stats(array) for name, array in columns.items()}
        one["observation.images.scene"] = {
            key: np.reshape(value, (3, 1, 1)).tolist()
            for key, value in _plain_stats(images.reshape(-1, 3) / 255).items()
        } | {"count": [FRAMES]}
        stats.append({"episode_index": episode, "stats": one})
    info = {
        "codebase_version": "v2.1",
        "robot_type": "bench_arm",
        "total_episodes": episodes,
        "total_frames": episodes * FRAMES,
        "total_tasks": 1,
        "total_videos": 0,
        "total_chunks": 1,
        "chunks_size": CHUNKS_SIZE,
        "fps": 10,
        "splits": {"train": f"0:{episodes}"},
        "data_path": DATA_PATH,
        "video_path": None,
        "features": {feature.name: feature.as_info() for feature in FEATURES},
    }
    told = [{"episode_index": i, "tasks": ["Pick up the cup."], "length": FRAMES} for i in range(episodes)]
    (root / "meta/info.json").write_text(json.dumps(info, indent=4))
    (root / "meta/tasks.jsonl").write_bytes(to_jsonl([{"task_index": 0, "task": "Pick up the cup."}]))
    (root / "meta/episodes.jsonl").write_bytes(to_jsonl(told))
    (root / "meta/episodes_stats.jsonl").write_bytes(to_jsonl(stats))
    return root


def _plain_stats(values: np.ndarray) -> dict[str, np.ndarray]:
    return {"min": values.min(0), "max": values.max(0), "mean": values.mean(0), "std": values.std(0)}


def _stats(values: np.ndarray) -> dict[str, list]:
    rows = values.reshape(len(values), -1)
    return {key: value.tolist() for key, value in _plain_stats(rows).items()} | {"count": [len(rows)]}
