"""The rebase check itself: the series on the commits of a range, and on those heads that touch what it touches."""

from tools.plan import overlay_files
from tools.plan import patches
from tools.plan.overlay_files import OverlayFile
from tools.plan.overlay_needs import objection
from tools.rebase_check import first_break
from tools.rebase_check import text_patch
from tools.rebase_check import verdicts
from tools.rebase_check.report import Findings
from tools.upstream.history import Commit
from tools.upstream.history import History
from tools.upstream.history import refuse_what_is_missing
from tools.upstream.objects import Objects
from tools.upstream.objects import ObjectTree


def check(history: History, commits: list[Commit], *, heads: list[Commit] = (), made_on: str = "") -> Findings:
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
        return Findings(
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
