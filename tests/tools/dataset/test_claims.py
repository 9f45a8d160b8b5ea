"""What an info.json claims costs no memory: a dataset may say that it has any number of episodes."""

import pathlib
import resource
import subprocess
import sys

import pytest

from tests.tools.dataset.edits.edited import set_info
from tests.tools.dataset.made_dataset import make_dataset
from tests.tools.dataset.v30_datasets import Shape
from tests.tools.dataset.v30_datasets import write_v30
from tools.command import ROOT
from tools.dataset.convert.read_plan import read_plan
from tools.refusal import Refused

CAMERA = "observation.images.scene"
COMMANDS = {
    "check": ["check", "in"],
    "repair": ["repair", "in"],
    "preview": ["preview", "in", "--out", "page.html"],
    "upload": ["upload", "in", "me/x", "--dry-run"],
    "merge": ["edit", "merge", "in", "other"],
    "split": ["edit", "split", "in"],
    "delete": ["edit", "delete", "in", "--episodes", "1-999999999"],
    "recompress": ["edit", "recompress", "in"],
    "rename": ["edit", "rename", "in", CAMERA, "observation.images.top"],
    "drop": ["edit", "drop", "in", CAMERA],
    "convert v2.0": ["convert", "v20"],
    "convert v3.0": ["convert", "v30"],
}
APPEND = """
import pathlib
from tools.dataset.dataset import read_dataset
from tools.dataset.robot_features import RobotFeatures
from tools.dataset.writer import Writer
from tools.refusal import Refused
had = read_dataset(pathlib.Path("in"))
try:
    Writer(had.root, RobotFeatures("bench_arm", 10, had.features))
except Refused as refusal:
    print(refusal.found)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> pathlib.Path:
    home = tmp_path_factory.mktemp("claims")
    for name, episodes in (("in", 3), ("other", 2), ("v20", 2)):
        make_dataset(home / name, episodes)
    write_v30(home / "v30", Shape(lengths=(3, 2)))
    for name in ("in", "v20", "v30"):
        set_info(home / name, total_episodes=10**12)
    set_info(home / "v20", codebase_version="v2.0")
    return home


@pytest.mark.parametrize("name", COMMANDS)
def test_a_trillion_episodes_are_answered_at_once(home, name):
    module, *words = COMMANDS[name]
    done = in_4_gb(home, "-m", f"tools.dataset.{module}", *words)
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr
    assert "MemoryError" not in done.stdout + done.stderr


def test_nothing_is_appended_to_them(home):
    done = in_4_gb(home, "-c", APPEND)
    assert "total_episodes 1000000000000" in done.stdout, done.stderr


def in_4_gb(home: pathlib.Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-P", *words],
        cwd=home,
        env={"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30)),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.mark.parametrize("total", [-2, True, 1.0, None, "1", [1]])
def test_only_the_number_of_the_rows_is_taken_for_it(tmp_path, total):
    write_v30(tmp_path / "in", Shape(lengths=(3,)))
    assert len(read_plan(tmp_path / "in").episodes) == 1
    set_info(tmp_path / "in", total_episodes=total)
    with pytest.raises(Refused, match="a row for each of the") as e:
        read_plan(tmp_path / "in")
    assert e.value.found.startswith("1 rows")
