"""`just bump`: moves the lock to a newer upstream, once every patch is in order there and the tests pass."""

import json as json_text
from typing import Annotated

import tyro

from tools import lock as locks
from tools.bump import lock_commit
from tools.bump import tests_here
from tools.bump import trial_build
from tools.command import ROOT
from tools.command import run
from tools.plan import overlay_files
from tools.plan import patches
from tools.rebase_check import verdicts
from tools.rebase_check.check import check
from tools.rebase_check.report import Findings
from tools.refusal import Refused
from tools.upstream.clone import open_clone
from tools.upstream.clone import shown
from tools.upstream.history import Commit
from tools.upstream.history import History


def bump(
    ref: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="[REF]", help_behavior_hint="")] = "", /, *,
    url: str | None = None, dry_run: bool = False, without_openpi: bool = False, json: bool = False,
) -> int:  # fmt: skip
    """Move the lock to the newest upstream: checked, built and tested first, then one commit.

    Exit code 0 when the lock was moved or is the newest already, 1 when something speaks against it (then nothing is
    changed), 2 for wrong usage.

    Example:
        just bump --dry-run

    Args:
        ref: A commit, a branch or a tag; the newest by default. Only a named one may be older than the lock.
        url: A URL or a clone of OpenPI, which is only read; the lock's URL by default.
        dry_run: Do all of it but the commit, and change nothing.
        without_openpi: Leave out the tests that run OpenPI itself, and need what `just upstream-env` makes.
        json: Print the result as JSON.
    """
    path = ROOT / "upstream.lock"
    lock = locks.read_lock(path)
    if not dry_run:
        lock_commit.refuse_unready(path)
    history = open_clone(url, lock.url, pulls=False)
    old = history.commit(history.resolve(lock.commit))
    new = history.commit(history.resolve(ref) if ref else history.newest())
    if new.id == old.id:
        return _say_newest(new, json=json)
    _refuse_backwards(history, old, new, named=bool(ref))
    if not (dry_run or without_openpi):
        tests_here.refuse_without_openpi()
    findings = check(history, _between(history, old, new))
    _refuse_broken(findings, history)
    touched = history.log_of(_files(), old.id, new.id)
    with trial_build.build(history, new, lock) as built:
        tests = tests_here.try_out(built, without_openpi=without_openpi)
    if failed := [test for test in tests if test.outcome == "failed"]:
        raise Refused(
            f"the build of {new.id[:12]}",
            expected="every test that can run here to pass",
            found="\n".join(f"{test.name}: {test.detail}" for test in failed),
            todo="mend the patches or the overlay; the lock is unchanged",
        )
    message = lock_commit.message(old, new, touched, findings, tests)
    commit = "" if dry_run else lock_commit.move(path, old, new, message)
    if json:
        print(json_text.dumps(_as_json(old, new, touched, findings, tests, commit), indent=2, ensure_ascii=False))
        return 0
    print(message)
    for name in findings.not_needed:
        print(
            f"proposed: remove {name}, which upstream does itself now: git rm patches/{name}.toml and its line in series"
        )
    print("nothing was changed (--dry-run)" if dry_run else f"committed {commit[:12]}; build it: just apply")
    return 0


def _say_newest(new: Commit, *, json: bool) -> int:
    if json:
        print(json_text.dumps({"ok": True, "old": _commit(new), "new": _commit(new), "commit": None}, indent=2))
    else:
        print(f"the lock names {new.id[:12]} of {new.date} already")
    return 0


def _refuse_backwards(history: History, old: Commit, new: Commit, *, named: bool) -> None:
    if named or history.is_ancestor(old.id, new.id):
        return
    older = history.is_ancestor(new.id, old.id)
    raise Refused(
        f"upstream.lock: {old.id[:12]} of {old.date}",
        expected="a newest upstream commit that descends from it",
        found=f"{new.id[:12]} of {new.date}, {'an older one' if older else 'of another line'}, in {shown(history.repo)}",
        todo=f"fetch into that clone; or name it on purpose: just bump {new.id[:12]}",
    )


def _between(history: History, old: Commit, new: Commit) -> list[Commit]:
    """The commits to try: those after the lock up to the new one, or the new one alone where it is an older one."""
    if not history.is_ancestor(old.id, new.id):
        return [new]
    return history.line(new.id, after=old.id)


def _refuse_broken(findings: Findings, history: History) -> None:
    if findings.rows[-1].ok:
        return
    broken = findings.first_break
    diff = f"\n{broken.diff}" if broken.diff else ""
    raise Refused(
        f"{broken.patch} on {findings.rows[-1].commit.id[:12]}",
        expected="every patch to apply",
        found=f"refused since {broken.commit.id[:12]} of {broken.commit.date}, {broken.commit.subject}\n"
        f"{broken.reason}{diff}",
        todo=f"mend the patch; just rebase-check --upstream {shown(history.repo)} shows every commit",
    )


def _files() -> list[str]:
    """What upstream may change that concerns us: the files that patches name, and those that the overlay has."""
    series = patches.read_series()
    return sorted({path for patch in series for path in verdicts.files_of(patch)} | set(overlay_files.read_overlay()))


def _as_json(
    old: Commit,
    new: Commit,
    touched: list[Commit],
    findings: Findings,
    tests: list[tests_here.Tried],
    commit: str,
) -> dict:
    return {
        "ok": True,
        "old": _commit(old),
        "new": _commit(new),
        "changed_upstream": [_commit(one) for one in touched],
        "patches": [{"name": p.name, "verdict": p.verdict, "reason": p.reason} for p in findings.rows[-1].patches],
        "no_longer_needed": sorted(findings.not_needed),
        "tests": [{"name": t.name, "outcome": t.outcome, "detail": t.detail} for t in tests],
        "commit": commit or None,
    }


def _commit(commit: Commit) -> dict[str, str]:
    return {"commit": commit.id, "date": commit.date, "subject": commit.subject}


if __name__ == "__main__":
    run(bump, "just bump")
