"""One writer at a time, and the lock goes with its process."""

import os
import signal

import pytest

from tests.tools.dataset.recording import ABOUT
from tests.tools.dataset.recording import start_script
from tools.dataset.writer import Writer
from tools.refusal import Refused


def test_a_second_writer_is_refused_and_told_who_is_first(tmp_path):
    holds = "writer = Writer(root, ABOUT); print(os.getpid(), flush=True); time.sleep(600)"
    with Writer(tmp_path, ABOUT), pytest.raises(Refused, match="no other writer"):
        Writer(tmp_path, ABOUT)
    process = start_script(holds, tmp_path)
    try:
        pid = process.stdout.readline().strip()
        with pytest.raises(Refused) as error:
            Writer(tmp_path, ABOUT)
        assert f"process {pid} on " in error.value.found
    finally:
        process.kill()
        process.wait()
    Writer(tmp_path, ABOUT).close()


FORKED = """
writer = Writer(root, ABOUT)
if os.fork() == 0:
    print(os.getpid(), flush=True)
    time.sleep(600)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_forked_child_does_not_keep_the_lock(tmp_path):
    process = start_script(FORKED, tmp_path)
    child = int(process.stdout.readline())
    process.wait()
    try:
        Writer(tmp_path, ABOUT).close()
    finally:
        os.kill(child, signal.SIGKILL)
        process.stdout.close()
