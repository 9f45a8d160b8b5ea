"""Opens whatever OpenPI tree the user names: a clone, a bare repository, a fork with edits, a plain folder."""

import contextlib
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

_OURS = "src/openpi"  # a fork may have its files laid out otherwise: what a patch needs, the patch asks for


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
    path = path.resolve()
    tree = _open(path)
    names = list(tree.modes())
    if not any(name.startswith(f"{_OURS}/") for name in names):
        raise _no_openpi(path, f"{len(names)} files, none under {_OURS}")
    if odd := [os.fsencode(name) for name in names if not _is_utf8(name)]:
        todo = "rename it: a name that no Mac can hold cannot be in the tree"
        raise Refused(str(path), expected="file names in UTF-8", found=repr(odd[0])[1:], todo=todo)
    if isinstance(tree, GitTree):
        tree.refuse_incomplete()
    return tree


def _no_openpi(path: pathlib.Path, found: str) -> Refused:
    todo = "name the top folder of an OpenPI checkout"
    # Looked for one step around the place only: a folder named by mistake may hold all of the disk.
    with contextlib.suppress(OSError):
        near = [folder for folder in (*path.parents, *sorted(path.iterdir())) if _is_checkout(folder)]
        todo += f": perhaps {near[0]}" if near else ""
    return Refused(str(path), expected=f"an OpenPI tree, with {_OURS} in it", found=found, todo=todo)


def _is_checkout(folder: pathlib.Path) -> bool:
    return (folder / _OURS).is_dir() and (folder / "pyproject.toml").is_file()


def _refuse_without_openpi(path: pathlib.Path, *, in_git: bool) -> None:
    """Asks for what makes it OpenPI before a file is listed: of a folder named by mistake that could take minutes."""
    if (path / _OURS).is_dir():
        return
    if in_git:
        with contextlib.suppress(GitError):
            git(path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"HEAD:{_OURS}")
            return
    raise _no_openpi(path, f"no OpenPI here: {_OURS} is missing")


def _open(path: pathlib.Path) -> Tree:
    try:
        answer = git(path, "rev-parse", "--absolute-git-dir", "--show-prefix", "--is-bare-repository")
    except GitError as e:
        if os.path.lexists(path / ".git"):
            todo = "mend the clone; or remove its .git, and all files of the folder count"
            raise Refused(
                str(path / ".git"), expected="a repository that git can read", found=str(e), todo=todo
            ) from None
        _refuse_without_openpi(path, in_git=False)
        return FolderTree(path, folder_files.plain_files(path))
    git_dir, prefix, is_bare = os.fsdecode(answer).split("\n")[:3]
    bare = is_bare == "true"
    _refuse_without_openpi(path, in_git=bare or not prefix)
    if prefix and not bare:  # a folder inside some other repository is a plain folder
        return FolderTree(path, folder_files.plain_files(path))
    work = WorkTree(path, pathlib.Path(git_dir))
    try:
        commit, date = git(path, "rev-list", "--max-count=1", "--format=%H %as", "HEAD", "--").decode().split()[-2:]
    except GitError:
        return FolderTree(path, folder_files.git_files(work))
    tree = GitTree(path, commit, Origin("git", commit, date, f"the commit checked out in {path}", str(path)))
    if not bare and (folder_files.untracked(work) or work.is_edited(tree.blobs())):
        return FolderTree(path, folder_files.git_files(work), date)
    return tree


def _is_utf8(name: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in name)
