"""Upstream with its whole history: a clone that the user names and that is only read, or one fetched into `build/`."""

import contextlib
import pathlib
import subprocess
import sys

from tools import command
from tools.git import OPTIONS
from tools.git import GitError
from tools.git import environment
from tools.git import git
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import history
from tools.upstream import remote
from tools.upstream import store

FETCHED = command.ROOT / "build" / "upstream-history.git"

_WAIT_S = 10.0  # for the first answer
_LIMIT_S = 900  # for the whole fetch; upstream with every pull request is about 200 MB
_STALL_S = 60


def open_clone(name: str | None, url: str, *, pulls: bool) -> history.History:
    """Opens upstream's history.

    Args:
        name: A URL or the path of a clone; None for the lock's URL.
        url: The lock's URL.
        pulls: Bring the heads of pull requests too, where something is fetched.

    Raises:
        Refused: the URL does not answer, or it is neither a URL nor a clone.
    """
    try:
        source = remote.remote(name or url)
    except Refused as e:
        raise WrongUsage(f"the upstream {name}", expected=e.expected, found=e.found, todo=e.todo) from None
    if source.path is not None:
        found = history.open_history(source.path)
        _refuse_without_openpi(found)
        return found
    try:
        _fetch(source, pulls=pulls)
    except GitError as e:
        raise Refused(
            source.url,
            expected=f"a git repository that answers within {_WAIT_S:g} s and sends its history",
            found=str(e),
            todo="connect this machine, or name a clone that you have: --upstream PATH (of just bump: --url PATH)",
        ) from None
    return history.open_history(FETCHED)


def _refuse_without_openpi(found: history.History) -> None:
    """Refuses a clone of something else before its commits are gone through."""
    if found.partial:  # it may lack the trees that would tell
        return
    try:
        git(found.repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{found.newest()}:src/openpi")
    except GitError:
        raise WrongUsage(
            str(found.repo),
            expected="a clone of OpenPI, with src/openpi in its newest commit",
            found="no OpenPI here: src/openpi is missing",
            todo="name a clone of OpenPI, or a URL",
        ) from None


def _fetch(source: remote.Remote, *, pulls: bool) -> None:
    refs = remote.list_refs(source, wait_s=_WAIT_S)
    with store.locked(FETCHED) as held:
        if not FETCHED.is_dir():
            store.make_bare(FETCHED)
        command.note(f"fetching the history of {source.url} into {FETCHED}")
        wanted = ["+refs/heads/*:refs/heads/*", *(["+refs/pull/*/head:refs/pull/*/head"] if pulls else [])]
        quiet = [*OPTIONS, "-c", "http.lowSpeedLimit=1", "-c", f"http.lowSpeedTime={_STALL_S}"]
        progress = "--progress" if sys.stderr.isatty() else "--quiet"
        line = ["git", *quiet, f"--git-dir={FETCHED}", "fetch", progress, "--prune", "--no-tags", "--", source.url]
        try:
            done = subprocess.run(
                [*line, *wanted],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if sys.stderr.isatty() else subprocess.PIPE,
                env=environment(network=True),
                timeout=_LIMIT_S,
                pass_fds=[held],  # a fetch that outlives this process goes on holding it
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GitError(f"not done within {_LIMIT_S} s") from None
        if done.returncode:
            raise GitError((done.stderr or b"").decode(errors="replace").strip() or "git fetch failed")
        with contextlib.suppress(GitError):
            git(FETCHED, "symbolic-ref", "HEAD", _default_branch(refs))


def _default_branch(refs: dict[str, str]) -> str:
    """The branch that the remote's HEAD is on."""
    head = refs.get("HEAD")
    on = [name for name, commit in refs.items() if name.startswith("refs/heads/") and commit == head]
    return next(
        (name for name in ("refs/heads/main", "refs/heads/master") if name in on), (on or ["refs/heads/main"])[0]
    )


def shown(path: pathlib.Path) -> str:
    """How the clone is named in what is printed."""
    return "build/upstream-history.git" if path == FETCHED else str(path)
