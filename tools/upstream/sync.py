"""Brings an upstream tree into the store, once: from git, or from the mirror where git is out of reach."""

import pathlib
import re

from tools import command
from tools.git import GitError
from tools.lock import Lock
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import remote
from tools.upstream import sdist
from tools.upstream import sources
from tools.upstream import store as stores
from tools.upstream import trees
from tools.upstream.store import Synced
from tools.upstream.whole import is_whole

_WAIT_S = 10.0
# How a disk that cannot be written to shows in what git says.
_DISK = r"No space left|Disk quota|Read-only file system|File too large|insufficient permission|Permission denied"


def sync(
    lock: Lock,
    store: pathlib.Path,
    *,
    url: str | None = None,
    ref: str | None = None,
    source: str | None = None,
    wait_s: float = _WAIT_S,
) -> Synced:
    """Brings an upstream tree into the store, unless it is there; says on standard error what it does.

    Args:
        lock: What is meant.
        store: The store, made when missing.
        url: A URL or a local clone in place of the lock's.
        ref: A branch, a tag or a commit in place of the locked one.
        source: "git" or "sdist" for that one alone.
        wait_s: How long git may take to answer, in seconds, before the mirror is taken.

    Returns:
        The tree; its note says how it differs from the locked commit.

    Raises:
        Refused: No source has it, or what came is not what the lock says.
        WrongUsage: Options that cannot stand together, or a url that is none and no folder.
    """
    if source == "sdist" and (ref or url):
        expected = "--source sdist alone: the mirror is one archive, the one that the lock names"
        found = f"--url {url}" if url else f"--ref {ref}"
        raise WrongUsage("--source sdist", expected=expected, found=found, todo="leave one of the two out")
    where = remote.remote(url or lock.url) if source != "sdist" else None
    if there := _already(lock, store, ref, "git" if url else source):
        return there
    try:
        with stores.locked(store) as held:
            if there := _already(lock, store, ref, "git" if url else source):  # another sync was at work
                return there
            stores.open_store(store)
            return _bring(lock, store, where, ref, source, wait_s, held)
    except GitError as e:
        raise _store_refusal(store, e) from None


def _already(lock: Lock, store: pathlib.Path, ref: str | None, source: str | None) -> Synced | None:
    if ref is None:
        there = stores.find_locked(store, lock, source=source)
    else:
        there = sources.of_ref(lock, store, ref) if re.fullmatch(r"[0-9a-f]{40}", ref) else None
    if there is None or not is_whole(store, there.commit):
        return None
    command.note(f"{there.id} of {there.date} is in {store} already; nothing is fetched")
    if there.source == "sdist" and source is None:
        command.note("to try git again: just sync-upstream --source git")
    return there


def _bring(
    lock: Lock,
    store: pathlib.Path,
    where: remote.Remote | None,
    ref: str | None,
    source: str | None,
    wait_s: float,
    held: int,
) -> Synced:
    if where is None:
        return sources.from_mirror(lock, store, held)
    try:
        return sources.from_git(lock, store, where, ref, wait_s, held)
    except remote.Unreachable as e:
        reason = f"git, {where.url}: {e}"
    except GitError as e:
        if re.search(_DISK, str(e)):
            raise
        if where.path and "promisor" in str(e):
            raise trees.lacks_objects(where.path, str(e)) from None
        todo = "name a whole clone of OpenPI with --url, or take --source sdist"
        raise Refused(where.url, expected="git to fetch from it", found=str(e), todo=todo) from None
    if where.path:
        found, todo = reason, "name the folder of a git clone of OpenPI"
        raise Refused(
            f"--url {where.url}", expected="a git repository that can be fetched from", found=found, todo=todo
        )
    if ref or source == "git":
        raise Refused(
            where.url,
            expected=f"a git repository that answers within {wait_s:g} s",
            found=reason,
            todo=sources.WAYS.partition(";\nor put")[0],
        )
    command.note(f"{reason}\ntaking the mirror in its place")
    try:
        return sources.from_mirror(lock, store, held)
    except Refused as refusal:
        if not isinstance(refusal.__cause__, sdist.NotFetched):
            raise
        expected = "git, or a package index with the mirror, to answer"
        raise Refused(
            "the sources of OpenPI", expected=expected, found=f"{reason}\nmirror: {refusal.found}", todo=sources.WAYS
        ) from None


def _store_refusal(store: pathlib.Path, error: GitError) -> Refused:
    if re.search(_DISK, str(error)):
        expected, todo = (
            "a disk with room, that can be written to",
            "free some space or give the permission, then run it again",
        )
    elif "not installed" in str(error):
        expected, todo = "git", "install git, then run it again"
    else:
        expected, todo = "git to do its work there", f"run it again; if that does not help, remove {store}"
    return Refused(str(store), expected=expected, found=str(error), todo=todo)
