"""`just apply`: a pinned OpenPI, our overlay and the series make one patched checkout, all of it or nothing."""

import gc
import json as json_text
import pathlib

from tools.builds import build
from tools.builds import stamp as stamps
from tools.builds import user_edits
from tools.command import ROOT
from tools.command import note
from tools.command import run
from tools.git import GitError
from tools.git import git
from tools.lock import Lock
from tools.lock import read_lock
from tools.plan import overlay_files
from tools.plan import patches
from tools.plan import report
from tools.plan.plan import make_plan
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import store
from tools.upstream import trees
from tools.upstream.open_tree import open_tree
from tools.upstream.sync import sync


def apply(
    *,
    upstream: str | None = None,
    out: pathlib.Path = build.BUILD,
    check: bool = False,
    skip: list[str] = [],  # noqa: B006  (tyro reads it, nobody changes it)
    force: bool = False,
    json: bool = False,
) -> int:
    """Build the patched OpenPI tree: overlay and patches on a pristine upstream, checked first, written whole.

    Exit code 0 when everything is in place, 1 when a patch was refused or the overlay does not fit (then nothing is
    written), 2 for wrong usage.

    Example:
        just apply
        just apply --upstream ../my-fork --check

    Args:
        upstream: Any OpenPI tree: a clone, a fork, a plain folder, or a commit that `just sync-upstream` brought.
        out: Where the build goes.
        check: Only say what would happen; write nothing anywhere.
        skip: Leave this patch out, on purpose; repeat it for more.
        force: Go on over edits of yours in the build, keeping them on a branch there.
        json: Print the result as JSON.
    """
    gc.disable()  # syntax trees are many small objects that all live to the end: collecting costs 0.1 s, frees nothing
    lock = read_lock(ROOT / "upstream.lock")
    overlay, series = overlay_files.read_overlay(), patches.read_series()
    tree = _open(upstream, lock, may_sync=not check)
    out = out.absolute()
    _refuse_overlap(tree, out)
    plan = make_plan(tree, overlay, series, skip=tuple(skip))
    results, commit = plan.results, None
    if plan.ok and not check:
        written = build.write(out, plan, stamps.of_plan(plan, lock), force=force)
        commit = written.stamp.commit
        if not written.changed:
            results = [report.in_place(result) for result in results]
        if written.side:
            note(f"your edits are on the branch {written.side}: git -C {out} show {written.side}")
    elif check and plan.ok and (edited := _edits_there(out)):
        note(f"but {len(edited)} files of the build {out} were edited, and would stop apply: just status")
    if json:
        print(json_text.dumps(report.as_json(plan, results, None if check else out, commit), indent=2))
    else:
        report.show(plan, results, out, check=check)
    return 0 if plan.ok else 1


def _edits_there(out: pathlib.Path) -> list[str]:
    """The files of the build that the user edited, as far as they can be told without writing anything."""
    stamp = stamps.read(out / ".git")
    try:
        return user_edits.edited(out, stamp.commit) if stamp else []
    except GitError:
        return []


def _open(upstream: str | None, lock: Lock, *, may_sync: bool) -> trees.Tree:
    """The tree to patch: what the user names, else the locked one, which is fetched where it is not here yet."""
    if upstream is None:
        synced = store.find_locked(store.DEFAULT, lock)
        if synced is None and not may_sync:
            raise Refused(
                "build/upstream.git",
                expected="the locked upstream, fetched before",
                found="none of it, and --check writes nothing",
                todo="fetch it: just sync-upstream",
            )
        if synced is None:
            synced = sync(lock, store.DEFAULT)
        return trees.GitTree(
            synced.repo, synced.commit, trees.Origin(synced.source, synced.id, synced.date, synced.note)
        )
    path = pathlib.Path(upstream)
    if path.exists():
        return open_tree(path.absolute())
    try:
        commit = git(store.DEFAULT, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{upstream}^{{commit}}")
        commit, date = git(store.DEFAULT, "log", "-1", "--format=%H %as", commit.decode().strip()).decode().split()
    except GitError as e:
        raise WrongUsage(
            f"--upstream {upstream}",
            expected="a folder, or a commit that just sync-upstream brought",
            found="neither",
            todo="check the path, or fetch the commit: just sync-upstream --ref " + upstream,
        ) from e
    differs = "a commit other than the locked one" if commit != lock.commit else ""
    return trees.GitTree(store.DEFAULT, commit, trees.Origin("git", commit, date, differs, commit))


def _refuse_overlap(tree: trees.Tree, out: pathlib.Path) -> None:
    """Refuses to build over the tree that is read: it is never written to."""
    source = (tree.repo if isinstance(tree, trees.GitTree) else tree.folder).resolve()
    target = out.resolve()
    if source == target or source in target.parents or target in source.parents:
        raise WrongUsage(
            f"--out {out}",
            expected="a folder apart from the upstream tree, which is never written to",
            found=f"upstream at {source}",
            todo="name another folder with --out",
        )


if __name__ == "__main__":
    run(apply, "just apply")
