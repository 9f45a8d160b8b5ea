"""The build: the patched checkout that `just apply` makes and remakes. What is the user's in it is never touched."""

import contextlib
import dataclasses
import fcntl
import os
import pathlib
import shutil

from tools import journal
from tools import stamp as stamps
from tools import trees
from tools import user_edits
from tools.command import ROOT
from tools.command import note
from tools.git import GitError
from tools.git import git
from tools.plan import Plan
from tools.refusal import Refused
from tools.series_commits import write_series

BUILD = ROOT / "build" / "openpi"
BRANCH = "refs/heads/overlay"

# The user's own, as folders or as links. Upstream's .gitignore has `checkpoints/`, which a link does not match.
KEPT = (".venv", "checkpoints", "assets")


@contextlib.contextmanager
def locked(out: pathlib.Path):
    """Keeps other applies away from a build, and brings an interrupted one to its end first."""
    out.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(out.parent, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise Refused(
                str(out),
                expected="no other apply at work here",
                found="one that is still running",
                todo="wait until it is done, then run yours",
            ) from e
        shutil.rmtree(_aside(out), ignore_errors=True)
        recover(out)
        yield
    finally:
        os.close(descriptor)


def recover(out: pathlib.Path) -> None:
    """Finishes the change of a build that was killed between two renames; every command that reads it calls this."""
    if journal.pending(out / ".git"):
        note(f"an apply was interrupted while it changed {out}: finishing it")
        journal.finish(out / ".git")


def read(out: pathlib.Path) -> stamps.Stamp:
    """The stamp of a build, for a command that needs one; raises `Refused` where there is none."""
    recover(out)
    if (stamp := stamps.read(out / ".git")) is None:
        found = "nothing there" if not out.exists() else "a folder that apply did not make"
        raise Refused(str(out), expected="a build", found=found, todo="make it: just apply")
    return stamp


@dataclasses.dataclass(frozen=True)
class Written:
    """What `write` did: the stamp of the build now, whether anything changed, and the branch that holds the user's edits."""

    stamp: stamps.Stamp
    changed: bool
    side: str = ""


def write(out: pathlib.Path, plan: Plan, stamp: stamps.Stamp, *, force: bool) -> Written:
    """Makes the build what the plan says; call it inside `locked`.

    Args:
        out: The folder of the build.
        plan: A plan without a refused patch.
        stamp: Its stamp, from `stamps.of_plan`.
        force: Keep the user's edits on a side branch and go on, where otherwise they stop everything.

    Raises:
        Refused: the user's edits are in the way, or the folder is no build.
    """
    old = stamps.read(out / ".git")
    if old is None:
        return Written(_create(out, plan, stamp), changed=True)
    if (out / ".git" / "index.lock").exists():
        raise Refused(
            str(out),
            expected="no git command at work in the build",
            found=".git/index.lock",
            todo="let it finish; if none runs, remove that file",
        )
    mine = user_edits.in_the_way(out, old.commit, plan)
    if mine and not force:
        raise user_edits.refusal(out, mine, old)
    head = git(out, "rev-parse", "HEAD").decode().strip()
    side = user_edits.keep(out, mine, head) if mine or head != old.commit else ""
    if old.same_inputs(stamp) and not mine and not side:
        return Written(old, changed=False)
    pristine, commit = write_series(out, plan)
    stamp = dataclasses.replace(stamp, commit=commit, pristine=pristine)
    names = git(out, "diff-tree", "-r", "-z", "--name-only", "--no-renames", old.commit, commit).decode().split("\0")
    _place(out / ".git", stamp, sorted({*mine, *(name for name in names if name)}))
    journal.finish(out / ".git")
    _refresh(out)
    return Written(stamp, changed=True, side=side)


def _create(out: pathlib.Path, plan: Plan, stamp: stamps.Stamp) -> stamps.Stamp:
    """Makes the build beside its place and moves it there whole."""
    there = sorted(os.listdir(out)) if out.is_dir() else []
    if out.exists() and (not out.is_dir() or set(there) - set(KEPT)):
        raise Refused(
            str(out),
            expected="a build, an empty folder or none",
            found=", ".join(there[:5]) or "a file",
            todo="move it away, or name another folder with --out",
        )
    aside = _aside(out)
    try:
        git(None, "init", "--quiet", "--template=", "--initial-branch=overlay", str(aside))
        (aside / ".git" / "info").mkdir(exist_ok=True)
        (aside / ".git" / "info" / "exclude").write_text("".join(f"/{name}\n" for name in KEPT))
        pristine, commit = write_series(aside, plan)
        stamp = dataclasses.replace(stamp, commit=commit, pristine=pristine)
        git(aside, "update-ref", BRANCH, commit)
        _place(aside / ".git", stamp, None)
        if there:  # the user's own, from a build whose other files were removed: they stay where they are
            os.replace(aside / ".git", out / ".git")
            journal.finish(out / ".git")
        else:
            journal.finish(aside / ".git")
            os.rename(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _refresh(out)
    return stamp


def _place(git_dir: pathlib.Path, stamp: stamps.Stamp, paths: list[str] | None) -> None:
    """Writes the journal that takes a build to the stamp's commit; `paths` are those that change, None for all."""
    repo, folder = git_dir.parent, journal.begin(git_dir)
    tree = trees.GitTree(repo, stamp.commit, trees.Origin("git", stamp.commit, ""))
    modes = tree.modes()
    changing = list(modes) if paths is None else paths
    contents = tree.read([path for path in changing if path in modes])
    place = {path: (modes[path], contents.get(path, b"")) if path in modes else None for path in changing}
    index = folder / "index.new"
    git(repo, "read-tree", stamp.commit, extra_env={"GIT_INDEX_FILE": str(index)})
    inside_git = {
        "index": index.read_bytes(),
        BRANCH: f"{stamp.commit}\n".encode(),
        "HEAD": f"ref: {BRANCH}\n".encode(),
        stamps.NAME: stamps.dump(stamp),
    }
    journal.commit(git_dir, place=place, inside_git=inside_git)


def _refresh(out: pathlib.Path) -> None:
    with contextlib.suppress(GitError):  # only spares the next `git status` from reading every file
        git(out, "update-index", "-q", "--refresh")


def _aside(out: pathlib.Path) -> pathlib.Path:
    return out.parent / f".{out.name}.new"
