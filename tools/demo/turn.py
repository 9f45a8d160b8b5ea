"""One run at a time in a folder: held by every process of the run, so that one which was left behind is not met by the next."""

from collections.abc import Iterator
import contextlib
import os
import pathlib

from tools import one_at_a_time
from tools.refusal import Refused


@contextlib.contextmanager
def taken(path: pathlib.Path) -> Iterator[int]:
    """Takes the turn and yields an open file; a process that is given that file holds the turn until it ends.

    Raises:
        Refused: Another run has it, or a process that one left behind when it was killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)

    def refusal(file: int) -> Refused:
        last = os.pread(file, 20, 0).decode().strip()
        return Refused(
            str(path),
            expected="no other run at work here",
            found=f"one that is still running, or what one left behind when it was killed (process {last})",
            todo=f"wait until it is done, or end it: kill {last}",
        )

    with one_at_a_time.held(path, refusal=refusal) as file:
        tell(file, os.getpid())
        yield file


def tell(turn: int, pid: int) -> None:
    """Writes down which process a person would have to end."""
    os.ftruncate(turn, 0)
    os.pwrite(turn, f"{pid}\n".encode(), 0)
