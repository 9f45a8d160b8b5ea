"""Pristine OpenPI trees to read from: a commit in a git repository, or the files of a folder. Nothing here writes."""

import dataclasses
import hashlib
import os
import pathlib
import shlex

from tools.git import GitError
from tools.git import git
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import folder_files
from tools.upstream.work_tree import EXECUTABLE
from tools.upstream.work_tree import LINK
from tools.upstream.work_tree import PLAIN
from tools.upstream.work_tree import SUBMODULE
from tools.upstream.work_tree import WorkTree


@dataclasses.dataclass(frozen=True)
class Origin:
    """What a tree is, for people and for the stamp.

    Attributes:
        source: "git", "sdist" or "folder".
        id: A commit, the name and version of a source distribution, or "sha256:…" of a folder's files.
        date: YYYY-MM-DD, or "" where nobody knows.
        note: How the tree differs from the locked commit, in plain sentences; "" for the locked commit itself.
    """

    source: str
    id: str
    date: str
    note: str = ""


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
        self.origin = Origin("folder", self._digest(), date, f"the files under {folder}")

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


def open_tree(path: pathlib.Path) -> Tree:
    """Opens any OpenPI tree that the user names: a clone, a bare repository, a fork with edits, a plain folder.

    A clean work tree is read from git, at HEAD. One with edits is read from disk: what you see is what is patched.

    Raises:
        WrongUsage: nothing is there, or a file.
        Refused: nothing of OpenPI is in it, or what no tree can hold, or it is a clone that lacks objects.
    """
    if not path.is_dir():
        found = "a file" if path.exists() else "nothing there"
        raise WrongUsage(
            str(path), expected="the folder of an OpenPI tree", found=found, todo="name a clone or a folder"
        )
    tree = _open(path)
    names = list(tree.modes())
    if not any(name.startswith("src/openpi/") for name in names):
        raise Refused(
            str(path),
            expected="an OpenPI tree, with src/openpi in it",
            found=f"{len(names)} files, none under src/openpi",
            todo="name the top folder of an OpenPI checkout",
        )
    if odd := [os.fsencode(name) for name in names if not _is_utf8(name)]:
        todo = "rename it: a name that no Mac can hold cannot be in the tree"
        raise Refused(str(path), expected="file names in UTF-8", found=repr(odd[0])[1:], todo=todo)
    if isinstance(tree, GitTree):
        tree.refuse_incomplete()
    return tree


def lacks_objects(repo: pathlib.Path, found: str) -> Refused:
    """What to say where a repository does not hold all that a commit is made of."""
    try:
        partial = git(repo, "config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$")
    except GitError:
        partial = b""
    if partial:
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


def _open(path: pathlib.Path) -> Tree:
    try:
        answer = git(path, "rev-parse", "--absolute-git-dir", "--show-prefix", "--is-bare-repository")
    except GitError as e:
        if os.path.lexists(path / ".git"):
            todo = "mend the clone; or remove its .git, and all files of the folder count"
            raise Refused(
                str(path / ".git"), expected="a repository that git can read", found=str(e), todo=todo
            ) from None
        return FolderTree(path, folder_files.plain_files(path))
    git_dir, prefix, is_bare = os.fsdecode(answer).split("\n")[:3]
    bare = is_bare == "true"
    if prefix and not bare:  # a folder inside some other repository is a plain folder
        return FolderTree(path, folder_files.plain_files(path))
    work = WorkTree(path, pathlib.Path(git_dir))
    try:
        commit, date = git(path, "rev-list", "--max-count=1", "--format=%H %as", "HEAD", "--").decode().split()[-2:]
    except GitError:
        return FolderTree(path, folder_files.git_files(work))
    tree = GitTree(path, commit, Origin("git", commit, date, f"the commit checked out in {path}"))
    if not bare and (folder_files.untracked(work) or work.is_edited(tree.blobs())):
        return FolderTree(path, folder_files.git_files(work), date)
    return tree


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)


__all__ = ["EXECUTABLE", "LINK", "PLAIN", "SUBMODULE", "FolderTree", "GitTree", "Origin", "Tree", "open_tree"]
