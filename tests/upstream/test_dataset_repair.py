"""What `just repair-dataset` gives back opens in LeRobot and reads as before, once for each repair; in place, too.

That it does so for all that can be broken is held in test_dataset_oracle.py, in one process; here it is the command.
"""

import json
import pathlib
import shutil
import subprocess

import numpy as np
import pyarrow as pa
import pytest

from tests.upstream.conftest import WORK
from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.by_lerobot import write_by_lerobot
from tests.upstream.dataset_mutations.scene import CAMERAS
from tests.upstream.lerobot_oracle import Answer
from tests.upstream.lerobot_oracle import ask
from tools.command import ROOT

HOME = WORK / "datasets" / "repair"
SCENE = CAMERAS[0]
FILES = [edits.data_file(episode) for episode in range(3)]
LARGE = pa.struct([("path", pa.large_string()), ("bytes", pa.large_binary()), ("height", pa.int64())])

BROKEN = {
    "metadata": edits.schema_metadata(None),
    "list-of-datasets-4": edits.hf_metadata(lambda features: features["action"].update(_type="List")),
    "struct": edits.column(SCENE, lambda array: pa.array([one | {"height": 9} for one in array.to_pylist()], LARGE)),
    "clock": edits.column("timestamp", lambda old: pa.array(np.asarray(old) + 1.7e9)),
    "chunk-index": edits.info(
        lambda info: info.update(data_path=info["data_path"].replace("episode_chunk", "chunk_index"))
    ),
    "count-scalar": edits.stats("action", "count", 5),
    "no-statistics": edits.removed("meta/episodes_stats.jsonl"),
    "no-episodes": edits.removed("meta/episodes.jsonl"),
    "totals": edits.info_with(total_episodes=5, total_frames=1),
    "length": edits.line("episodes", 0, length=9),
    "indices": edits.both(
        *(
            edits.column(name, lambda old: pa.array(np.full(len(old), 1)))
            for name in ("frame_index", "index", "episode_index")
        )
    ),
    "torn-line": edits.content("meta/episodes.jsonl", lambda old: old[:-12]),
    "stray": edits.added("data/chunk-000/episode_000001.parquet.tmp"),
    "gap": edits.moved(FILES[2], "data/chunk-000/episode_000009.parquet"),
    "padding": edits.moved(FILES[1], "data/chunk-000/episode_1.parquet"),
}


@pytest.fixture(scope="module")
def base() -> Answer:
    """What LeRobot reads of the dataset that its own writer made."""
    shutil.rmtree(HOME, ignore_errors=True)
    write_by_lerobot(HOME / "base")
    answer = ask("repair/base")
    assert answer.fine, answer.refusal
    return answer


def broken(name: str, folder: str) -> pathlib.Path:
    shutil.copytree(HOME / "base", HOME / folder)
    BROKEN[name](HOME / folder)
    return HOME / folder


def just_repair(*args: object) -> dict:
    line = [ROOT / ".venv/bin/python", "-I", "-m", "tools.dataset.repair", *args, "--json"]
    done = subprocess.run(list(map(str, line)), cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", BROKEN)
def test_lerobot_reads_what_was_repaired_as_before(name, base):
    folder = broken(name, name)
    before = ask(f"repair/{name}")
    assert not before.fine or before.differs_from(base)
    assert just_repair(folder)["ok"]
    answer = ask(f"repair/{name}_repaired")
    assert answer.fine, answer.refusal
    assert answer.differs_from(base) == set()


def test_lerobot_reads_what_was_repaired_in_place_and_refuses_what_was_put_back(base):
    """The cache of `datasets` goes by path and time: it must see both changes."""
    folder = broken("clock", "in-place")
    assert not ask("repair/in-place").fine
    just_repair(folder, "--in-place")
    answer = ask("repair/in-place")
    assert answer.fine, answer.refusal
    assert answer.differs_from(base) == set()
    just_repair(folder, "--undo")
    assert not ask("repair/in-place").fine
