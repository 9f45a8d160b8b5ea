"""A child that was started ends its own work when it is interrupted, and is waited for."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tools.child import by_signal
from tools.child import wait_for
from tools.command import ROOT

# Takes its time to end, as a trainer in the middle of a checkpoint does.
SAVES = """
import pathlib, signal, sys, time
def end(number, frame):
    time.sleep(1)
    pathlib.Path(sys.argv[1]).write_text(f"whole, {signal.Signals(number).name}")
    sys.exit(5)
signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(60)
"""
PARENT = """
import signal, subprocess, sys
from tools.child import wait_for
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what is in the background without
class Child(subprocess.Popen):
    told = False
    def wait(self, *args, **options):
        if not self.told: print("ready", flush=True)
        self.told = True
        return super().wait(*args, **options)
child = Child([sys.executable, "-c", sys.argv[1], sys.argv[2]])
try: print("code", wait_for(child))
except KeyboardInterrupt: print("interrupted, code", child.returncode)
"""


@pytest.fixture
def parent(tmp_path):
    """Starts a process that waits for one that saves, as a terminal does: in a group of their own."""
    line = [sys.executable, "-c", PARENT, SAVES, str(tmp_path / "saved")]
    process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    for _ in ("the child", "the parent, which waits for it"):
        assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()


def test_a_ctrl_c_is_the_childs_to_answer(parent, tmp_path):
    os.killpg(parent.pid, signal.SIGINT)
    time.sleep(0.1)
    os.killpg(parent.pid, 0)  # still there
    assert parent.communicate(timeout=600)[0] == "interrupted, code 5\n"
    assert (tmp_path / "saved").read_text() == "whole, SIGINT"


def test_a_sigterm_is_handed_on(parent, tmp_path):
    parent.terminate()
    assert parent.communicate(timeout=600)[0] == "code 5\n"
    assert (tmp_path / "saved").read_text() == "whole, SIGTERM"


def test_the_code_is_a_shells():
    before = signal.getsignal(signal.SIGTERM)
    for code, wanted, name in ((0, 0, None), (3, 3, None), ("kill", 137, "SIGKILL")):
        ends = "import os; os.kill(os.getpid(), 9)" if code == "kill" else f"raise SystemExit({code})"
        found = wait_for(subprocess.Popen([sys.executable, "-c", ends]))
        assert (found, by_signal(found)) == (wanted, name)
    assert by_signal(255) is None
    assert signal.getsignal(signal.SIGTERM) is before
