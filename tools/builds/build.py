"""The build: the patched checkout that `just apply` makes and remakes. What is the user's in it is never touched."""

import contextlib
import dataclasses
import os
import pathlib
import shutil

from tools.builds import build_lock
from tools.builds import journal
from tools.builds import stamp as stamps
from tools.builds import user_edits
from tools.builds.series_commits import write_series
from tools.command import ROOT
from tools.command import note
from tools.git import GitError
from tools.git import git
from tools.plan.plan import Plan
from tools.refusal import Refused
from tools.upstream import trees

BUILD = ROOT / "build" / "openpi"
BRANCH = "refs/heads/overlay"


@dataclasses.dataclass(frozen=True)
class Written:
    """What `write` did: the stamp of the build now, whether anything changed, and the branch that holds the user's edits."""

    stamp: stamps.Stamp
    changed: bool
    side: str = ""


def recover(out: pathlib.Path) -> None:
    """Finishes the change of a build that was killed between two renames; every command that reads it calls this."""
    if journal.pending(out / ".git"):
        with build_lock.held(out):
            _recover(out)


def read(out: pathlib.Path) -> stamps.Stamp:
    """The stamp of a build, for a command that needs one; raises `Refused` where there is none."""
    if not out.exists():
        raise Refused(str(out), expected="a build", found="nothing there", todo="make it: just apply")
    recover(out)
    stamp = stamps.read(out / ".git")
    if stamp is None or not _is_repository(out):
        raise _damaged(out, "a folder that apply did not make" if stamp is None else "its .git folder is damaged")
    return stamp


def _is_repository(out: pathlib.Path) -> bool:
    try:
        git(out, "rev-parse", "--verify", "--quiet", "HEAD^{tree}")
    except GitError:
        return False
    return True


def _damaged(out: pathlib.Path, found: str) -> Refused:
    kept = ", ".join(user_edits.KEPT)
    todo = f"move what you need out of it ({kept} may stay), remove the rest, then: just apply"
    return Refused(str(out), expected="a build", found=found, todo=todo)


def write(out: pathlib.Path, plan: Plan, stamp: stamps.Stamp, *, force: bool) -> Written:
    """Makes the build what the plan says.

    Args:
        out: The folder of the build.
        plan: A plan without a refused patch.
        stamp: Its stamp, from `stamps.of_plan`.
        force: Keep the user's edits on a side branch and go on, where otherwise they stop everything.

    Raises:
        Refused: the user's edits are in the way, the folder is no build, or another apply is at work on it.
    """
    with build_lock.held(out):
        _recover(out)
        old = stamps.read(out / ".git")
        if old and not _is_repository(out):
            raise _damaged(out, "its .git folder is damaged")
        written = (
            _remake(out, plan, stamp, old, force=force) if old else Written(_create(out, plan, stamp), changed=True)
        )
    with contextlib.suppress(GitError):  # only spares the next `git status` from reading every file
        git(out, "update-index", "-q", "--refresh")
    return written


def _recover(out: pathlib.Path) -> None:
    if not journal.pending(out / ".git"):
        return
    note(f"an apply was interrupted while it changed {out}: finishing it")
    if side := _finish(out):
        note(f"what you changed since is on the branch {side}: git -C {out} show {side}")


def _remake(out: pathlib.Path, plan: Plan, stamp: stamps.Stamp, old: stamps.Stamp, *, force: bool) -> Written:
    """Changes a build that is there, in place."""
    if (out / ".git" / "index.lock").exists():
        raise Refused(
            str(out),
            expected="no git command at work in the build",
            found=".git/index.lock",
            todo="let it finish; if none runs, remove that file",
        )
    if below := git(out, "for-each-ref", "--format=%(refname:short)", f"{BRANCH}/").decode().split():
        todo = "rename that branch: git branch -m OLD NEW"
        raise Refused(str(out), expected="room for our branch overlay", found=f"a branch {below[0]}", todo=todo)
    mine = user_edits.in_the_way(out, old.commit, plan)
    if mine and not force:
        raise user_edits.refusal(out, mine, old)
    head = git(out, "rev-parse", "HEAD").decode().strip()
    side = user_edits.keep(out, mine, head) if mine or head != old.commit else ""
    if old.same_inputs(stamp) and not mine and not side:
        return Written(old, changed=False)
    pristine, commit = write_series(out, plan)
    stamp = dataclasses.replace(stamp, commit=commit, pristine=pristine)
    names = git(out, "diff-tree", "-r", "-z", "--name-only", "--no-renames", old.commit, commit)
    changed = {os.fsdecode(name) for name in names.split(b"\0") if name}
    _place(out / ".git", stamp, out, changed | set(mine), head)
    return Written(stamp, changed=True, side=_finish(out) or side)


def _create(out: pathlib.Path, plan: Plan, stamp: stamps.Stamp) -> stamps.Stamp:
    """Makes the build beside its place and moves it there whole."""
    there = sorted(os.listdir(out)) if out.is_dir() else []
    if os.path.lexists(out) and (not out.is_dir() or set(there) - set(user_edits.KEPT)):
        raise Refused(
            str(out),
            expected="a build, an empty folder or none",
            found=", ".join(there[:5]) or "a file",
            todo="move it away, or name another folder with --out",
        )
    new = build_lock.aside(out)
    shutil.rmtree(new, ignore_errors=True)
    git(None, "init", "--quiet", "--template=", "--initial-branch=overlay", str(new))
    (new / ".git" / "info").mkdir(exist_ok=True)
    (new / ".git" / "info" / "exclude").write_text("".join(f"/{name}\n" for name in user_edits.KEPT))
    with build_lock.held(new):  # so that it is held too once it is in its place, where others find it
        pristine, commit = write_series(new, plan)
        stamp = dataclasses.replace(stamp, commit=commit, pristine=pristine)
        git(new, "update-ref", BRANCH, commit)
        _place(new / ".git", stamp, out, None, "")
        if there:  # the user's own, from a build whose other files were removed: they stay where they are
            os.replace(new / ".git", out / ".git")
            journal.finish(out / ".git")
        else:
            journal.finish(new / ".git")
            os.rename(new, out)
        journal.sync(out.parent)
    return stamp


def _place(git_dir: pathlib.Path, stamp: stamps.Stamp, out: pathlib.Path, paths: set[str] | None, head: str) -> None:
    """Writes the journal that takes a build to the stamp's commit; `paths` are those that change, None for all."""
    repo, folder = git_dir.parent, journal.begin(git_dir)
    tree = trees.GitTree(repo, stamp.commit, trees.Origin("git", stamp.commit, ""))
    modes = tree.modes()
    changing = sorted(modes if paths is None else paths)
    contents = tree.read([path for path in changing if path in modes])
    place = {path: (modes[path], contents.get(path, b"")) if path in modes else None for path in changing}
    if paths is None:
        user_edits.refuse_overwrite(out, place)
    user_edits.refuse_blocked(out, place)
    index = folder / "index.new"
    git(repo, "read-tree", stamp.commit, extra_env={"GIT_INDEX_FILE": str(index)})
    inside_git = {
        "index": index.read_bytes(),
        BRANCH: f"{stamp.commit}\n".encode(),
        "HEAD": f"ref: {BRANCH}\n".encode(),
        stamps.NAME: stamps.dump(stamp),
    }
    journal.write(git_dir, head=head, commit=stamp.commit, place=place, inside_git=inside_git)


def _finish(out: pathlib.Path) -> str:
    """Does what the journal says; what the user changed since it was written is kept on a branch, which is returned."""
    mine = journal.changed_since(out / ".git")
    planned, side = journal.read(out / ".git"), ""
    try:
        head = git(out, "rev-parse", "--verify", "--quiet", "HEAD").decode().strip()
    except GitError:  # HEAD names a branch that is still to be written
        head = planned.head
    if head and (mine or head not in (planned.head, planned.commit)):
        side = user_edits.keep(out, mine, head)
    journal.finish(out / ".git")
    return side
