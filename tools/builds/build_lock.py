"""One apply at a time for each build."""

from collections.abc import Iterator
import contextlib
import os
import pathlib
import shutil

from tools import one_at_a_time
from tools.refusal import Refused

_INSIDE = "overlay.lock"  # in the .git folder of a build
_MARK = "lock"  # in the folder beside it


def aside(out: pathlib.Path) -> pathlib.Path:
    """Where a new build is made, beside its place."""
    return _beside(out) / "openpi"


@contextlib.contextmanager
def held(out: pathlib.Path) -> Iterator[None]:
    """Holds a build for changing it: by a file inside it, or where there is none yet, in the folder beside it.

    Raises:
        Refused: another apply is at work on it, or something that is not ours stands where a new build is made.
    """
    file, inside = _take(out)
    try:
        yield
    finally:
        _let_go(out, file, inside=inside)


def _take(out: pathlib.Path) -> tuple[int, bool]:
    """The open lock, and whether it is the one inside; looks again where another apply was done in the meantime."""
    another = Refused(
        str(out),
        expected="no other apply at work here",
        found="one that is still running",
        todo="wait until it is done, then run yours",
    )
    while True:
        inside = _is_build(out)
        folder = out / ".git" if inside else _beside(out)
        if not inside:
            _refuse_foreign(folder)
            folder.mkdir(parents=True, exist_ok=True)
        try:
            file = one_at_a_time.take(folder / (_INSIDE if inside else _MARK), refusal=lambda _: another)
        except FileNotFoundError:
            if folder.exists():
                raise
            continue
        if inside == _is_build(out):
            return file, inside
        _let_go(out, file, inside=inside)


def _let_go(out: pathlib.Path, file: int, *, inside: bool) -> None:
    if not inside:  # the lock file last: until then the folder is ours alone
        shutil.rmtree(aside(out), ignore_errors=True)
        shutil.rmtree(_beside(out), ignore_errors=True)
    os.close(file)


def _is_build(out: pathlib.Path) -> bool:
    return (out / ".git").is_dir()


def _beside(out: pathlib.Path) -> pathlib.Path:
    """The folder beside a build; it is ours when it holds our lock file, or nothing yet."""
    return out.parent / f".{out.name}.new"


def _refuse_foreign(folder: pathlib.Path) -> None:
    if not os.path.lexists(folder) or (folder / _MARK).is_file():
        return
    with contextlib.suppress(OSError):
        if not os.listdir(folder):  # another apply has just made it, or is taking it away
            return
    raise Refused(
        str(folder),
        expected="nothing there: it is where a new build is made",
        found="something that apply did not make",
        todo="move it away, or name another folder with --out",
    )
