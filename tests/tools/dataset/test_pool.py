"""Work on many episodes comes back in order, and a process that dies is told as such."""

import os
import signal
import sys
import types

import pytest

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
