"""`just rebase-check`: the series tried on every commit of upstream's history, without a checkout."""

import json as json_text
import pathlib

from tools.command import ROOT
from tools.command import note
from tools.command import run
from tools.lock import read_lock
from tools.rebase_check import page
from tools.rebase_check import report
from tools.rebase_check.check import check
from tools.refusal import WrongUsage
from tools.upstream.clone import open_clone
from tools.upstream.clone import shown
from tools.upstream.history import Commit
from tools.upstream.history import History


def rebase_check(
    *,
    upstream: str | None = None,
    range: str | None = None,
    all: bool = False,
    latest: bool = False,
    pulls: bool = False,
    baseline: bool = False,
    json: bool = False,
    html: pathlib.Path | None = None,
) -> int:
    """Try the series on every first-parent commit of a range: from the locked commit to the newest by default.

    Exit code 0 when every patch is in order on every commit tried, 1 when one is refused, 2 for wrong usage.

    Example:
        just rebase-check --upstream ~/src/openpi --all

    Args:
        upstream: A clone of OpenPI, which is only read, or a URL to fetch; the lock's URL by default.
        range: The commits after A up to B, as A..B.
        all: Every commit since the first one.
        latest: Only the newest commit; when it is refused, every commit since the lock, to name the first break.
        pulls: The heads of pull requests and branches too, those that touch what the patches touch.
        baseline: Beside it, the same change as a text patch, made on the commit of the mirror.
        json: Print the result as JSON.
        html: Write a page with the result to this file.
    """
    if sum((range is not None, all, latest)) > 1:
        found = " and ".join(name for name, on in (("--range", range), ("--all", all), ("--latest", latest)) if on)
        raise WrongUsage("just rebase-check", expected="at most one range", found=found, todo="leave one of them out")
    if html is not None:
        page.refuse_page(html)
    lock = read_lock(ROOT / "upstream.lock")
    history = open_clone(upstream, lock.url, pulls=pulls)
    commits = choose(history, lock.commit, between=range, every=all)
    findings = check(
        history,
        commits[-1:] if latest else commits,
        heads=history.heads() if pulls else [],
        made_on=lock.mirror.commit if baseline else "",
    )
    if latest and findings.rows and not findings.rows[-1].ok:
        findings = check(history, commits, heads=history.heads() if pulls else [])
    source = shown(history.repo)
    if html is not None:
        page.write_html(findings, source, html)
        note(f"wrote {html}")
    if json:
        print(json_text.dumps(report.as_json(findings), indent=2, ensure_ascii=False))
    else:
        report.show(findings, source)
    return 0 if findings.ok else 1


def choose(history: History, locked: str, *, between: str | None, every: bool) -> list[Commit]:
    """The commits to try, oldest first.

    Args:
        history: Upstream.
        locked: The commit that the lock names; the default range begins with it.
        between: "A..B", or None.
        every: All of them.

    Raises:
        WrongUsage: a range of another form, an unknown commit, or one with nothing in it.
        Refused: the clone does not reach that far back.
    """
    if every:
        return history.line(history.newest())
    if between is None:
        first, newest = history.resolve(locked), history.newest()
        if first != newest and history.is_ancestor(newest, first):
            note(f"the newest commit in {shown(history.repo)} is older than the locked {first[:12]}: only it is tried")
            return [history.commit(newest)]
        return [history.commit(first), *history.line(newest, after=first)]
    older, dots, newer = (part.strip() for part in between.partition(".."))
    if not dots or newer.startswith("."):
        raise WrongUsage("--range", expected="A..B, two commits", found=between, todo="write it as v1..main")
    found = history.line(history.resolve(newer) if newer else history.newest(), after=history.resolve(older or locked))
    if not found:
        todo = "name the older one first"
        raise WrongUsage("--range", expected="at least one commit after A", found=f"none in {between}", todo=todo)
    return found


if __name__ == "__main__":
    run(rebase_check, "just rebase-check")
