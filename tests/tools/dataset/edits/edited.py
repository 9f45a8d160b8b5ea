"""Looks into datasets that an edit has made."""

import json
import pathlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.upstream.dataset_mutations import scene
from tools.dataset.check_run import check_dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.episode import to_array
from tools.dataset.statistics import episode_stats

STATE, ACTION = "observation.state", "action"


def rows(root: pathlib.Path, episode: int) -> pa.Table:
    """An episode's rows."""
    return pq.ParquetFile(root / f"data/chunk-000/episode_{episode:06d}.parquet").read()


def lines(root: pathlib.Path, name: str) -> list[dict[str, Any]]:
    """One of the files of JSON lines."""
    return [json.loads(line) for line in (root / "meta" / name).read_text().splitlines()]


def info(root: pathlib.Path) -> dict[str, Any]:
    """meta/info.json."""
    return json.loads((root / "meta/info.json").read_text())


def set_info(root: pathlib.Path, **values: Any) -> None:
    """Changes meta/info.json."""
    (root / "meta/info.json").write_text(json.dumps(info(root) | values))


def images(root: pathlib.Path, episode: int, camera: str = scene.CAMERAS[0]) -> list[bytes]:
    """The bytes of an episode's images."""
    return [cell["bytes"] for cell in rows(root, episode).column(camera).to_pylist()]


def is_scene(root: pathlib.Path, episode: int, was: int, first: int) -> bool:
    """Whether an episode is the scene's episode `was` in numbers and images, and counts from `first`."""
    table = rows(root, episode)
    length = scene.LENGTHS[was]
    state = scene.states(was, length)
    pictures = [[scene.encoded(scene.picture(camera, was, at)) for at in range(length)] for camera in scene.CAMERAS]
    frames = list(range(length))
    return (
        to_array(table.column(STATE)).tobytes() == state.tobytes()
        and to_array(table.column(ACTION)).tobytes() == scene.actions(state).tobytes()
        and [images(root, episode, camera) for camera in scene.CAMERAS] == pictures
        and table.column("frame_index").to_pylist() == frames
        and table.column("episode_index").to_pylist() == [episode] * length
        and table.column("index").to_pylist() == [first + at for at in frames]
    )


def in_order(root: pathlib.Path) -> bool:
    """Whether the check has no error, decoding every image, and meta counts what is there."""
    found = [one for one in check_dataset(root).as_json()["findings"] if one["severity"] == "error"]
    assert found == []
    told, files = info(root), sorted((root / "data").rglob("*.parquet"))
    lengths = [line["length"] for line in lines(root, "episodes.jsonl")]
    assert [line["episode_index"] for line in lines(root, "episodes.jsonl")] == list(range(len(files)))
    assert [line["episode_index"] for line in lines(root, "episodes_stats.jsonl")] == list(range(len(files)))
    assert told["total_episodes"] == len(files)
    assert told["total_frames"] == sum(lengths)
    assert told["total_tasks"] == len(lines(root, "tasks.jsonl"))
    assert told["splits"] == {"train": f"0:{len(files)}"}
    features = read_dataset(root).features
    for line in lines(root, "episodes_stats.jsonl"):
        table = rows(root, line["episode_index"])
        for name, stats in line["stats"].items():
            if not (features[name].is_image or features[name].is_video):
                wanted = episode_stats({name: to_array(table.column(name))})[name]
                assert all(np.allclose(wanted[key], stats[key], atol=1e-5) for key in wanted), name
    return True
