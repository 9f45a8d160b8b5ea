"""Opens whatever OpenPI tree the user names: a clone, a bare repository, a fork with edits, a plain folder."""

import os
import pathlib

from tools.git import GitError
from tools.git import git
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import folder_files
from tools.upstream.trees import FolderTree
from tools.upstream.trees import GitTree
from tools.upstream.trees import Origin
from tools.upstream.trees import Tree
from tools.upstream.work_tree import WorkTree


def open_tree(path: pathlib.Path) -> Tree:
    """Opens a tree to read from.

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
