"""Which files of a folder belong to an OpenPI tree: all but git's, Python's and the user's own things."""

import os
import pathlib
import stat

from tools.refusal import Refused
from tools.upstream.work_tree import EXECUTABLE
from tools.upstream.work_tree import LINK
from tools.upstream.work_tree import PLAIN
from tools.upstream.work_tree import WorkTree

# What people have at the top of a checkout that is no part of the tree; it counts where git tracks it.
_OWN = {".venv", "checkpoints", "assets", "wandb"}
# In a folder without git, what upstream's .gitignore names at the top, too.
_NOT_SOURCE = _OWN | {"venv", "data", "build"}


def plain_files(folder: pathlib.Path) -> list[str]:
    """Every file and link below a folder, but for what is git's, Python's or the user's own."""
    found = []
    for top, folders, files in os.walk(folder, onerror=_raise):
        here = pathlib.Path(top)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [name for name in folders if _is_source((here / name).relative_to(folder), _NOT_SOURCE)]
        kept = [(here / name).relative_to(folder) for name in (*files, *links)]
        found += [path.as_posix() for path in kept if _is_source(path, _NOT_SOURCE)]
    return found


def git_files(work: WorkTree) -> list[str]:
    """What git tracks or does not ignore, as far as it is on disk."""
    listed = {*work.tracked(), *untracked(work)}
    there = [p for p in listed if os.path.lexists(work.folder / p) and not _is_folder(work.folder / p)]
    links = {path for path in there if (work.folder / path).is_symlink()}
    # A folder that was replaced by a link: what lies behind it is elsewhere.
    return [path for path in there if not links.intersection(map(str, pathlib.PurePosixPath(path).parents))]


def untracked(work: WorkTree) -> list[str]:
    """What git neither tracks nor ignores, but for the user's own."""
    return [path for path in work.untracked() if _is_source(pathlib.PurePath(path), _OWN)]


def _is_source(path: pathlib.PurePath, own: set[str]) -> bool:
    # git refuses its own name in any spelling.
    litter = any(part == "__pycache__" or part.casefold() == ".git" for part in path.parts)
    return path.parts[0] not in own and not litter


def _is_folder(path: pathlib.Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _raise(error: OSError) -> None:
    raise error  # a folder that cannot be read must not count as empty


def mode(path: pathlib.Path) -> str:
    """The mode of a file or link as git writes it; refuses what is neither."""
    bits = path.lstat().st_mode
    if stat.S_ISLNK(bits):
        return LINK
    if not stat.S_ISREG(bits):
        kind = "a pipe" if stat.S_ISFIFO(bits) else "a socket" if stat.S_ISSOCK(bits) else "a device"
        raise Refused(str(path), expected="only files, folders and links", found=kind, todo="move it out of the tree")
    return EXECUTABLE if bits & stat.S_IXUSR else PLAIN
