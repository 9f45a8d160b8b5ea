"""Changes many files of a build as one: everything is written aside first, then moved into place.

Moving is the only thing left to do once the journal is there: renames within one disk, which need no space and take
about a millisecond. When the process is killed among them, the next command finishes what the journal says, so that
a build is the old one or the new one. A build is changed in place, and not swapped for a new folder, because people
have shells, editors and training runs in it, and because what is theirs in it (.venv, checkpoints) must not move.
"""

import contextlib
import json
import os
import pathlib
import shutil

from tools import trees

_FOLDER = "overlay-next"
_JOURNAL = "journal.json"


def pending(git_dir: pathlib.Path) -> bool:
    """Was a change interrupted that `finish` must bring to its end?"""
    return (git_dir / _FOLDER / _JOURNAL).exists()


def begin(git_dir: pathlib.Path) -> pathlib.Path:
    """An empty folder to write the new files into; what an interrupted `begin` left is removed."""
    folder = git_dir / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def commit(git_dir: pathlib.Path, *, place: dict[str, tuple[str, bytes] | None], inside_git: dict[str, bytes]) -> None:
    """Writes everything aside and then the journal: from here on the change will happen.

    Args:
        git_dir: The build's .git folder.
        place: Mode and content of each path of the tree that is new or changed; None for one that goes.
        inside_git: Content of files inside .git that change with the tree, such as the branch and the stamp.

    Raises:
        OSError: the disk is full or not writable; nothing has changed then.
    """
    folder, moves, tree = git_dir / _FOLDER, [], git_dir.parent
    try:
        for number, (path, new) in enumerate(sorted(place.items())):
            if new is None:
                continue
            mode, content = new
            if mode == trees.SUBMODULE:  # an empty folder, as git leaves it too
                (tree / path).mkdir(parents=True, exist_ok=True)
                continue
            _write(folder / str(number), mode, content)
            moves.append([str(number), path])
            with contextlib.suppress(FileExistsError, NotADirectoryError):  # finish() makes it, once the way is free
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
        for name, content in inside_git.items():
            _write(folder / f"git-{len(moves)}", trees.PLAIN, content)
            moves.append([f"git-{len(moves)}", f".git/{name}"])
        plan = {"remove": sorted(path for path, new in place.items() if new is None), "move": moves}
        _write(folder / f"{_JOURNAL}.tmp", trees.PLAIN, json.dumps(plan).encode())
        _sync(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    os.replace(folder / f"{_JOURNAL}.tmp", folder / _JOURNAL)
    _sync(folder)


def finish(git_dir: pathlib.Path) -> None:
    """Does what the journal says; done twice, or from the middle on, it comes to the same."""
    folder, tree = git_dir / _FOLDER, git_dir.parent
    plan = json.loads((folder / _JOURNAL).read_bytes())
    for path in plan["remove"]:
        (tree / path).unlink(missing_ok=True)
        for parent in list((tree / path).relative_to(tree).parents)[:-1]:
            with contextlib.suppress(OSError):  # not empty: something of the user's lies in it
                (tree / parent).rmdir()
    for name, path in plan["move"]:
        if (folder / name).exists() or (folder / name).is_symlink():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(folder / name, tree / path)
    for parent in {(tree / path).parent for _, path in plan["move"]}:
        _sync(parent)
    (folder / _JOURNAL).unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _write(path: pathlib.Path, mode: str, content: bytes) -> None:
    if mode == trees.LINK:
        path.symlink_to(content.decode())
        return
    with open(path, "wb", opener=_opener(0o777 if mode == trees.EXECUTABLE else 0o666)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _opener(permissions: int):
    return lambda path, flags: os.open(path, flags, permissions)


def _sync(folder: pathlib.Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
