"""Changes many files of a build as one: everything is written aside first, then moved into place.

Moving is the only thing left to do once the journal is there: renames within one disk, which need no space and take
about a millisecond. When the process is killed among them, the next command finishes what the journal says, so that
a build is the old one or the new one. A build is changed in place, and not swapped for a new folder, because people
have shells, editors and training runs in it, and because what is theirs in it (.venv, checkpoints) must not move.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil

from tools.upstream import trees

_FOLDER = "overlay-next"
_JOURNAL = "journal.json"


@dataclasses.dataclass(frozen=True)
class Journal:
    """What is to be done, in this order.

    Attributes:
        remove: Paths of the tree that go.
        folders: Paths that are to be folders, for submodules.
        move: Each file that is written aside, with the path that it gets.
        was: What was at each path when the journal was written, as `fingerprint` gives it.
        head: The commit that the build was at; "" for a new one.
        commit: The commit that it will be at.
    """

    remove: list[str]
    folders: list[str]
    move: list[tuple[str, str]]
    was: dict[str, str]
    head: str
    commit: str


def pending(git_dir: pathlib.Path) -> bool:
    """Was a change interrupted that `finish` must bring to its end?"""
    return (git_dir / _FOLDER / _JOURNAL).exists()


def read(git_dir: pathlib.Path) -> Journal:
    """Reads the journal that is pending."""
    return Journal(**json.loads((git_dir / _FOLDER / _JOURNAL).read_bytes()))


def begin(git_dir: pathlib.Path) -> pathlib.Path:
    """An empty folder to write the new files into; what an interrupted `begin` left is removed."""
    folder = git_dir / _FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def write(
    git_dir: pathlib.Path,
    *,
    head: str,
    commit: str,
    place: dict[str, tuple[str, bytes] | None],
    inside_git: dict[str, bytes],
) -> None:
    """Writes everything aside and then the journal: from here on the change will happen.

    Args:
        git_dir: The build's .git folder.
        head: The commit that the build is at; "" for a new one.
        commit: The commit that it will be at.
        place: Mode and content of each path of the tree that is new or changed; None for one that goes.
        inside_git: Content of files inside .git that change with the tree, such as the branch and the stamp.

    Raises:
        OSError: the disk is full or not writable; nothing has changed then.
    """
    folder, tree = git_dir / _FOLDER, git_dir.parent
    remove = sorted(path for path, new in place.items() if new is None)
    folders = sorted(path for path, new in place.items() if new and new[0] == trees.SUBMODULE)
    files = {path: new for path, new in sorted(place.items()) if new and path not in folders}
    files |= {f".git/{name}": (trees.PLAIN, content) for name, content in inside_git.items()}
    try:
        for number, (path, (mode, content)) in enumerate(files.items()):
            _write(folder / str(number), mode, content)
            # Made now, while a full disk still does no harm; where a file that goes is in the way, finish() makes it.
            with contextlib.suppress(FileExistsError, NotADirectoryError):
                (tree / path).parent.mkdir(parents=True, exist_ok=True)
        move = [(str(number), path) for number, path in enumerate(files)]
        was = {path: fingerprint(tree / path) for path in place}
        journal = Journal(remove, folders, move, was, head, commit)
        _write(folder / f"{_JOURNAL}.tmp", trees.PLAIN, json.dumps(dataclasses.asdict(journal)).encode())
        sync(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    os.replace(folder / f"{_JOURNAL}.tmp", folder / _JOURNAL)
    sync(folder)


def changed_since(git_dir: pathlib.Path) -> list[str]:
    """The paths still to be changed at which something else is by now than when the journal was written."""
    journal, folder, tree = read(git_dir), git_dir / _FOLDER, git_dir.parent
    left = {path for name, path in journal.move if os.path.lexists(folder / name)} | set(journal.remove)
    now = {path: fingerprint(tree / path) for path in left & journal.was.keys()}
    # What is not there any more was removed by finish(), or by the user: there is nothing to lose.
    return sorted(path for path, print_ in now.items() if print_ not in ("", journal.was[path]))


def finish(git_dir: pathlib.Path) -> None:
    """Does what the journal says; done twice, or from the middle on, it comes to the same."""
    journal, folder, tree = read(git_dir), git_dir / _FOLDER, git_dir.parent
    for path in journal.remove:
        if not (tree / path).is_dir() or (tree / path).is_symlink():
            (tree / path).unlink(missing_ok=True)
        for parent in [path, *map(str, list(pathlib.PurePosixPath(path).parents)[:-1])]:
            with contextlib.suppress(OSError):  # not empty: something of the user's lies in it
                (tree / parent).rmdir()
    for path in journal.folders:
        if not (tree / path).is_dir():
            (tree / path).unlink(missing_ok=True)
            (tree / path).mkdir(parents=True)
    for name, path in journal.move:
        if os.path.lexists(folder / name):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):  # an empty folder there is nothing to lose
                (tree / path).rmdir()
            os.replace(folder / name, tree / path)
    for parent in {(tree / path).parent for _, path in journal.move}:
        sync(parent)
    (folder / _JOURNAL).unlink()
    shutil.rmtree(folder, ignore_errors=True)


def fingerprint(path: pathlib.Path) -> str:
    """What is at a path, as a short text: "" for nothing, the sha256 of a file with its executable bit, a link's target."""
    if path.is_symlink():
        return f"link {os.readlink(path)}"
    if path.is_dir():
        return "folder"
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return f"file {hashlib.sha256(content).hexdigest()} {os.access(path, os.X_OK)}"


def sync(folder: pathlib.Path) -> None:
    """Waits until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: pathlib.Path, mode: str, content: bytes) -> None:
    if mode == trees.LINK:
        path.symlink_to(os.fsdecode(content))
        return
    permissions = 0o777 if mode == trees.EXECUTABLE else 0o666
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, permissions)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
