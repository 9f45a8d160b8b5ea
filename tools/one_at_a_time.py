"""One at a time, by a lock on a file: it is held while a process works, and the end of that process frees it, a kill too."""

from collections.abc import Callable, Iterator
import contextlib
import fcntl
import os
import pathlib
import sys

from tools.refusal import Refused


@contextlib.contextmanager
def held(path: pathlib.Path, *, refusal: Callable[[int], Refused] | None = None, waiting: str = "") -> Iterator[int]:
    """Holds a lock for as long as the body runs; arguments, result and errors are those of `take`."""
    file = take(path, refusal=refusal, waiting=waiting)
    try:
        yield file
    finally:
        os.close(file)


def take(path: pathlib.Path, *, refusal: Callable[[int], Refused] | None = None, waiting: str = "") -> int:
    """Takes a lock and returns the open file that holds it.

    Whoever has the file open holds the lock: a child that inherits it goes on holding it when this process is killed.

    Args:
        path: The file, made when it is missing; its folder is there.
        refusal: What to raise when another holds it; it is given the open file, in which that one may have written who
            it is. Without, the other is waited for.
        waiting: What to tell the user before that.

    Raises:
        Refused: what `refusal` gave, or the disk has no locks.
        OSError: the file cannot be made or written to.
    """
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _lock(file, path, refusal, waiting)
            there = _is_at(file, path)
        except BaseException:
            os.close(file)
            raise
        if there:
            return file
        os.close(file)


def _lock(file: int, path: pathlib.Path, refusal: Callable[[int], Refused] | None, waiting: str) -> None:
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            if refusal:
                raise refusal(file) from e
            print(waiting, file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
    except OSError as e:  # a network disk that was mounted without them
        raise Refused(
            str(path),
            expected="a disk on which a file can be locked: only one at a time may be at work here",
            found=e.strerror,
            todo="work on another disk, or mount this one with locks",
        ) from e


def _is_at(file: int, path: pathlib.Path) -> bool:
    """Whether a locked file still has its name: one that was removed or replaced before keeps nobody else out."""
    try:
        return os.path.samestat(os.fstat(file), os.stat(path))
    except FileNotFoundError:
        return False
