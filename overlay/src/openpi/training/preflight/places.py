"""Places on this machine: whether a path is one, and whether a script may write there."""

import os
import pathlib

from openpi.training.preflight.not_ready import NotReady


def is_local(path: str) -> bool:
    """Whether a path is on this machine, and not in a bucket."""
    return "://" not in path


def check_writable(folder: pathlib.Path, todo: str) -> None:
    """Checks that a folder that a script is going to make, or write into, can be made or written.

    Args:
        folder: An absolute path; it and any of its parents may be absent.
        todo: What to do where it cannot.
    """
    # Unlike pathlib's, this is False below a folder that this user may not look into.
    there = next(path for path in (folder, *folder.parents) if os.path.exists(path))
    if not there.is_dir():
        found = f"a file at {there}"
    elif not os.access(there, os.W_OK | os.X_OK):
        found = f"{there}, where this user may not write"
    else:
        return
    raise NotReady(str(folder), expected="a folder to write into, or a place to make it", found=found, todo=todo)
