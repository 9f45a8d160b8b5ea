"""What the user changed in a build: found before it could be lost, and kept on a branch when they say so."""

import datetime
import os
import pathlib
import tempfile

from tools import fast_import
from tools.builds import stamp as stamps
from tools.git import git
from tools.plan.plan import Plan
from tools.refusal import Refused
from tools.upstream import trees

# The user's own, as folders or as links. Upstream's .gitignore has `checkpoints/`, which a link does not match.
KEPT = (".venv", "checkpoints", "assets")
# Where a new file is source; elsewhere it may be any output of a run.
SOURCE = ("src", "packages", "scripts")

Placed = dict[str, tuple[str, bytes] | None]  # mode and content of what comes, None for what goes


def edited(out: pathlib.Path, commit: str) -> list[str]:
    """The tracked files that the user changed or removed since apply made `commit`: on disk, staged, or committed."""
    with tempfile.TemporaryDirectory() as folder:
        # An index of our own: theirs may say of a file that it is to be taken as unchanged.
        fresh = {"GIT_INDEX_FILE": str(pathlib.Path(folder) / "index")}
        git(out, "read-tree", commit, extra_env=fresh)
        on_disk = _names(out, "diff", "--ignore-submodules=all", extra_env=fresh)
    return sorted({*on_disk, *_staged_only(out, commit)})


def new_files(out: pathlib.Path, commit: str) -> list[str]:
    """The user's new source files, which are in none of apply's commits and which git does not ignore."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = {"GIT_INDEX_FILE": str(pathlib.Path(folder) / "index")}  # in theirs a file may be added already
        git(out, "read-tree", commit, extra_env=fresh)
        found = git(out, "ls-files", "-z", "--others", "--exclude-standard", "--", *SOURCE, extra_env=fresh)
    return sorted(os.fsdecode(name) for name in found.split(b"\0") if name)


def in_the_way(out: pathlib.Path, commit: str, plan: Plan) -> list[str]:
    """The user's edits, and files of theirs where new ones must go; those that are as the plan wants them are none."""
    wanted = {path: (file.mode, file.content) for path, file in plan.overlay.items()}
    modes = plan.upstream.modes()
    for result in plan.results:
        wanted |= {path: (modes[path], text) for path, text in result.files.items()}
    listing = git(out, "ls-tree", "-r", "-z", "--name-only", commit)
    new = {path for path in (*modes, *wanted) if modes.get(path) != trees.SUBMODULE}
    new -= {os.fsdecode(name) for name in listing.split(b"\0")}
    mine = [*edited(out, commit), *(path for path in sorted(new) if os.path.lexists(out / path))]
    theirs = plan.upstream.read([path for path in mine if path not in wanted])
    wanted = {path: (modes[path], content) for path, content in theirs.items()} | wanted
    staged = _staged_only(out, commit)
    return [path for path in mine if path in staged or not _is(out / path, wanted.get(path))]


def refuse_overwrite(out: pathlib.Path, place: Placed) -> None:
    """Refuses to make a build over a file that is there already and is another: it is the user's own."""
    for path, new in place.items():
        if new and new[0] != trees.SUBMODULE and os.path.lexists(out / path) and not _is(out / path, new):
            raise Refused(
                str(out / path),
                expected=f"room for the file {path} of the upstream tree",
                found="something of yours",
                todo="move it away, or name another folder with --out",
            )


def refuse_blocked(out: pathlib.Path, place: Placed) -> None:
    """Refuses where a rename would fail half-way: every place must be free, on this disk, and open for writing."""
    going = {path for path, new in place.items() if new is None}
    device = (out / ".git").stat().st_dev if (out / ".git").exists() else None
    for path, new in place.items():
        whole, found = out / path, ""
        parents = [str(parent) for parent in list(pathlib.PurePosixPath(path).parents)[:-1]]
        there = [out / p for p in parents if os.path.lexists(out / p)]
        nearest = there[0] if there else out
        if strange := [p for p in there if p.is_symlink() or (not p.is_dir() and str(p.relative_to(out)) not in going)]:
            whole, found = strange[0], "a link or a file of yours where a folder is needed"
        elif whole.is_dir() and not whole.is_symlink() and (new is None or new[0] != trees.SUBMODULE):
            inside = [str(p.relative_to(out)) for p in whole.rglob("*") if not p.is_dir() or p.is_symlink()]
            # A folder that goes is a submodule's: it stays when there is something in it.
            if new is not None and set(inside) - going:
                found = "a folder of yours where a file must go"
        elif new and new[0] == trees.SUBMODULE and os.path.lexists(whole) and not whole.is_dir():
            found = "a file where the folder of a submodule must go"
        elif nearest.is_dir() and not os.access(nearest, os.W_OK | os.X_OK):
            whole, found = nearest, "a folder that may not be written to"
        elif nearest.is_dir() and device is not None and nearest.stat().st_dev != device:
            whole, found = nearest, "a folder on another disk"
        if found:
            todo = "move it away, or give the permission, then run the command again"
            raise Refused(str(whole), expected=f"a free way for {path}", found=found, todo=todo)


def refusal(out: pathlib.Path, mine: list[str], old: stamps.Stamp) -> Refused:
    """What to say when the user's edits stop an apply."""
    ours = [path for path in mine if path in old.overlay]
    shown = "\n".join(mine[:10]) + (f"\nand {len(mine) - 10} more" if len(mine) > 10 else "")
    carry = "carry them back into overlay/: just harvest" if ours else "write them as a patch (docs/patches.md)"
    return Refused(
        str(out),
        expected="tracked files as apply left them",
        found=f"{len(mine)} that you changed:\n{shown}",
        todo=f"{carry}\nor set them aside on a branch of the build: just apply --force",
    )


def keep(out: pathlib.Path, mine: list[str], head: str) -> str:
    """Commits the user's edits on a side branch, without touching the tree or their index; returns its name.

    What they had staged, where that is something else than what lies on disk, becomes a commit below it.
    """
    now = datetime.datetime.now(datetime.UTC)
    side = f"edits-{now:%Y%m%d-%H%M%S-%f}"
    if _staged_only(out, head):
        head = _commit(out, git(out, "write-tree").decode().strip(), head, "Staged edits that were in the build")
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(pathlib.Path(folder) / "index")}
        git(out, "read-tree", head, extra_env=index)
        if mine:
            names = b"\0".join(os.fsencode(name) for name in mine)
            git(out, "add", "--all", "--force", "--pathspec-from-file=-", "--pathspec-file-nul",
                stdin=names, extra_env=index | {"GIT_LITERAL_PATHSPECS": "1"})  # fmt: skip
        tree = git(out, "write-tree", extra_env=index).decode().strip()
    commit = _commit(out, tree, head, "Edits that were in the build when apply remade it")
    git(out, "update-ref", f"refs/heads/{side}", commit, "")
    return side


def _commit(out: pathlib.Path, tree: str, parent: str, message: str) -> str:
    who = {"NAME": fast_import.AUTHOR_NAME, "EMAIL": fast_import.AUTHOR_EMAIL}
    person = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER") for what, text in who.items()}
    done = git(out, "commit-tree", tree, "-p", parent, stdin=f"{message}\n".encode(), extra_env=person)
    return done.decode().strip()


def _staged_only(out: pathlib.Path, commit: str) -> set[str]:
    """Files whose staged content is neither that of the commit nor what lies on disk: nowhere else would it be kept."""
    staged = _names(out, "diff", "--cached", "--ignore-submodules=all", commit)
    return set(staged) & set(_names(out, "diff", "--ignore-submodules=all")) if staged else set()


def _names(out: pathlib.Path, *command: str, extra_env: dict[str, str] | None = None) -> list[str]:
    answer = git(out, command[0], "--name-only", "-z", "--no-renames", *command[1:], extra_env=extra_env)
    return [os.fsdecode(name) for name in answer.split(b"\0") if name]


def _is(path: pathlib.Path, wanted: tuple[str, bytes] | None) -> bool:
    """Is a file just what is wanted, with its mode?"""
    if wanted is None or (path.is_dir() and not path.is_symlink()):
        return False
    mode, content = wanted
    if mode == trees.LINK:
        return path.is_symlink() and os.fsencode(os.readlink(path)) == content
    if path.is_symlink() or not path.is_file() or os.access(path, os.X_OK) != (mode == trees.EXECUTABLE):
        return False
    return path.read_bytes() == content
