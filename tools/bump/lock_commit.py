"""The commit of a bump: the lock's two lines, and a message that says what changed upstream and what was tried."""

import os
import pathlib
import re
import subprocess
import textwrap
import tomllib

from tools import lock as locks
from tools.bump.tests_here import Tried
from tools.git import GitError
from tools.git import git
from tools.rebase_check.report import Findings
from tools.refusal import Refused
from tools.upstream.history import Commit


def refuse_unready(lock: pathlib.Path) -> None:
    """Refuses a project in which no bump can be committed: what is tried must be what is committed, on a branch.

    Args:
        lock: `upstream.lock`, in the project's root.

    Raises:
        Refused: it is no clone, HEAD is on no branch, or something is not committed.
    """
    root = lock.parent
    _new(lock).unlink(missing_ok=True)  # of a bump that was killed
    try:
        changed = git(root, "status", "--porcelain", "--untracked-files=normal").decode(errors="replace").splitlines()
    except GitError as e:
        found = str(e).splitlines()[0]
        raise Refused(str(root), expected="a git repository", found=found, todo="bump in a clone of it") from None
    try:
        git(root, "symbolic-ref", "--quiet", "HEAD")
    except GitError:
        todo = "go to one (git switch main), or make one: git switch -c bump"
        raise Refused(str(root), expected="a branch to commit on", found="a detached HEAD", todo=todo) from None
    if [line[3:] for line in changed] == [lock.name] and (commit := _moved_to(lock)):
        raise Refused(
            str(lock),
            expected="the lock as it was committed",
            found=f"one that names {commit[:12]}, and not committed: as a bump leaves it that is stopped at its last step",
            todo=f"put it back and bump again: git checkout HEAD -- {lock.name} && just bump {commit[:12]}",
        )
    if changed:
        found = ", ".join(line[3:] for line in changed[:5]) + (f" and {len(changed) - 5} more" if changed[5:] else "")
        todo = "commit or stash it; --dry-run goes on without"
        raise Refused(str(root), expected="no change that is not committed", found=found, todo=todo)


def _moved_to(lock: pathlib.Path) -> str:
    """The commit that the lock names, where that and its date are all that differs from the one in HEAD; else ""."""
    try:
        before = git(lock.parent, "cat-file", "blob", f"HEAD:./{lock.name}").decode()
        old, new = tomllib.loads(before), tomllib.loads(lock.read_text())
        now = moved(before, *(Commit(one["commit"], one["date"], "") for one in (old, new)))
    except (GitError, Refused, KeyError, ValueError):
        return ""
    return new["commit"] if now.encode() == lock.read_bytes() else ""


def message(old: Commit, new: Commit, touched: list[Commit], findings: Findings, tests: list[Tried]) -> str:
    """The message of the commit."""
    way = f"{len(findings.rows)} first-parent commits, {len(touched)} of which change files that we patch or lay over"
    lines = [
        f"Bump OpenPI to {new.id[:12]} of {new.date}",
        "",
        f"from {old.id} of {old.date}",
        f"to   {new.id} of {new.date}",
    ]
    lines += ["", *textwrap.wrap(f"{way}:" if touched else f"{way}.", 100)]
    lines += [f"  {commit.id[:12]} {commit.date} {commit.subject}" for commit in touched]
    lines += ["", "Patches on the new commit:"]
    for patch in findings.rows[-1].patches:
        note = f" ({patch.reason}); no longer needed" if patch.verdict == "upstream" else ""
        lines.append(f"  {patch.name}: {patch.verdict}{note}")
    for title, on_build in (
        ("Tried on a build of it:", True),
        ("Tried of our tools, which no build can change:", False),
    ):
        here = [test for test in tests if test.on_build is on_build]
        lines += ["", title] if here else []
        lines += [f"  {test.name}: {test.outcome}" + (f" ({test.detail})" if test.detail else "") for test in here]
    return "\n".join(lines) + "\n"


def moved(text: str, old: Commit, new: Commit) -> str:
    """The lock's text with another commit and date; comments, order and the mirror's table stay to the byte."""
    head, mirror, tail = text.partition("[mirror]")
    for key, before, after in (("commit", old.id, new.id), ("date", None, new.date)):
        value = re.escape(before) if before else r"[0-9-]+"
        head, count = re.subn(rf'(?m)^({key}\s*=\s*["\']){value}(?=["\'])', rf"\g<1>{after}", head)
        if count != 1:
            raise Refused(
                "upstream.lock",
                expected=f"one line `{key} = …` before [mirror]",
                found=f"{count} of them",
                todo="write it in that form",
            )
    return head + mirror + tail


def move(path: pathlib.Path, old: Commit, new: Commit, text: str) -> str:
    """Writes the lock and commits it alone; puts the old one back when git refuses the commit.

    Returns:
        The commit, 40 hex digits.
    """
    before = path.read_bytes()
    _replace(path, moved(before.decode(), old, new).encode())
    locks.read_lock(path)
    # The user's own git here: their name, their signature and their hooks are part of a commit in their project.
    line = ["git", "-C", str(path.parent), "commit", "--quiet", "--only", "--file=-", "--", path.name]
    done = subprocess.run(line, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        _replace(path, before)
        said = (done.stderr or done.stdout).strip() or f"git commit exited with {done.returncode}"
        raise Refused("git commit", expected="a commit of upstream.lock", found=said, todo="mend it, then bump again")
    return git(path.parent, "rev-parse", "HEAD").decode().strip()


def _replace(path: pathlib.Path, content: bytes) -> None:
    new = _new(path)
    new.write_bytes(content)
    os.replace(new, path)


def _new(path: pathlib.Path) -> pathlib.Path:
    """Where a file is written before it takes the place of another."""
    return path.with_name(f".{path.name}.new")
