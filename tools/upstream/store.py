"""The store: upstream trees that were fetched, as commits in one bare git repository under `build/`.

A commit of upstream stands under `refs/upstream/git/<commit>`, an imported source distribution under
`refs/upstream/sdist/<sha256>`. Looking something up never writes. All writing happens under `locked()`, and git moves
a reference only once all that it names is there: after a `kill -9` the store holds a tree whole or not at all.
"""

from collections.abc import Iterator, Mapping
import contextlib
import dataclasses
import datetime
import pathlib
import shutil
import tempfile
import time

from tools import command
from tools import fast_import
from tools import one_at_a_time
from tools.git import GitError
from tools.git import git
from tools.lock import Lock
from tools.refusal import Refused
from tools.upstream.whole import is_whole

DEFAULT = command.ROOT / "build" / "upstream.git"


@dataclasses.dataclass(frozen=True)
class Synced:
    """One upstream tree in the store.

    Attributes:
        repo: The store, a bare git repository.
        commit: The commit in it that holds the tree, 40 hex digits.
        source: "git", or "sdist" for the mirror.
        id: The upstream commit, or package and version of the mirror.
        date: The day of the upstream commit, as 2026-06-15.
        note: How the tree differs from the locked commit; empty for the locked commit itself.
    """

    repo: pathlib.Path
    commit: str
    source: str
    id: str
    date: str
    note: str


@dataclasses.dataclass(frozen=True)
class File:
    """A file to import: its git mode ("100644", "100755", or "120000" for a link) and its bytes."""

    mode: str
    data: bytes


def git_ref(commit: str) -> str:
    """Where a commit of upstream stands in the store."""
    return f"refs/upstream/git/{commit}"


def sdist_ref(sha256: str) -> str:
    """Where the tree of a source distribution stands in the store."""
    return f"refs/upstream/sdist/{sha256}"


def find_locked(path: pathlib.Path, lock: Lock, *, source: str | None = None) -> Synced | None:
    """Finds what the lock asks for: the locked commit, else the mirror's tree. Writes nothing.

    Args:
        path: The store; it may be missing.
        lock: What is asked for.
        source: "git" or "sdist" for that one alone.

    Returns:
        The tree, or None when it is not there as a whole.

    Raises:
        Refused: The commit is there, and is not of the day that the lock says.
    """
    if source != "sdist" and (there := look(path, git_ref(lock.commit))):
        commit, date = there
        if date != lock.date:
            raise Refused(
                f"upstream.lock: date of {commit}",
                expected=date,
                found=lock.date,
                todo="put that commit's own day there",
            )
        return Synced(path, commit, "git", commit, date, "")
    if source != "git" and (there := look(path, sdist_ref(lock.mirror.sha256))):
        mirror = lock.mirror
        return Synced(path, there[0], "sdist", f"{mirror.package} {mirror.version}", mirror.date, _mirror_note(lock))
    return None


def look(path: pathlib.Path, ref: str) -> tuple[str, str] | None:
    """Looks up a commit: its hash and its author's day, or None when it or any object of its tree is missing."""
    if not path.is_dir():
        return None
    try:
        answer = git(path, "--git-dir=.", "rev-list", "--objects", "--no-walk", "--format=%as", ref, "--")
    except GitError:
        return None
    commit, date = answer.decode(errors="replace").split("\n", 2)[:2]
    return commit.removeprefix("commit "), date


@contextlib.contextmanager
def locked(path: pathlib.Path) -> Iterator[int]:
    """Holds the store for writing, against a second sync, and clears away what a killed one left.

    Yields:
        The open lock file; a child process that inherits it keeps the store held while it lives.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = "waiting for another sync that is at work on the same store"
    with one_at_a_time.held(path.with_name(f"{path.name}.lock"), waiting=waiting) as held:
        for left in path.parent.glob(f".{path.name}.*"):
            _clear(left)
        for left in (*path.rglob("*.lock"), *path.glob("objects/*/tmp_*")):
            left.unlink(missing_ok=True)
        yield held


@contextlib.contextmanager
def scratch(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A temporary folder beside the store, removed at the end; `locked()` removes one that a kill left behind."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield folder
    finally:
        _clear(folder)


def _clear(folder: pathlib.Path) -> None:
    """Removes a folder. A child of a killed process may write into it for a moment more, so it is tried for a second."""
    for _ in range(50):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.02)


def open_store(path: pathlib.Path) -> None:
    """Makes the store when it is missing, and makes it anew when it is damaged; call it under `locked()`."""
    if is_whole(path):
        return
    with scratch(path) as folder:
        make_bare(folder / "new")
        if path.is_symlink() or path.exists():
            command.note(f"{path} is damaged: it is made anew, and its trees are fetched again when they are asked for")
            path.rename(folder / "damaged")
        (folder / "new").rename(path)


def make_bare(path: pathlib.Path) -> None:
    """Makes an empty bare repository, with none of the user's templates in it."""
    git(None, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(path))


def import_files(path: pathlib.Path, files: Mapping[str, File], *, ref: str, date: str, message: str) -> str:
    """Imports files as one commit without parents; the same files give the same commit on every machine.

    Args:
        path: The store.
        files: Each file by its path in the tree, with "/" between folders.
        ref: The reference to set.
        date: The day of the commit, as 2025-10-18; midnight UTC.
        message: The commit's message.

    Returns:
        The commit, 40 hex digits.
    """
    stream = fast_import.Stream(ref, fast_import.midnight(date))
    stream.commit(message, {name: (file.mode, file.data) for name, file in files.items()})
    return stream.write(path)[0]


def _mirror_note(lock: Lock) -> str:
    mirror = lock.mirror
    days = (datetime.date.fromisoformat(lock.date) - datetime.date.fromisoformat(mirror.date)).days
    age = f"{abs(days)} days {'older' if days >= 0 else 'newer'} than"
    origin = f"OpenPI {mirror.commit[:12]} of {mirror.date}"
    return " ".join(
        [
            f"This is not the locked commit: it is the mirror {mirror.package} {mirror.version}, made from {origin},",
            f"{age} the locked commit {lock.commit[:12]} of {lock.date}.",
            *([f"Beside that it differs from {origin}:", *mirror.differs] if mirror.differs else []),
        ]
    )
