"""A recorder is killed at every moment there is; recovery gives the dataset that would have been, and does no harm twice."""

import json
import pathlib
import random
import shutil
import time

import numpy as np
import pytest

from tests.tools.dataset.recording import ABOUT
from tests.tools.dataset.recording import frame
from tests.tools.dataset.recording import run_script
from tests.tools.dataset.recording import span_of_lost
from tests.tools.dataset.recording import start_script
from tests.tools.dataset.recording import state
from tests.tools.dataset.test_writer import episode
from tests.tools.dataset.test_writer import record
from tests.tools.dataset.test_writer import tree
from tools.dataset.dataset import read_dataset
from tools.dataset.record.append_journal import NAME as JOURNAL
from tools.dataset.recover import recover
from tools.dataset.recover import recover_dataset
from tools.dataset.writer import Writer
from tools.refusal import Refused

# Copies root to root/0, root/1, ... and in each saves one more episode, in a child that is killed just before the n-th
# time that it opens, renames, removes, cuts, makes or flushes something.
KILLED_SAVING = """
import itertools, shutil
def saves(at, before):
    with Writer(at, ABOUT) as writer:
        for number in range(4): writer.add_frame(frame(number), "Bow.")
        writer._recording.after_the_last_frame(lambda: None)
        left = iter(range(before))
        def moment(event, args):
            if event in ("open", "os.rename", "os.remove", "os.truncate", "os.mkdir", "flush") and next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)
        fsync = os.fsync
        os.fsync = lambda file: (moment("flush", ()), fsync(file))
        sys.addaudithook(moment)
        writer.save_episode()
    os._exit(0)
for before in itertools.count():
    at = root.with_name(f"{root.name}-{before}")
    shutil.copytree(root, at)
    child = os.fork()
    if child == 0:
        try: saves(at, before)
        finally: os._exit(1)
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status):
        print(before, os.waitstatus_to_exitcode(status))
        break
"""


@pytest.mark.parametrize("saved", [0, 2])
def test_killed_at_every_moment_of_saving(tmp_path, saved):
    root = tmp_path / "dataset"
    record(root, *[5] * saved)
    before = tree(root)
    done = run_script(KILLED_SAVING, root)
    assert done.returncode == 0, done.stderr
    moments, code = map(int, done.stdout.split())
    assert code == 0
    assert moments > 25
    wanted = tree(tmp_path / f"dataset-{moments}")
    apart = []
    for number in range(moments):
        at = tmp_path / f"dataset-{number}"
        info = json.loads(content) if (content := tree(at).get("meta/info.json")) else {"total_episodes": 0}
        assert info["total_episodes"] in (saved, saved + 1)
        if info["total_episodes"]:  # LeRobot reads a file where it has its line, and no other
            dataset = read_dataset(at)
            assert set(dataset.lengths) >= set(range(info["total_episodes"]))
            assert all(episode(at, index).rows == (4 if index == saved else 5) for index in range(len(dataset.files)))
            if len(dataset.files) != len(dataset.lengths):
                apart.append(number)
        assert (at / JOURNAL).exists() or tree(at) == wanted
        other = shutil.copytree(at, tmp_path / f"discarded-{number}")
        recover(other, discard=True)
        assert tree(other) == (wanted if info["total_episodes"] > saved else before), number
        Writer(other, ABOUT).close()
        did = recover(at).did
        assert did == ("was saved" if info["total_episodes"] > saved else "recovered") or number == moments - 1
        assert tree(at) == wanted, number
        assert recover(at).did == "nothing"
        assert tree(at) == wanted
    assert len(apart) <= 1  # two files cannot be renamed at once: see tools/dataset/record/episode_commit.py


RECORDS = """
from tools.refusal import Refused
writer = Writer(root, ABOUT, live=True)
while True:
    before = time.monotonic()
    try:
        writer.add_frame(frame(writer.frames), "Wave.")
        print(before, time.monotonic(), flush=True)
    except Refused:  # a machine that is busy with something else may be that late
        pass
    time.sleep(1 / 60)
"""


@pytest.mark.parametrize("seconds", [0.05, 0.4, 0.7])
def test_killed_while_recording_it_loses_the_last_100_ms_at_most(tmp_path, seconds):
    record(tmp_path, 4)
    process = start_script(RECORDS, tmp_path)
    said = process.stdout.readline()
    with pytest.raises(Refused, match="no other writer"):
        recover(tmp_path)
    time.sleep(seconds + random.random() / 30)
    process.kill()
    said += process.communicate()[0]
    told = said[: said.rindex("\n")].splitlines()
    with pytest.raises(Refused, match="recover-dataset"):
        Writer(tmp_path, ABOUT)
    done = recover(tmp_path)
    assert (done.did, done.episode) == ("recovered", 1)
    assert done.frames <= len(told) + 2
    assert span_of_lost(told, done.frames) < 0.1
    one = episode(tmp_path, 1)
    assert np.array_equal(one.columns["observation.state"], [state(number) for number in range(done.frames)])
    record(tmp_path, 3)
    assert list(read_dataset(tmp_path).lengths.values()) == [4, done.frames, 3]


def left_by_a_kill(root: pathlib.Path, frames: int = 3) -> pathlib.Path:
    """Leaves a journal as a killed recorder does; returns it."""
    one = Writer(root, ABOUT)
    for number in range(frames):
        one.add_frame(frame(number), "Wave.")
    with pytest.raises(Refused):
        one.close()
    return root / JOURNAL


def test_a_torn_end_is_cut_off(tmp_path):
    journal = left_by_a_kill(tmp_path)
    journal.write_bytes(journal.read_bytes()[:-5])
    done = recover(tmp_path)
    assert (done.frames, done.kept) == (2, None)
    assert done.lost_bytes > 100
    assert not journal.exists()


def test_a_journal_that_is_broken_before_its_end_is_kept(tmp_path):
    journal = left_by_a_kill(tmp_path, 9)
    data = bytearray(journal.read_bytes())
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)
    done = recover(tmp_path)
    assert done.frames == 4
    assert (tmp_path / done.kept).read_bytes() == bytes(data)
    assert not journal.exists()
    record(tmp_path, 2)


def test_discarded(tmp_path, capsys):
    left_by_a_kill(tmp_path)
    assert recover_dataset(tmp_path, discard=True) == 0
    assert "3 frames discarded" in capsys.readouterr().out
    assert tree(tmp_path) == {}
    assert recover(tmp_path).did == "nothing"


def test_what_the_command_says(tmp_path, capsys):
    left_by_a_kill(tmp_path)
    assert recover_dataset(tmp_path) == 0
    assert capsys.readouterr().out == f"{tmp_path}: episode 0: 3 frames recovered\n"
    assert recover_dataset(tmp_path, json=True) == 0
    assert json.loads(capsys.readouterr().out) == {
        "ok": True, "did": "nothing", "episode": None, "frames": 0, "lost_bytes": 0, "kept": None,
    }  # fmt: skip
    with pytest.raises(Refused, match="no such folder"):
        recover_dataset(tmp_path / "none")


def test_it_is_appended_where_the_dataset_has_changed_meanwhile(tmp_path):
    other = record(tmp_path / "other", 6, 7, 8)
    root = record(tmp_path / "mine", 2)
    left_by_a_kill(root)
    for name in ("data", "meta"):
        shutil.rmtree(root / name)
        shutil.copytree(other / name, root / name)
    done = recover(root)
    assert (done.did, done.episode) == ("recovered", 3)
    assert list(read_dataset(root).lengths.values()) == [6, 7, 8, 3]
    assert episode(root, 1).rows == 7


def test_nothing_of_another_dataset_is_overwritten(tmp_path):
    root = record(tmp_path / "mine", 2)
    journal = left_by_a_kill(root)
    before = tree(root)
    info = (root / "meta/info.json").read_bytes()
    (root / "meta/info.json").write_bytes(info.replace(b'"fps": 30', b'"fps": 10'))
    with pytest.raises(Refused, match="rate"):
        recover(root)
    (root / "meta/info.json").unlink()
    with pytest.raises(Refused, match="missing"):
        recover(root)
    (root / "meta/info.json").write_bytes(info)
    assert tree(root) == before
    whole = journal.read_bytes()
    journal.write_bytes(b"something else, of some length")
    with pytest.raises(Refused, match="not a journal"):
        recover(root)
    with pytest.raises(Refused, match="recover-dataset"):
        Writer(root, ABOUT)
    journal.write_bytes(whole[:30])  # killed before the first frame was there
    assert recover(root).did == "nothing"
    assert not journal.exists()
    record(root, 1)


def test_what_others_put_into_a_new_folder_is_not_overwritten(tmp_path):
    left_by_a_kill(tmp_path / "new")
    shutil.copytree(record(tmp_path / "other", 2, 2) / "data", tmp_path / "new/data")
    before = tree(tmp_path / "new")
    with pytest.raises(Refused, match="missing"):
        recover(tmp_path / "new")
    with pytest.raises(Refused, match="missing"):
        recover(tmp_path / "new", discard=True)
    assert tree(tmp_path / "new") == before
