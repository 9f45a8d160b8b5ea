"""What the user changed in a build: found before it could be lost, and kept on a branch when they say so."""

import datetime
import os
import pathlib

from tools import fast_import
from tools import stamp as stamps
from tools import trees
from tools.git import git
from tools.plan import Plan
from tools.refusal import Refused


def edited(out: pathlib.Path, commit: str) -> list[str]:
    """The tracked files that the user changed or removed since apply made `commit`; committed or not."""
    names = git(out, "diff", "--name-only", "-z", "--no-renames", "--ignore-submodules=all", commit)
    return [name for name in names.decode(errors="surrogateescape").split("\0") if name]


def in_the_way(out: pathlib.Path, commit: str, plan: Plan) -> list[str]:
    """The user's edits, and files of theirs where new ones must go; those that are as the plan wants them are none."""
    wanted = {path: file.content for path, file in plan.overlay.items()}
    for result in plan.results:
        wanted |= result.files
    listing = git(out, "ls-tree", "-r", "-z", "--name-only", commit).decode(errors="surrogateescape")
    modes = plan.upstream.modes()
    new = {path for path in (*modes, *wanted) if modes.get(path) != trees.SUBMODULE} - set(listing.split("\0"))
    for path in new:
        _refuse_if_blocked(out, path)
    mine = [*edited(out, commit), *(path for path in sorted(new) if os.path.lexists(out / path))]
    wanted = plan.upstream.read([path for path in mine if path not in wanted]) | wanted
    return [path for path in mine if not (out / path).is_file() or wanted.get(path) != (out / path).read_bytes()]


def _refuse_if_blocked(out: pathlib.Path, path: str) -> None:
    """Refuses where something of the user's stands in the way of a new file and cannot be kept on a branch."""
    above = [out / parent for parent in list(pathlib.PurePosixPath(path).parents)[:-1]]
    blocked = [p for p in above if p.is_symlink() or (p.exists() and not p.is_dir())]
    if blocked or ((out / path).is_dir() and not (out / path).is_symlink()):
        raise Refused(
            str(blocked[0] if blocked else out / path),
            expected=f"a free way for the new file {path}",
            found="a link or a file of yours" if blocked else "a folder of yours",
            todo="move it away, then run the command again",
        )


def refusal(out: pathlib.Path, mine: list[str], old: stamps.Stamp) -> Refused:
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
    """Commits the user's edits on a side branch, without touching the tree or their index; returns its name."""
    now = datetime.datetime.now(datetime.UTC)
    side = f"edits-{now:%Y%m%d-%H%M%S-%f}"
    index = {"GIT_INDEX_FILE": str(out / ".git" / "overlay-edits-index")}
    who = {"NAME": fast_import.AUTHOR_NAME, "EMAIL": fast_import.AUTHOR_EMAIL}
    person = {f"GIT_{role}_{what}": text for role in ("AUTHOR", "COMMITTER") for what, text in who.items()}
    try:
        git(out, "read-tree", head, extra_env=index)
        if mine:
            names = "\0".join(mine).encode(errors="surrogateescape")
            git(out, "add", "--all", "--force", "--pathspec-from-file=-", "--pathspec-file-nul",
                stdin=names, extra_env=index | {"GIT_LITERAL_PATHSPECS": "1"})  # fmt: skip
        tree = git(out, "write-tree", extra_env=index).decode().strip()
        text = b"Edits that were in the build when `just apply --force` remade it\n"
        commit = git(out, "commit-tree", tree, "-p", head, stdin=text, extra_env=person).decode().strip()
        git(out, "update-ref", f"refs/heads/{side}", commit, "")
    finally:
        (out / ".git" / "overlay-edits-index").unlink(missing_ok=True)
    return side
