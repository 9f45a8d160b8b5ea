"""Writes a plan into a git repository as commits: the overlay first, then one commit a patch, on top of upstream's own.

The commits are the same on every machine: the author is the project, the date is upstream's, and nothing of the
user's git configuration is asked. Writing them changes no file and no branch.
"""

import datetime
import pathlib

from tools import trees
from tools.git import GitError
from tools.git import git
from tools.plan import Plan

AUTHOR = "openpi-overlay <openpi-overlay@users.noreply.github.com>"
_SCRATCH = "refs/overlay/next"


def write_series(repo: pathlib.Path, plan: Plan) -> tuple[str, str]:
    """Writes the commits of a plan.

    Args:
        repo: The build's repository, which receives upstream's commit too.
        plan: A plan without a refused patch.

    Returns:
        The upstream commit, and the newest of ours.
    """
    _remove_stale_locks(repo)
    upstream = plan.upstream
    if isinstance(upstream, trees.GitTree):
        pristine, when = upstream.commit, _bring(repo, upstream)
        stream = _Stream(when)
    else:
        pristine, stream = "", _Stream(_seconds(upstream.origin.date))
        contents = upstream.read(list(upstream.modes()))
        files = {path: (mode, contents[path]) for path, mode in upstream.modes().items()}
        stream.commit(f"OpenPI as found: {upstream.origin.id}\n", files, parent=None)
    overlay = {path: (file.mode, file.content) for path, file in plan.overlay.items()}
    what = (
        "Lay the overlay\n\nNew files only, at the path that they have in overlay/. Nothing of upstream's is changed.\n"
    )
    stream.commit(what, overlay, parent=pristine or ":1")
    modes = upstream.modes()
    for result in plan.results:
        if result.files:
            files = {path: (modes[path], text) for path, text in result.files.items()}
            stream.commit(result.patch.message(), files, parent=f":{stream.marks}")
    marks = stream.write(repo)
    return pristine or marks[0], marks[-1]


def _bring(repo: pathlib.Path, upstream: trees.GitTree) -> int:
    """Brings upstream's commit into the repository, without its history; returns its time in seconds."""
    if not _has(repo, upstream.commit):
        source = upstream.repo.resolve().as_uri()
        git(repo, "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", source, upstream.commit)
    return int(git(repo, "log", "-1", "--format=%ct", upstream.commit))


def _has(repo: pathlib.Path, commit: str) -> bool:
    """Is the commit there with everything in it?"""
    try:
        git(repo, "rev-list", "--objects", "--no-walk", "--quiet", commit)
    except GitError:
        return False
    return True


def _remove_stale_locks(repo: pathlib.Path) -> None:
    """Removes the lock files of git commands of ours that were killed; apply holds the build, so none is at work."""
    for lock in (repo / ".git" / "shallow.lock", repo / ".git" / f"{_SCRATCH}.lock"):
        lock.unlink(missing_ok=True)


def _seconds(date: str) -> int:
    """Midnight UTC of a date, in seconds; of no date, the day that pi0.5 came."""
    return int(datetime.datetime.fromisoformat(f"{date or '2025-09-08'}T00:00:00+00:00").timestamp())


class _Stream:
    """Commands for `git fast-import`, which writes any number of commits in one process."""

    def __init__(self, when: int):
        self._when = when
        self._parts: list[bytes] = []
        self.marks = 0

    def commit(self, message: str, files: dict[str, tuple[str, bytes]], *, parent: str | None) -> None:
        self.marks += 1
        text = message.encode()
        person = f"{AUTHOR} {self._when} +0000"
        self._parts.append(
            f"{'' if parent else f'reset {_SCRATCH}{chr(10)}'}commit {_SCRATCH}\nmark :{self.marks}\n"
            f"author {person}\ncommitter {person}\ndata {len(text)}\n".encode()
            + text
            + (f"\nfrom {parent}\n".encode() if parent else b"\n")
        )
        for path, (mode, content) in sorted(files.items()):
            if mode != trees.SUBMODULE:
                name = path.encode(errors="surrogateescape")
                if path.startswith('"') or "\n" in path:
                    name = b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
                self._parts += [b"M %s inline %s\ndata %d\n" % (mode.encode(), name, len(content)), content, b"\n"]

    def write(self, repo: pathlib.Path) -> list[str]:
        """Writes the commits and returns their ids in order."""
        asked = "".join(f"get-mark :{mark + 1}\n" for mark in range(self.marks)).encode()
        stream = b"".join([*self._parts, asked, b"done\n"])
        answer = git(repo, "fast-import", "--quiet", "--force", "--done", "--date-format=raw", stdin=stream)
        git(repo, "update-ref", "-d", _SCRATCH)
        return answer.decode().split()
