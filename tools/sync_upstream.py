"""`just sync-upstream`: brings the locked OpenPI into the store, from git, or from the mirror where git is out of reach."""

import json as json_text
import os
from typing import Literal

from tools import command
from tools.lock import read_lock
from tools.upstream import store
from tools.upstream.sync import sync


def sync_upstream(
    url: str | None = None,
    ref: str | None = None,
    source: Literal["git", "sdist"] | None = None,
    *,
    json: bool = False,
) -> int:
    """Brings the OpenPI that the lock names into the store; a second call needs no network.

    It asks git, and takes the mirror, a source distribution, where git does not answer within 10 s.

    Example:
        just sync-upstream --url ~/src/openpi

    Args:
        url: A URL or a local clone to take it from, in place of the lock's; a clone is only read.
        ref: A branch, a tag or a commit to bring as well; the lock stays as it is.
        source: Take it from there and from nowhere else.
        json: Print the answer as JSON.
    """
    lock = read_lock(command.ROOT / "upstream.lock")
    synced = sync(lock, store.DEFAULT, url=url, ref=ref, source=source)
    if synced.note:
        command.note(synced.note)
    if json:
        answer = {key: getattr(synced, key) for key in ("source", "id", "commit", "date", "note")}
        print(json_text.dumps({"ok": True, **answer}, indent=2, ensure_ascii=False))
    else:
        which = "the locked commit" if synced.commit == lock.commit else f"not the locked commit {lock.commit[:12]}"
        name = f"OpenPI {synced.id}" if synced.source == "git" else f"{synced.id}, stored as {synced.commit}"
        print(f"{name} of {synced.date}: {which}, in {os.path.relpath(synced.repo)}")
    return 0


if __name__ == "__main__":
    command.run(sync_upstream, "just sync-upstream")
