"""Runs a plain function over many episodes on all cores; a cluster engine could take its place."""

from collections.abc import Callable, Iterable, Iterator
import concurrent.futures
import concurrent.futures.process
import contextlib
import itertools
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from typing import TypeVar

from tools.refusal import Refused

T = TypeVar("T")
R = TypeVar("R")

# Fewer items than this are done before another process has started.
_ALONE = 48
_BATCH = 16


def over(function: Callable[[T], R], items: Iterable[T], *, heavy: bool = False) -> Iterator[R]:
    """Calls a function on each item, in several processes where that pays, and yields the results in the items' order.

    Args:
        function: A function at the top of a module, or a `functools.partial` of one.
        items: What to call it on; they and the results must pickle.
        heavy: An item takes long enough (images) that even a few are worth other processes.

    Raises:
        Refused: A process was killed, as a system does that runs out of memory.
        Exception: What the function raised, at its item's place.
    """
    items = list(items)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if cores == 1 or len(items) < (2 if heavy else _ALONE):
        yield from map(function, items)
        return
    size = 1 if heavy else _BATCH
    batches = itertools.batched(items, size) if hasattr(itertools, "batched") else _batches(items, size)
    # The function goes to each process once: what it holds may be as much as a thousand items are.
    spawn = multiprocessing.get_context("spawn")
    try:
        with (
            concurrent.futures.ProcessPoolExecutor(cores, spawn, _take, (function,)) as workers,
            _none_left_behind(workers),
        ):
            waiting = []
            for batch in batches:
                waiting.append(workers.submit(_each, batch))
                if len(waiting) > 4 * cores:  # a bound on results that wait for a slow one before them
                    yield from waiting.pop(0).result()
            for one in waiting:
                yield from one.result()
    except concurrent.futures.process.BrokenProcessPool:
        raise Refused(
            f"one of {cores} processes at work on the dataset",
            expected="every process to end its work",
            found="one that was killed, by hand or by a system that ran out of memory",
            todo="free some memory, then run the command again; nothing was left half-written",
        ) from None


@contextlib.contextmanager
def _none_left_behind(workers: concurrent.futures.ProcessPoolExecutor) -> Iterator[None]:
    """Ends the processes at once where the body does not come to its end: nobody waits for what they do any more."""
    before = set(multiprocessing.active_children())
    try:
        yield
    except BaseException:
        workers.shutdown(wait=False, cancel_futures=True)
        ours = set(multiprocessing.active_children()) - before
        for process in ours:
            process.terminate()
        for process in ours:
            process.join()
        raise


_TAKEN: list[Callable] = []


def _take(function: Callable) -> None:
    """Makes a process ready: it ends when the one that started it has ended, however that was."""
    _TAKEN[:] = [function]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of them: the one that started them sees to it
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.connection.wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


def _each(batch: Iterable[T]) -> list[R]:
    return [_TAKEN[0](item) for item in batch]


def _batches(items: list[T], size: int) -> Iterator[tuple[T, ...]]:
    return (tuple(items[at : at + size]) for at in range(0, len(items), size))
