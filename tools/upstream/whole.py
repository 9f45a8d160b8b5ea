"""Is every object of the store there, and what its name says?"""

import hashlib
import pathlib

from tools.git import GitError
from tools.git import git


def is_whole(path: pathlib.Path, commit: str | None = None) -> bool:
    """Reads every object of one commit's tree, or of all in the store, and compares it with the hash that names it."""
    try:
        if git(path, "--git-dir=.", "rev-parse", "--is-bare-repository").strip() != b"true":
            return False
        refs = git(path, "--git-dir=.", "for-each-ref", "--format=%(refname)", "refs/upstream/").decode().split()
        wanted = [commit] if commit else refs
        if not wanted:
            return True
        listing = git(path, "--git-dir=.", "rev-list", "--objects", "--no-walk", *wanted, "--")
        names = b"".join(line.split(b" ")[0] + b"\n" for line in listing.splitlines())
        answer = git(path, "--git-dir=.", "cat-file", "--batch", stdin=names)
    except (GitError, OSError):
        return False
    at = 0
    while at < len(answer):
        end = answer.index(b"\n", at)
        name, _, kind_and_size = answer[at:end].partition(b" ")
        if not kind_and_size.partition(b" ")[2].isdigit():
            return False  # "<name> missing"
        content = answer[end + 1 : end + 1 + int(kind_and_size.partition(b" ")[2])]
        if hashlib.sha1(kind_and_size + b"\0" + content, usedforsecurity=False).hexdigest().encode() != name:
            return False
        at = end + 1 + len(content) + 1
    return True
