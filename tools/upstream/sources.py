"""The two sources of upstream: its commit, fetched by git, and the mirror, an archive that pip brings."""

import datetime
import pathlib
import re

from tools import command
from tools.git import GitError
from tools.lock import Lock
from tools.refusal import Refused
from tools.upstream import archive
from tools.upstream import remote
from tools.upstream import sdist
from tools.upstream import store as stores
from tools.upstream.store import Synced

WAYS = (
    "connect this machine; or name a clone that you have: just sync-upstream --url PATH;\n"
    "or put the archive of the mirror into a folder and name it in PIP_FIND_LINKS"
)


def from_git(
    lock: Lock, store: pathlib.Path, where: remote.Remote, ref: str | None, wait_s: float, held: int
) -> Synced:
    """Fetches the locked commit, or the one that a name or hash stands for, into the store.

    Raises:
        Refused: The repository does not have it.
        Unreachable: It does not answer.
    """
    refs = remote.list_refs(where, wait_s=wait_s, also=ref or "")
    commit = lock.commit if ref is None else remote.resolve(refs, ref)
    if commit is None and ref is not None and re.fullmatch(r"[0-9a-f]{7,40}", ref):
        commit = ref
    if commit is not None:
        command.note(f"fetching OpenPI {commit} from {where.url}")
        commit = remote.fetch(where, store, commit, wait_s=wait_s, held=held)
    synced = None
    if commit is not None:
        synced = stores.find_locked(store, lock, source="git") if ref is None else of_ref(lock, store, commit)
    if synced is None:
        shown = f"{ref or lock.commit} in {where.url}"
        names = sorted(name.removeprefix("refs/heads/") for name in refs if name.startswith("refs/heads/"))
        found = f"no such commit in it; its branches: {', '.join(names[:10]) or 'none'}{' …' * (len(names) > 10)}"
        todo = "mend the name" if ref else "mend upstream.lock, name another clone with --url, or take --source sdist"
        raise Refused(shown, expected="a commit, a branch or a tag of that repository", found=found, todo=todo)
    return synced


def of_ref(lock: Lock, store: pathlib.Path, commit: str) -> Synced | None:
    """A commit of the store, with a note where it is not the locked one; None when it is not there."""
    there = stores.look(store, stores.git_ref(commit))
    if there is None:
        return None
    note = ""
    if commit != lock.commit:
        days = (datetime.date.fromisoformat(there[1]) - datetime.date.fromisoformat(lock.date)).days
        age = f"{abs(days)} days {'newer' if days > 0 else 'older'} than" if days else "of the same day as"
        note = (
            f"This is not the locked commit: it is {age} {lock.commit[:12]} of {lock.date}. The lock is unchanged; "
            f"to build from this one: just apply --upstream {commit}"
        )
    return Synced(store, commit, "git", commit, there[1], note)


def from_mirror(lock: Lock, store: pathlib.Path, held: int) -> Synced:
    """Downloads the mirror's archive and imports it into the store.

    Raises:
        Refused: No index has it, or it is not what the lock says.
    """
    mirror = lock.mirror
    shown = f"{mirror.package} {mirror.version}"
    command.note(f"downloading {shown} with pip")
    with stores.scratch(store) as folder:
        try:
            got = sdist.download(mirror, folder.resolve(), held=(held,))
        except sdist.NotFetched as e:
            expected = f"a package index that has {shown}"
            raise Refused(f"the mirror {shown}", expected=expected, found=str(e), todo=WAYS) from e
        files = archive.read_archive(got)
    message = f"{shown}, sha256 {mirror.sha256}\n\nMade from OpenPI {mirror.commit} of {mirror.date}.\n"
    stores.import_files(store, files, ref=stores.sdist_ref(mirror.sha256), date=mirror.date, message=message)
    synced = stores.find_locked(store, lock, source="sdist")
    if synced is None:
        raise GitError(f"{shown} was imported and cannot be read back")
    return synced
