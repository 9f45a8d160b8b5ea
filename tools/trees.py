"""Pristine OpenPI trees to read from: a commit in a git repository, or the files of a folder. Nothing here writes."""

import dataclasses
import hashlib
import os
import pathlib
import stat

from tools.git import GitError
from tools.git import git
from tools.refusal import Refused

# What people have in a checkout that is no part of the tree; never descended into.
_NOT_SOURCE = {".git", ".venv", "venv", "checkpoints", "assets", "data", "wandb", "build", "__pycache__"}

# File modes as git writes them: plain, executable, symbolic link, submodule.
PLAIN, EXECUTABLE, LINK, SUBMODULE = "100644", "100755", "120000", "160000"


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
        listing = git(repo, "ls-tree", "-r", "-z", commit).decode(errors="surrogateescape")
        rows = (row.split("\t", 1) for row in listing.split("\0") if row)
        self._entries = {path: tuple(meta.split(" ")) for meta, path in rows}

    def modes(self) -> dict[str, str]:
        """Every path of the tree with its mode."""
        return {path: entry[0] for path, entry in self._entries.items()}

    def read(self, paths: list[str]) -> dict[str, bytes]:
        """The contents of some files; a path that is not a file of the tree is left out."""
        wanted = [path for path in paths if path in self._entries and self._entries[path][1] == "blob"]
        answer = git(
            self.repo, "cat-file", "--batch", stdin="".join(f"{self._entries[p][2]}\n" for p in wanted).encode()
        )
        contents, at = {}, 0
        for path in wanted:
            head, _, _ = answer[at : at + 200].partition(b"\n")
            at, size = at + len(head) + 1, int(head.split()[2])
            contents[path] = answer[at : at + size]
            at += size + 1
        return contents


class FolderTree:
    """The files of a folder as they lie on disk; of a git work tree, those that git tracks or does not ignore."""

    def __init__(self, folder: pathlib.Path, origin_id: str = "", date: str = ""):
        self.folder = folder
        self._modes = {path: _mode(folder / path) for path in self._list()}
        self.origin = Origin("folder", origin_id or self._digest(), date, f"the files under {folder}")

    def modes(self) -> dict[str, str]:
        """Every path of the tree with its mode."""
        return dict(self._modes)

    def read(self, paths: list[str]) -> dict[str, bytes]:
        """The contents of some files (of a link, where it points); a path that is not there is left out."""
        return {
            path: os.readlink(self.folder / path).encode()
            if self._modes[path] == LINK
            else (self.folder / path).read_bytes()
            for path in paths
            if path in self._modes
        }

    def _list(self) -> list[str]:
        if (self.folder / ".git").exists():
            listing = git(self.folder, "ls-files", "-z", "--cached", "--others", "--exclude-standard").decode(
                errors="surrogateescape"
            )
            there = [path for path in listing.split("\0") if path]
            return sorted(p for p in there if (self.folder / p).is_symlink() or (self.folder / p).is_file())
        found = []
        for top, folders, files in os.walk(self.folder):
            folders[:] = sorted(name for name in folders if name not in _NOT_SOURCE)
            here = pathlib.Path(top)
            names = files + [name for name in folders if (here / name).is_symlink()]
            found += [(here / name).relative_to(self.folder).as_posix() for name in names]
        return sorted(found)

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for path, content in sorted(self.read(list(self._modes)).items()):
            digest.update(f"{self._modes[path]} {path}\0{len(content)}\0".encode() + content)
        return f"sha256:{digest.hexdigest()}"


Tree = GitTree | FolderTree


def open_tree(path: pathlib.Path) -> Tree:
    """Opens any OpenPI tree that the user names: a clone, a bare repository, a fork with edits, a plain folder.

    A clean work tree is read from git, at HEAD. One with edits is read from disk: what you see is what is patched.

    Raises:
        Refused: nothing there, not a folder, or nothing of OpenPI in it.
    """
    if not path.is_dir():
        found = "nothing there" if not path.exists() else "a file"
        raise Refused(str(path), expected="the folder of an OpenPI tree", found=found, todo="name a clone or a folder")
    try:
        top = (
            git(path, "rev-parse", "--absolute-git-dir", "--show-prefix", "--is-bare-repository").decode().splitlines()
        )
        in_git = top[1] == "" or top[2] == "true"  # a folder inside some other repository is a plain folder
    except GitError:
        in_git = False
    if not in_git:
        return _not_empty(FolderTree(path), path)
    try:
        commit, date = git(path, "log", "-1", "--format=%H %as").decode().split()
    except GitError:
        return _not_empty(FolderTree(path), path)
    bare = top[2] == "true"
    if not bare and git(path, "status", "--porcelain", "--untracked-files=normal").strip():
        return _not_empty(FolderTree(path, date=date), path)
    return _not_empty(GitTree(path, commit, Origin("git", commit, date, f"the commit checked out in {path}")), path)


def _not_empty(tree: Tree, path: pathlib.Path) -> Tree:
    if not any(name.startswith("src/openpi/") for name in tree.modes()):
        raise Refused(
            str(path),
            expected="an OpenPI tree, with src/openpi in it",
            found=f"{len(tree.modes())} files, none under src/openpi",
            todo="name the top folder of an OpenPI checkout",
        )
    return tree


def _mode(path: pathlib.Path) -> str:
    bits = path.lstat().st_mode
    return LINK if stat.S_ISLNK(bits) else EXECUTABLE if bits & stat.S_IXUSR else PLAIN
