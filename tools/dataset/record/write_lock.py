"""One writer at a time for each dataset, by a lock that dies with its process."""

from collections.abc import Iterator
import contextlib
import json
import os
import pathlib
import socket
import sys
import time
from typing import IO
import weakref

from tools import one_at_a_time
from tools.refusal import Refused

NAME = ".writer.lock"  # hidden, so that LeRobot and an upload pass over it

_held: weakref.WeakSet[IO[str]] = weakref.WeakSet()


@contextlib.contextmanager
def held(root: pathlib.Path) -> Iterator[None]:
    """Holds a dataset for writing to it, for as long as the body runs and the process lives.

    Args:
        root: The dataset's folder, which is there.

    Raises:
        Refused: Another writer holds it; the message names the process.
    """
    file = take(root)
    try:
        yield
    finally:
        file.close()


def take(root: pathlib.Path) -> IO[str]:
    """Takes the lock; closing the file that is returned frees it.

    Raises:
        Refused: Another writer holds it.
    """

    def refusal(file: int) -> Refused:
        return Refused(
            str(root),
            expected="no other writer on this dataset",
            found=_holder(file),
            todo="let it finish or end it, then try again; the lock goes with its process",
        )

    file = os.fdopen(one_at_a_time.take(root / NAME, refusal=refusal), "w", encoding="utf-8")
    file.truncate(0)
    about = {"pid": os.getpid(), "host": socket.gethostname(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
    json.dump(about | {"command": " ".join(sys.argv)[:200]}, file)
    file.flush()
    _held.add(file)
    return file


def _holder(file: int) -> str:
    try:
        about = json.loads(os.pread(file, 10_000, 0))
        return f"process {about['pid']} on {about['host']}, since {about['since']}: {about['command']}"
    except (ValueError, KeyError, TypeError):
        return "one that has not said who it is"


# A forked child shares the lock, and one that outlives its parent would go on holding it. Closing the child's handle frees
# nothing of the parent's.
os.register_at_fork(after_in_child=lambda: [file.close() for file in list(_held)])
