"""What our writer writes, LeRobot reads in OpenPI's way, to the last item; and its statistics are LeRobot's own.

The writer runs in the project's own environment: its pyarrow is another than the one that reads here.
"""

import importlib
import io
import json
import pathlib
import shutil
import subprocess

import numpy as np
import PIL.Image
import pyarrow.parquet as pq
import pytest

from openpi.training.lerobot_dataset import LeRobotDataset
from openpi.training.lerobot_dataset import LeRobotDatasetMetadata
from tests.upstream.conftest import WORK
from tools.command import ROOT
from tools.demo.waving_arm import TASK
from tools.demo.waving_arm import draw
from tools.demo.waving_arm import position

STATE = "observation.state"
CAMERAS = {f"observation.images.{key}": key for key in ("scene", "wrist")}


def ours(*line: str | pathlib.Path) -> None:
    python = ROOT / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-I", *line], cwd=WORK, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def written() -> str:
    """The demo's dataset by our writer; its repo id."""
    ours("-m", "tools.demo.make_dataset", WORK / "datasets" / "tests/written", "36")
    return "tests/written"


def opened(repo_id: str) -> LeRobotDataset:
    times = [frame / LeRobotDatasetMetadata(repo_id).fps for frame in range(10)]
    return LeRobotDataset(repo_id, delta_timestamps={"action": times})


def held_against_the_motion(dataset: LeRobotDataset, frames: int, episodes: range, first: int) -> None:
    for episode in episodes:
        for frame in range(frames):
            item = dataset[first + (episode - episodes[0]) * frames + frame]
            assert np.array_equal(item[STATE], position(episode, frame))
            chunk = [position(episode, min(frame + 1 + ahead, frames - 1)) for ahead in range(10)]
            assert np.array_equal(item["action"], chunk)
            assert item["action_is_pad"].tolist() == [frame + ahead >= frames for ahead in range(10)]
            assert item["task"] == TASK
            assert item["timestamp"] == np.float32(frame / 30)
            for name, key in CAMERAS.items():
                image = item[name].numpy().transpose(1, 2, 0) * 255
                # Hard edges in few pixels are the worst that JPEG can be given.
                off = [np.abs(image - draw(position(episode, frame + later), key)).mean() for later in (-4, 0, 4)]
                assert off[1] < min(8, off[0], off[2])


def test_lerobot_reads_every_item_as_it_was_written(written):
    dataset = opened(written)
    assert (len(dataset), dataset.meta.total_episodes) == (72, 2)
    held_against_the_motion(dataset, 36, range(2), 0)


def test_the_files_say_what_lerobots_own_say(written, dataset_with_metadata):
    a, b = (WORK / "datasets" / repo_id for repo_id in (written, dataset_with_metadata))
    for name in ("info.json", "tasks.jsonl", "episodes.jsonl"):
        assert (a / "meta" / name).read_text().strip() == (b / "meta" / name).read_text().strip()
    for path in sorted(b.glob("data/**/*.parquet")):
        theirs, its = pq.read_schema(path), pq.read_schema(a / path.relative_to(b))
        assert its.equals(theirs)
        assert its.metadata[b"huggingface"] == theirs.metadata[b"huggingface"]


LARGE = """
import pathlib, sys
import numpy as np
from tools.dataset.robot_features import robot_features
from tools.dataset.writer import Writer
about = robot_features("large", 30, ["a", "b"], ["a", "b"], {"wide": (310, 400), "tall": (400, 310)})
rng = np.random.default_rng(0)
noise = rng.integers(0, 255, (8, 8, 3), np.uint8)
with Writer(pathlib.Path(sys.argv[1]), about) as writer:
    for frame in range(600):
        wide = np.roll(np.kron(noise, np.ones((50, 50, 1), np.uint8))[:310], frame, 1)
        images = {"observation.images.wide": wide, "observation.images.tall": wide.transpose(1, 0, 2)}
        writer.add_frame({"observation.state": rng.normal(50, 1, 2).astype(np.float32), **images}, "Look.")
    writer.save_episode()
"""


def test_the_statistics_are_those_that_lerobot_computes(tmp_path):
    root = WORK / "datasets" / "tests/large"
    shutil.rmtree(root, ignore_errors=True)
    ours("-c", LARGE, root)
    assert len(opened("tests/large")) == 600  # LeRobot takes all episodes' statistics together when it opens a dataset
    info = json.loads((root / "meta/info.json").read_bytes())
    stats = json.loads((root / "meta/episodes_stats.jsonl").read_bytes())["stats"]
    table = pq.read_table(root / "data/chunk-000/episode_000000.parquet")
    data = {}
    for name, feature in info["features"].items():
        if feature["dtype"] == "image":
            data[name] = [str(tmp_path / f"{name}-{frame}.png") for frame in range(600)]
            for path, cell in zip(data[name], table[name].to_pylist(), strict=True):
                PIL.Image.open(io.BytesIO(cell["bytes"])).save(path, compress_level=1)
        else:
            data[name] = np.array(table[name].to_pylist(), feature["dtype"])
    package = LeRobotDataset.__module__.rpartition(".")[0]
    theirs = importlib.import_module(f"{package}.compute_stats").compute_episode_stats(data, info["features"])
    assert set(stats) == set(theirs)
    for name, wanted in theirs.items():
        assert set(stats[name]) == set(wanted)
        for kind, value in wanted.items():
            assert np.shape(stats[name][kind]) == value.shape
            # LeRobot sums numbers in single precision, which costs it some digits.
            scale = np.abs(wanted["max"]).max()
            assert np.allclose(stats[name][kind], value, rtol=0, atol=2e-6 * scale), (name, kind)


MORE = """
import pathlib, sys
from tools.command import ROOT
from tools.dataset.robot_features import read_robot_features
from tools.dataset.writer import Writer
from tools.demo.waving_arm import *
about = read_robot_features(ROOT / "robots/so101/robot.toml").resized(*SIZE)
with Writer(pathlib.Path(sys.argv[1]), about) as writer:
    for frame in range(36):
        state = position(2, frame)
        images = {f"observation.images.{key}": draw(state, key) for key in ("scene", "wrist")}
        writer.add_frame({"observation.state": state, **images}, TASK)
    writer.save_episode()
"""


def test_an_episode_of_ours_behind_those_of_lerobots_writer(dataset_with_metadata):
    root = WORK / "datasets" / "tests/continued"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(WORK / "datasets" / dataset_with_metadata, root)
    ours("-c", MORE, root)
    dataset = opened("tests/continued")
    assert (len(dataset), dataset.meta.total_episodes) == (108, 3)
    held_against_the_motion(dataset, 36, range(2), 0)
    held_against_the_motion(dataset, 36, range(2, 3), 72)
