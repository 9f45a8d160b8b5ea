"""Pristine OpenPI trees to read from: a commit in a git repository, or the files of a folder. Nothing here writes."""

import dataclasses
import hashlib
import os
import pathlib
import shlex

from tools.git import GitError
from tools.git import git
from tools.refusal import Refused
from tools.upstream import folder_files
from tools.upstream.work_tree import EXECUTABLE
from tools.upstream.work_tree import LINK
from tools.upstream.work_tree import PLAIN
from tools.upstream.work_tree import SUBMODULE


@dataclasses.dataclass(frozen=True)
class Origin:
    """What a tree is, for people and for the stamp.

    Attributes:
        source: "git", "sdist" or "folder".
        id: A commit, the name and version of a source distribution, or "sha256:…" of a folder's files.
        date: YYYY-MM-DD, or "" where nobody knows.
        note: How the tree differs from the locked commit, in plain sentences; "" for the locked commit itself.
        named: What `--upstream` has to name to come to this tree again: a folder or a commit; "" where it names nothing.
    """

    source: str
    id: str
    date: str
    note: str = ""
    named: str = ""


class GitTree:
    """The tree of one commit, read from git objects and not from disk."""

    def __init__(self, repo: pathlib.Path, commit: str, origin: Origin):
        self.repo = repo
        self.commit = commit
        self.origin = origin
        try:
            listing = os.fsdecode(git(repo, "ls-tree", "-r", "-z", commit))
        except GitError as e:
            raise lacks_objects(repo, str(e)) from None
        rows = (row.split("\t", 1) for row in listing.split("\0") if row)
        self._entries = {path: tuple(meta.split(" ")) for meta, path in rows}

    def modes(self) -> dict[str, str]:
        """Every path of the tree with its mode."""
        return {path: entry[0] for path, entry in self._entries.items()}

    def blobs(self) -> dict[str, tuple[str, str]]:
        """Every path of the tree with its mode and the hash that stands there."""
        return {path: (entry[0], entry[2]) for path, entry in self._entries.items()}

    def read(self, paths: list[str]) -> dict[str, bytes]:
        """The contents of some files; a path that is not a file of the tree is left out.

        Raises:
            Refused: the repository lacks one of them.
        """
        wanted = [path for path in paths if path in self._entries and self._entries[path][1] == "blob"]
        answer = self._ask("--batch", wanted)
        contents, at = {}, 0
        for path in wanted:
            head, _, _ = answer[at : at + 200].partition(b"\n")
            at, size = at + len(head) + 1, self._size(path, head)
            contents[path] = answer[at : at + size]
            at += size + 1
        return contents

    def refuse_incomplete(self) -> None:
        """Refuses a commit of which the repository lacks a file, as a partial clone may."""
        files = [path for path, entry in self._entries.items() if entry[1] == "blob"]
        for path, head in zip(files, self._ask("--batch-check", files).splitlines(), strict=True):
            self._size(path, head)

    def _ask(self, how: str, paths: list[str]) -> bytes:
        names = "".join(f"{self._entries[path][2]}\n" for path in paths).encode()
        try:
            return git(self.repo, "cat-file", how, stdin=names)
        except GitError as e:
            raise lacks_objects(self.repo, str(e)) from None

    def _size(self, path: str, head: bytes) -> int:
        words = head.split()
        if len(words) != 3:  # "<hash> missing"
            raise lacks_objects(self.repo, f"{path}, {head.decode(errors='replace')}")
        return int(words[2])


class FolderTree:
    """The files of a folder as they lie on disk; of a git work tree, those that git tracks or does not ignore."""

    def __init__(self, folder: pathlib.Path, paths: list[str], date: str = ""):
        self.folder = folder
        self._modes = {path: folder_files.mode(folder / path) for path in sorted(paths)}
        self.origin = Origin("folder", self._digest(), date, f"the files under {folder}", str(folder))

    def modes(self) -> dict[str, str]:
        """Every path of the tree with its mode."""
        return dict(self._modes)

    def read(self, paths: list[str]) -> dict[str, bytes]:
        """The contents of some files (of a link, where it points); a path that is not there is left out."""
        return {
            path: os.fsencode(os.readlink(self.folder / path))
            if self._modes[path] == LINK
            else (self.folder / path).read_bytes()
            for path in paths
            if path in self._modes
        }

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for path, content in sorted(self.read(list(self._modes)).items()):
            digest.update(os.fsencode(f"{self._modes[path]} {path}\0{len(content)}\0") + content)
        return f"sha256:{digest.hexdigest()}"


Tree = GitTree | FolderTree


def is_partial(repo: pathlib.Path) -> bool:
    """Whether a repository may lack files or trees of its commits, by its own configuration."""
    try:
        return bool(git(repo, "config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$").strip())
    except GitError:
        return False


def lacks_objects(repo: pathlib.Path, found: str) -> Refused:
    """What to say where a repository does not hold all that a commit is made of."""
    if is_partial(repo):
        # Plain --refetch would leave out again what the clone's filter leaves out.
        found, todo = f"{found}\nthe clone lacks objects (a partial clone)", "fetch --refetch --no-filter"
    else:
        todo = "fsck; then clone it anew"
    return Refused(
        str(repo),
        expected="a clone with all of the commit in it",
        found=found,
        todo=f"git -C {shlex.quote(str(repo))} {todo}",
    )


# The modes are what every tree answers with, so they are named here too.
__all__ = [
    "EXECUTABLE",
    "LINK",
    "PLAIN",
    "SUBMODULE",
    "FolderTree",
    "GitTree",
    "Origin",
    "Tree",
    "is_partial",
    "lacks_objects",
]
