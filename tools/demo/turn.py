"""One run at a time in a folder: held by every process of the run, so that one which was left behind is not met by the next."""

from collections.abc import Iterator
import contextlib
import fcntl
import os
import pathlib

from tools.refusal import Refused


@contextlib.contextmanager
def taken(path: pathlib.Path) -> Iterator[int]:
    """Takes the turn and yields an open file; a process that is given that file holds the turn until it ends.

    Raises:
        Refused: Another run has it, or a process that one left behind when it was killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            last = os.pread(file, 20, 0).decode().strip()
            raise Refused(
                str(path),
                expected="no other run at work here",
                found=f"one that is still running, or what one left behind when it was killed (process {last})",
                todo=f"wait until it is done, or end it: kill {last}",
            ) from e
        tell(file, os.getpid())
        yield file
    finally:
        os.close(file)


def tell(turn: int, pid: int) -> None:
    """Writes down which process a person would have to end."""
    os.ftruncate(turn, 0)
    os.pwrite(turn, f"{pid}\n".encode(), 0)
