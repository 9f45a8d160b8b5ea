"""One apply at a time for each build."""

from collections.abc import Iterator
import contextlib
import fcntl
import os
import pathlib
import shutil

from tools.refusal import Refused

INSIDE = "overlay.lock"  # in the .git folder of a build
_MARK = "lock"  # in the folder beside it


def aside(out: pathlib.Path) -> pathlib.Path:
    """The folder beside a build in which a new one is made; it is ours when it holds our lock file."""
    return out.parent / f".{out.name}.new"


@contextlib.contextmanager
def held(out: pathlib.Path) -> Iterator[None]:
    """Holds a build for changing it: by a file inside it, or where there is none yet, in the folder beside it.

    Raises:
        Refused: another apply is at work on it, or something that is not ours stands where a new build is made.
    """
    inside = (out / ".git").is_dir()
    folder = out / ".git" if inside else aside(out)
    if not inside:
        if os.path.lexists(folder) and not (folder / _MARK).is_file():
            raise Refused(
                str(folder),
                expected="nothing there: it is where a new build is made",
                found="something that apply did not make",
                todo="move it away, or name another folder with --out",
            )
        folder.mkdir(parents=True, exist_ok=True)
    with open(folder / (INSIDE if inside else _MARK), "a") as file:  # closing it frees it
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise Refused(
                str(out),
                expected="no other apply at work here",
                found="one that is still running",
                todo="wait until it is done, then run yours",
            ) from e
        try:
            yield
        finally:
            if not inside:
                shutil.rmtree(folder, ignore_errors=True)
