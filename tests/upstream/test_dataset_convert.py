"""What LeRobot 0.4.4 recorded in v3.0, LeRobot 0.3.3 reads after conversion: the same rows, and the frames in their places.

LeRobot 0.4.4 is put into a folder of its own once (requirements/lerobot-v30.txt, some ten seconds and 170 MB); the rest of
what it needs is in the environment of the tests here.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from openpi.training.lerobot_dataset import LeRobotDataset
from openpi.training.lerobot_dataset import LeRobotDatasetMetadata
from tests.tools.dataset import v30_datasets as small
from tests.upstream import lerobot_oracle
from tests.upstream.conftest import WORK
from tests.upstream.lerobot_v30.make_v30 import KINDS
from tests.upstream.lerobot_v30.make_v30 import LENGTHS
from tools.command import ROOT

REQUIREMENTS = ROOT / "requirements" / "lerobot-v30.txt"
PACKAGES = ROOT / "build" / "lerobot-v30"
# A package that is installed there brings a package `tests` of its own, which would hide this one.
RUN = """
import pathlib, runpy, sys, types
sys.modules["tests"] = types.ModuleType("tests")
sys.modules["tests"].__path__ = [str(pathlib.Path.cwd() / "tests")]
runpy.run_module(sys.argv.pop(1), run_name="__main__")
"""


@pytest.fixture(scope="module")
def packages() -> pathlib.Path:
    """The folder with LeRobot 0.4.4, which is made where it is not there or was made of another list."""
    made_of = PACKAGES / "made-of"
    if not made_of.exists() or made_of.read_text() != REQUIREMENTS.read_text():
        shutil.rmtree(PACKAGES, ignore_errors=True)
        line = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        subprocess.run([*line, "--target", PACKAGES, "--requirement", REQUIREMENTS], check=True)
        made_of.write_text(REQUIREMENTS.read_text())
    return PACKAGES


@pytest.fixture(scope="module")
def recorded(packages) -> pathlib.Path:
    """The folder with LeRobot 0.4.4's datasets."""
    folder = WORK / "v30"
    env = os.environ | {"PYTHONPATH": f"{packages}{os.pathsep}{ROOT}", "HF_HOME": str(WORK / "hf-v30")}
    line = [sys.executable, "-c", RUN, "tests.upstream.lerobot_v30.make_v30", folder]
    done = subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.fixture(scope="module", params=KINDS)
def kind(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def converted(recorded, kind) -> str:
    """The repo id of a converted dataset, which has no error."""
    out = WORK / "datasets" / "converted" / kind
    ours("tools.dataset.convert", recorded / kind, "--out", out)
    ours("tools.dataset.check", out, "--deep")
    return f"converted/{kind}"


def ours(module: str, *line: str | pathlib.Path) -> None:
    python = ROOT / ".venv" / "bin" / "python"
    done = subprocess.run([python, "-I", "-m", module, *line], cwd=WORK, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def opened(repo_id: str) -> LeRobotDataset:
    times = [frame / LeRobotDatasetMetadata(repo_id).fps for frame in range(10)]
    return LeRobotDataset(repo_id, delta_timestamps={"action": times})


def test_several_episodes_share_a_file_and_there_are_several_files(recorded, kind):
    """Else there would be no border to get wrong."""
    rows = pq.read_table(recorded / kind / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    keys = ["data/file_index"] if kind == "images" else [f"videos/{camera}/file_index" for camera in small.CAMERAS]
    for key in keys:
        files = [row[key] for row in rows]
        assert 1 < len(set(files)) < len(files)


def test_lerobot_reads_every_item_and_the_numbers_are_the_same(converted, kind):
    dataset = opened(converted)
    assert (dataset.meta.total_episodes, len(dataset)) == (len(LENGTHS), sum(LENGTHS))
    at = 0
    for episode, rows in enumerate(LENGTHS):
        wanted = small.numbers(episode, rows)
        for frame in range(rows):
            item = dataset[at]
            assert np.array_equal(item[small.STATE], wanted[small.STATE][frame])
            assert np.array_equal(item[small.GRID], wanted[small.GRID][frame])
            assert item[small.SPEED] == wanted[small.SPEED][frame]
            ahead = np.minimum(frame + np.arange(10), rows - 1)
            assert np.array_equal(item["action"], wanted[small.ACTION][ahead])
            assert item["action_is_pad"].tolist() == [frame + k >= rows for k in range(10)]
            assert item["task"] == small.TASKS[(episode + 1) % 2]
            assert (int(item["episode_index"]), int(item["frame_index"]), int(item["index"])) == (episode, frame, at)
            assert item["timestamp"] == np.float32(frame / KINDS[kind][1])
            at += 1


def test_the_frames_are_those_that_lerobot_0_4_4_reads(recorded, converted, kind):
    """Images to the pixel; frames of a video as near as JPEG is, and nearer than any other frame."""
    dataset = opened(converted)
    with np.load(recorded / f"{kind}.npz") as wanted:
        for camera in small.CAMERAS:
            truth = wanted[camera].astype(np.int16)
            for at in range(len(dataset)):
                got = np.round(np.asarray(dataset[at][camera]) * 255).transpose(1, 2, 0)
                off = np.abs(truth - got).mean(axis=(1, 2, 3))
                assert off.argmin() == at
                assert off[at] == 0 if kind == "images" else off[at] < 8


def test_the_decoder_gives_lerobots_very_pixels(recorded, kind):
    """Before JPEG: what is encoded are the frames of LeRobot 0.4.4, at each border too."""
    if kind == "images":
        return
    rows = pq.read_table(recorded / kind / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    fps = KINDS[kind][1]
    asked = []
    for camera in small.CAMERAS:
        for row in rows:
            begin = row[f"videos/{camera}/from_timestamp"]
            path = recorded / kind / f"videos/{camera}/chunk-000/file-{row[f'videos/{camera}/file_index']:03d}.mp4"
            times = [begin + float(np.float32(frame / fps)) for frame in range(row["length"])]
            asked.append((str(path), times, 0.25 / fps))
    code = """
import json, pathlib, sys
import numpy as np
from tools.dataset.convert.video_frames import frames_at
asked = json.load(sys.stdin)
np.save(sys.argv[1], np.stack([image for path, *rest in asked for image in frames_at(pathlib.Path(path), *rest)]))
"""
    out = WORK / f"decoded_{kind}.npy"
    line = [ROOT / ".venv/bin/python", "-P", "-c", code, out]
    subprocess.run(
        line, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, input=json.dumps(asked), text=True, check=True
    )
    with np.load(recorded / f"{kind}.npz") as wanted:
        assert np.array_equal(np.load(out), np.concatenate([wanted[camera] for camera in small.CAMERAS]))


def test_the_generator_of_the_quick_tests_writes_the_same_layout(recorded, tmp_path):
    for kind, shape in (("images", small.Shape()), ("h264", small.Shape(video=True))):
        root = tmp_path / kind
        small.write_v30(root, shape)
        real = recorded / kind
        for name in (
            "data/chunk-000/file-000.parquet",
            "meta/episodes/chunk-000/file-000.parquet",
            "meta/tasks.parquet",
        ):
            theirs, its = pq.read_schema(real / name), pq.read_schema(root / name)
            for field in its:
                if field.name != "note":
                    stored = theirs.field(field.name).type
                    stored = getattr(stored, "storage_type", stored)
                    # How wide the text of the tasks is depends on the version of pandas.
                    assert stored == field.type or (stored == pa.string() and "tasks" in name), (name, field)
            assert set(theirs.names) >= set(its.names) - {"note"}
        theirs, its = (json.loads((one / "meta/info.json").read_text()) for one in (real, root))
        assert set(theirs) == set(its)
        assert (theirs["data_path"], theirs["video_path"]) == (its["data_path"], its["video_path"])
        for name, feature in its["features"].items():
            if name != "note":
                assert {key: theirs["features"][name][key] for key in ("dtype", "shape")} == {
                    key: feature[key] for key in ("dtype", "shape")
                }


@pytest.mark.parametrize(
    "verb",
    [
        ("delete", "--episodes", "0", "4-5"),
        ("rename", small.CAMERAS[0], "observation.images.top"),
        ("drop", small.CAMERAS[1]),
        ("recompress",),
        ("merge",),
        ("split",),
    ],
    ids=lambda verb: verb[0],
)
def test_what_an_edit_makes_lerobot_reads_whole(recorded, verb):
    source = WORK / "datasets" / "edited" / verb[0]
    ours("tools.dataset.convert", recorded / "images", "--out", source)
    more = [source]
    if verb[0] == "merge":
        more.append(source.with_name("merge_other"))
        ours("tools.dataset.convert", recorded / "images", "--out", more[1])
    out = source.with_name(f"{verb[0]}_out")
    ours("tools.dataset.edit", verb[0], *more, *verb[1:], "--out", out)
    before = lerobot_oracle.ask(f"edited/{verb[0]}")
    names = [f"{out.name}_train", f"{out.name}_held_out"] if verb[0] == "split" else [out.name]
    answers = [lerobot_oracle.ask(f"edited/{name}") for name in names]
    assert [answer.refusal for answer in answers] == [None] * len(names)
    total = {"delete": 41 - 6 - 5 - 12, "merge": 82}.get(verb[0], 41)
    assert sum(answer.items for answer in answers) == total
    if verb[0] == "recompress":
        assert answers[0].differs_from(before) <= set(small.CAMERAS)
    if verb[0] == "drop":
        assert answers[0].differs_from(before) == {small.CAMERAS[1]}
    if verb[0] == "rename":
        assert answers[0].differs_from(before) == {small.CAMERAS[0]}
        assert answers[0].read["observation.images.top"] == before.read[small.CAMERAS[0]]
