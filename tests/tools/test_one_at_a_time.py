"""Only one holds a lock: by refusal or by waiting, through a child that outlives it, and though the file is taken away."""

import errno
import fcntl
import os
import subprocess
import sys
import threading
import time

import pytest

from tools import one_at_a_time
from tools.builds import build_lock
from tools.refusal import Refused


def refusal(file: int) -> Refused:
    return Refused("it", expected="nobody", found=os.pread(file, 100, 0).decode(), todo="wait")


def is_free(path) -> bool:
    try:
        with one_at_a_time.held(path, refusal=refusal):
            return True
    except Refused:
        return False


def test_a_second_one_is_refused_and_told_what_the_first_wrote(tmp_path):
    path = tmp_path / "lock"
    with one_at_a_time.held(path, refusal=refusal) as file:
        os.pwrite(file, b"the first", 0)
        with pytest.raises(Refused) as error, one_at_a_time.held(path, refusal=refusal):
            pass
        assert error.value.found == "the first"
    assert is_free(path)


def test_a_second_one_says_once_that_it_waits(tmp_path, capsys):
    path = tmp_path / "lock"
    begun, file = time.monotonic(), one_at_a_time.take(path)
    threading.Timer(0.3, os.close, [file]).start()
    with one_at_a_time.held(path, waiting="waiting for the first"):
        assert time.monotonic() - begun > 0.25
    assert capsys.readouterr().err == "waiting for the first\n"


def test_a_child_that_has_the_file_holds_it_until_it_ends(tmp_path):
    path = tmp_path / "lock"
    with one_at_a_time.held(path, refusal=refusal) as file:
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[file])
        other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert not is_free(path)
    child.communicate(b"\n")
    assert is_free(path)  # one that was not given the file holds nothing
    other.communicate(b"\n")


@pytest.mark.parametrize("again", [False, True], ids=["removed", "replaced"])
def test_a_file_that_loses_its_name_before_it_is_locked_is_not_the_lock(tmp_path, monkeypatch, again):
    path = tmp_path / "lock"
    lock, other = fcntl.flock, []

    def late(file, how):
        if not other:
            path.unlink()
            other.append(os.open(path, os.O_RDWR | os.O_CREAT) if again else -1)
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with one_at_a_time.held(path, refusal=refusal) as file:
        assert os.path.samestat(os.fstat(file), path.stat())
        assert not is_free(path)
    if again:
        os.close(other[0])


def test_a_disk_without_locks_is_named(tmp_path, monkeypatch):
    def none(_file, _how):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(Refused) as error, one_at_a_time.held(tmp_path / "lock", refusal=refusal):
        pass
    assert error.value.where == str(tmp_path / "lock")
    assert error.value.found == "No locks available"


@pytest.mark.parametrize("folder", ["taken away", "left"])
def test_a_build_that_another_apply_makes_meanwhile_is_held_by_the_lock_inside(tmp_path, monkeypatch, folder):
    """The other one comes between the look at the build and the lock."""
    out, take = tmp_path / "out", one_at_a_time.take

    def late(path, **how):
        if not out.exists():
            (out / ".git").mkdir(parents=True)
            if folder == "taken away":
                path.parent.rmdir()
        return take(path, **how)

    monkeypatch.setattr(one_at_a_time, "take", late)
    with build_lock.held(out):
        assert not is_free(out / ".git/overlay.lock")
        assert sorted(os.listdir(tmp_path)) == ["out"]
