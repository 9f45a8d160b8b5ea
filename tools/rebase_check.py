"""`just rebase-check`: the series tried on every commit of upstream's history, without a checkout."""

import json as json_text
import pathlib

from tools import first_break
from tools import overlay_files
from tools import patches
from tools import rebase_page
from tools import rebase_report
from tools import text_patch
from tools import verdicts
from tools.command import ROOT
from tools.command import note
from tools.command import run
from tools.history import Commit
from tools.history import History
from tools.history import refuse_what_is_missing
from tools.lock import read_lock
from tools.objects import Objects
from tools.objects import ObjectTree
from tools.overlay_files import OverlayFile
from tools.overlay_needs import objection
from tools.refusal import WrongUsage
from tools.upstream_clone import open_clone
from tools.upstream_clone import shown


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
        rebase_page.refuse_page(html)
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
        rebase_page.write_html(findings, source, html)
        note(f"wrote {html}")
    if json:
        print(json_text.dumps(rebase_report.as_json(findings), indent=2, ensure_ascii=False))
    else:
        rebase_report.show(findings, source)
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


def check(
    history: History, commits: list[Commit], *, heads: list[Commit] = (), made_on: str = ""
) -> rebase_report.Findings:
    """Tries the series on the commits and heads.

    Args:
        history: Upstream.
        commits: Of the first-parent line, oldest first.
        heads: Of pull requests and branches.
        made_on: The commit to make a text patch on, to set beside ours; "" for none.
    """
    overlay, series = overlay_files.read_overlay(), patches.read_series()
    refuse_what_is_missing(history, [*commits, *heads])
    with Objects(history.repo) as objects:
        ours = {path for patch in series for path in verdicts.files_of(patch)}
        newest = history.newest() if heads else ""
        touching = [head for head in heads if _touches(history, objects, head, newest, ours, overlay)]
        tried = verdicts.try_series(objects, [*commits, *touching], overlay, series)
        rows, head_rows = tried[: len(commits)], tried[len(commits) :]
        line = history.parents([row.commit.id for row in rows])
        return rebase_report.Findings(
            rows=rows,
            heads=head_rows,
            passed_over=len(heads) - len(touching),
            first_break=first_break.find_break(objects, rows, line, series),
            fits_since=first_break.fits_since(rows),
            not_needed=first_break.no_longer_needed(rows),
            baseline=text_patch.compare(history, objects, rows, made_on, overlay, series) if made_on else None,
        )


def _touches(
    history: History, objects: Objects, head: Commit, newest: str, ours: set[str], overlay: dict[str, OverlayFile]
) -> bool:
    """Does a head change a file that the patches name, or stand where the overlay will, or take what the overlay needs?"""
    base = history.merge_base(head.id, newest)
    if not base:
        return False
    now, then = ObjectTree(objects, head.id, head.date), ObjectTree(objects, base, "")
    if any(now.blob(path) != then.blob(path) for path in (*ours, *overlay)):
        return True
    return objection(overlay, now) is not None and objection(overlay, then) is None


if __name__ == "__main__":
    run(rebase_check, "just rebase-check")
