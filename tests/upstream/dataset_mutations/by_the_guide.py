"""A dataset written by hand to the letter of the guide's section 2: the base of almost all mutations."""

from collections.abc import Sequence
import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.upstream.dataset_mutations import scene

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
DATA_PATH = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
INDICES = {
    "timestamp": "float32",
    "frame_index": "int64",
    "episode_index": "int64",
    "index": "int64",
    "task_index": "int64",
}


def write_by_the_guide(
    root: pathlib.Path,
    lengths: Sequence[int] = scene.LENGTHS,
    data_path: str = DATA_PATH,
    *,
    one_image: bool = False,
) -> None:
    """Writes the dataset.

    Args:
        root: Its folder, which is made.
        lengths: Of its episodes, in frames.
        data_path: As it stands in info.json, without the part that is formatted for chunks of 1000.
        one_image: Every cell holds the first image: for an episode of many thousand frames.
    """
    (root / "meta").mkdir(parents=True)
    _write_meta(root / "meta", lengths, data_path)
    first = 0
    for episode, frames in enumerate(lengths):
        path = root / data_path.format(episode_chunk=0, episode_index=episode)
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(_table(episode, frames, first, one_image=one_image), path)
        first += frames


def _table(episode: int, frames: int, first: int, *, one_image: bool) -> pa.Table:
    state = scene.states(episode, frames)
    numbers = pa.list_(pa.float32(), len(scene.JOINTS))
    columns = {
        "observation.state": pa.array(list(state), numbers),
        "action": pa.array(list(scene.actions(state)), numbers),
    }
    for camera in scene.CAMERAS:
        shown = range(1 if one_image else frames)
        cells = [{"bytes": scene.encoded(scene.picture(camera, episode, at)), "path": None} for at in shown]
        columns[camera] = pa.array(cells * frames if one_image else cells, IMAGE)
    at = np.arange(frames)
    columns |= {
        "timestamp": pa.array((at / scene.FPS).astype(np.float32)),
        "frame_index": pa.array(at),
        "episode_index": pa.array(np.full(frames, episode)),
        "index": pa.array(first + at),
        "task_index": pa.array(np.full(frames, _task_of(episode))),
    }
    return pa.table(columns).replace_schema_metadata({"huggingface": json.dumps(_hf_metadata())})


def _hf_metadata() -> dict:
    numbers = {"feature": {"dtype": "float32", "_type": "Value"}, "length": len(scene.JOINTS), "_type": "Sequence"}
    features = {"observation.state": numbers, "action": numbers}
    features |= {camera: {"_type": "Image"} for camera in scene.CAMERAS}
    features |= {name: {"dtype": dtype, "_type": "Value"} for name, dtype in INDICES.items()}
    return {"info": {"features": features}}


def _write_meta(meta: pathlib.Path, lengths: Sequence[int], data_path: str) -> None:
    numbers = {"dtype": "float32", "shape": [len(scene.JOINTS)], "names": [list(scene.JOINTS)]}
    image = {"dtype": "image", "shape": [3, scene.HEIGHT, scene.WIDTH], "names": ["channels", "height", "width"]}
    info = {
        "codebase_version": "v2.1",
        "robot_type": "your_robot",
        "total_episodes": len(lengths),
        "total_frames": sum(lengths),
        "total_tasks": len(scene.TASKS),
        "chunks_size": 1000,
        "fps": scene.FPS,
        "splits": {"train": f"0:{len(lengths)}"},
        "data_path": data_path,
        "features": {
            "observation.state": numbers,
            "action": numbers,
            **dict.fromkeys(scene.CAMERAS, image),
            **{name: {"dtype": dtype, "shape": [1], "names": None} for name, dtype in INDICES.items()},
        },
    }
    (meta / "info.json").write_text(json.dumps(info, indent=2))
    tasks = [{"task_index": at, "task": task} for at, task in enumerate(scene.TASKS)]
    episodes, stats = [], []
    for episode, frames in enumerate(lengths):
        task = _task_of(episode)
        episodes.append({"episode_index": episode, "length": frames, "task_index": task, "task": scene.TASKS[task]})
        state = scene.states(episode, frames)
        numbers = {"observation.state": _stats(state), "action": _stats(scene.actions(state))}
        stats.append({"episode_index": episode, "stats": numbers})
    for name, lines in {"tasks": tasks, "episodes": episodes, "episodes_stats": stats}.items():
        (meta / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def _stats(values: np.ndarray) -> dict[str, list[float]]:
    if not len(values):
        return {"count": [0]}
    found = {"mean": values.mean(0), "std": values.std(0), "min": values.min(0), "max": values.max(0)}
    return {name: one.tolist() for name, one in found.items()} | {"count": [len(values)]}


def _task_of(episode: int) -> int:
    return scene.TASK_OF[episode % len(scene.TASK_OF)]
