"""Writes commits with `git fast-import`: any number in one process, and the same on every machine.

The author is the project, the time is given, and nothing of the user's git configuration is asked.
"""

import datetime
import pathlib

from tools.git import GitError
from tools.git import git

AUTHOR_NAME = "openpi-overlay"
AUTHOR_EMAIL = "openpi-overlay@users.noreply.github.com"


def midnight(date: str) -> int:
    """Midnight UTC of a day such as 2025-10-18, in seconds."""
    day = datetime.datetime.combine(datetime.date.fromisoformat(date), datetime.time(), datetime.UTC)
    return int(day.timestamp())


class Stream:
    """Commits for one reference, collected first and then written together.

    Args:
        ref: The reference that the last commit is written to; one that is there is overwritten.
        time_s: The time of all commits, in seconds since 1970.
    """

    def __init__(self, ref: str, time_s: int):
        self._ref = ref
        self._person = f"{AUTHOR_NAME} <{AUTHOR_EMAIL}> {time_s} +0000"
        self._parts: list[bytes] = []
        self._marks = 0

    def commit(self, message: str, files: dict[str, tuple[str, bytes]], *, parent: str | None = None) -> str:
        """Adds a commit.

        Args:
            message: Its message.
            files: Git mode and content of each file that is new or changed, by its path in the tree.
            parent: A commit, or what an earlier call returned; None for a commit without parents.

        Returns:
            What stands for this commit as a parent of the next.
        """
        self._marks += 1
        reset = "" if parent else f"reset {self._ref}\n"
        self._parts.append(f"{reset}commit {self._ref}\nmark :{self._marks}\n".encode())
        self._parts.append(f"author {self._person}\ncommitter {self._person}\n".encode() + _data(message.encode()))
        self._parts.append(f"from {parent}\n".encode() if parent else b"")
        for path, (mode, content) in sorted(files.items()):
            quoted = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            self._parts.append(f'M {mode} inline "{quoted}"\n'.encode(errors="surrogateescape") + _data(content))
        return f":{self._marks}"

    def write(self, repo: pathlib.Path) -> list[str]:
        """Writes the commits into a repository and returns their ids in order; no other reference or file changes."""
        asked = "".join(f"get-mark :{mark + 1}\n" for mark in range(self._marks)).encode()
        stream = b"".join([b"feature done\n", *self._parts, asked, b"done\n"])
        # One pack, on the disk before a branch names what is in it.
        durable = ("-c", "core.fsync=all", "-c", "fastimport.unpackLimit=1")
        try:
            written = git(repo, *durable, "fast-import", "--quiet", "--force", "--date-format=raw", stdin=stream)
        except GitError:
            for report in (*repo.glob("fast_import_crash_*"), *repo.glob(".git/fast_import_crash_*")):
                report.unlink()
            raise
        return written.decode().split()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
