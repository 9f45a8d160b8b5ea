"""Puts a file in its place so that a reader finds the old one or the new one, whatever happens in between."""

from collections.abc import Iterator
import contextlib
import os
import pathlib
import uuid


def write_durably(path: pathlib.Path, content: bytes) -> None:
    """Writes a file whole: under a hidden name beside it, to the disk, then renamed.

    LeRobot passes over hidden names, so that what a killed process leaves is not read as data.
    """
    with placed(path) as aside:
        aside.write_bytes(content)


@contextlib.contextmanager
def placed(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Gives a hidden path beside `path` to write to, and puts what was written in its place at the end.

    Nothing is put there, and nothing left, where the body raises.
    """
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        yield aside
        flush(aside)
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    flush(path.parent)


def flush(path: pathlib.Path) -> None:
    """Has the disk take what was written to a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
