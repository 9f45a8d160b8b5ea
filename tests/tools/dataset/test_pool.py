"""Work on many episodes comes back in order, and a process that dies is told as such."""

import os
import pathlib
import signal
import subprocess
import sys
import time
import types

import pytest

from tools.command import ROOT
from tools.dataset import pool
from tools.refusal import Refused


def double(number: int) -> int:
    return 2 * number


def fails_at_60(number: int) -> int:
    if number == 60:
        raise ValueError(f"wrong: {number}")
    return number


def dies_at_60(number: int) -> int:
    if number == 60:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch):
    monkeypatch.setattr(pool, "os", types.SimpleNamespace(sched_getaffinity=lambda _: {0, 1}))


def test_results_come_in_the_order_of_the_items():
    assert list(pool.over(double, range(200))) == [2 * number for number in range(200)]
    assert list(pool.over(double, range(3), heavy=True)) == [0, 2, 4]
    assert list(pool.over(double, [])) == []


def test_what_the_function_raises_comes_at_its_place():
    results = pool.over(fails_at_60, range(200))
    assert [next(results) for _ in range(48)] == list(range(48))  # whole batches of 16
    with pytest.raises(ValueError, match="wrong: 60"):
        list(results)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_process_that_is_killed_is_told_in_one_message():
    with pytest.raises(Refused, match="at work on the dataset") as error:
        list(pool.over(dies_at_60, range(200)))
    assert "killed" in error.value.found
    assert error.value.__suppress_context__


AT_WORK = """
import os, pathlib, signal, time
from tools import command
from tools.dataset import pool

def work(number: int) -> int:
    while True:
        pathlib.Path(str(os.getpid())).touch()
        time.sleep(0.01)

def busy() -> int:
    return len(list(pool.over(work, range(8), heavy=True)))

if __name__ == "__main__":
    os.sched_getaffinity = lambda _: {0, 1}  # two processes on any machine, so that one that is starting is none of them
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what is in the background without
    command.run(busy, "just be busy")
"""


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = pathlib.Path(f"/proc/{process}/stat")  # one that nobody has asked for its end is none
    return not state.is_file() or ") Z " not in state.read_text()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=str
)
def test_no_process_outlives_the_one_that_started_it(tmp_path, number, code):
    script, home = tmp_path / "busy.py", tmp_path / "home"
    script.write_text(AT_WORK)
    home.mkdir()
    command = [sys.executable, "-P", str(script)]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    parent = subprocess.Popen(command, cwd=home, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)
    processes = lambda: [int(one.name) for one in home.iterdir()]  # noqa: E731
    try:
        assert soon(lambda: len(processes()) == 2)
        # As a terminal does: Ctrl-C reaches all.
        os.killpg(parent.pid, number) if number == signal.SIGINT else parent.send_signal(number)
        _, said = parent.communicate(timeout=300)
        assert parent.returncode == code
        assert soon(lambda: not any(map(is_there, processes())))
        assert "Traceback" not in said
        if number != signal.SIGKILL:
            assert said.count("\n") == 1
            assert "nothing was left half-written" in said
    finally:
        os.killpg(parent.pid, signal.SIGKILL) if any(map(is_there, processes())) else None


def soon(holds) -> bool:
    end = time.monotonic() + 300
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()
