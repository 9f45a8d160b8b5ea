"""Writes a plan into a git repository as commits: the overlay first, then one a patch, on top of upstream's own."""

import pathlib

from tools import fast_import
from tools.git import GitError
from tools.git import fetch_arguments
from tools.git import git
from tools.plan.plan import Plan
from tools.upstream import trees

_SCRATCH = "refs/overlay/next"
_PI05_CAME = "2025-09-08"  # the date of a tree of which nobody knows it


def write_series(repo: pathlib.Path, plan: Plan) -> tuple[str, str]:
    """Writes the commits of a plan; no file and no branch changes.

    Args:
        repo: The build's repository, which receives upstream's commit too.
        plan: A plan without a refused patch.

    Returns:
        The upstream commit, and the newest of ours.
    """
    _remove_stale_locks(repo)
    upstream, modes = plan.upstream, plan.upstream.modes()
    if isinstance(upstream, trees.GitTree):
        stream = fast_import.Stream(_SCRATCH, _bring(repo, upstream))
        pristine = parent = upstream.commit
    else:
        stream = fast_import.Stream(_SCRATCH, fast_import.midnight(upstream.origin.date or _PI05_CAME))
        contents = upstream.read(list(modes))
        found = {path: (mode, contents[path]) for path, mode in modes.items()}
        pristine, parent = "", stream.commit(f"OpenPI as found: {upstream.origin.id}\n", found)
    what = (
        "Lay the overlay\n\nNew files only, at the path that they have in overlay/. Nothing of upstream's is changed.\n"
    )
    overlay = {path: (file.mode, file.content) for path, file in plan.overlay.items()}
    parent = stream.commit(what, overlay, parent=parent)
    for result in plan.results:
        if result.files:
            changed = {path: (modes[path], text) for path, text in result.files.items()}
            parent = stream.commit(result.patch.message(), changed, parent=parent)
    commits = stream.write(repo)
    git(repo, "update-ref", "-d", _SCRATCH)
    return pristine or commits[0], commits[-1]


def _bring(repo: pathlib.Path, upstream: trees.GitTree) -> int:
    """Brings upstream's commit into the repository, without its history; returns its time in seconds."""
    if not _has(repo, upstream.commit):
        source = upstream.repo.resolve().as_uri()
        fetch = fetch_arguments(source, upstream.commit, local=True, options=("--quiet", "--depth=1"))
        git(repo, "-c", "core.fsync=all", *fetch)
    return int(git(repo, "log", "-1", "--format=%ct", upstream.commit))


def _has(repo: pathlib.Path, commit: str) -> bool:
    """Is the commit there with everything in it?"""
    try:
        git(repo, "rev-list", "--objects", "--no-walk", "--quiet", commit)
    except GitError:
        return False
    return True


def _remove_stale_locks(repo: pathlib.Path) -> None:
    """Removes the lock files that git commands of ours left when they were killed; no other apply is at work here."""
    for lock in (repo / ".git" / "shallow.lock", repo / ".git" / f"{_SCRATCH}.lock"):
        lock.unlink(missing_ok=True)
