"""Says no to an edit of a dataset whose rows the check finds wrong, before anything is written."""

from collections.abc import Callable, Collection
import pathlib

from tools.command import note
from tools.dataset.check_run import check_dataset
from tools.dataset.check_run import of_meta
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.edit_refusals import leave_out
from tools.dataset.errors_refused import refusal_of_errors
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding
from tools.dataset.motion import ACTIONS
from tools.dataset.motion import STATES
from tools.dataset.plain import counted
from tools.dataset.plain import just
from tools.dataset.progress import Progress

Asked = Callable[[Finding], bool]


def refuse_wrong(
    draft: Draft, *, heals: Asked = lambda one: False, leaves: Asked = lambda one: False, but: Collection[int] = ()
) -> list[Finding]:
    """Says no to a dataset in whose rows the check finds an error: it would be in what is made of it as well.

    Images are not decoded for this. What is wrong in the meta files and the file names, others have asked before.

    Args:
        draft: A dataset as it is.
        heals: Which errors are gone once the edit is done.
        leaves: Which errors are another edit's matter, so that neither has to wait for the other.
        but: Episodes that the edit takes away; the others are asked as if these were not there.

    Returns:
        The errors that stay.

    Raises:
        Refused: The message names the first few of the others, and the command that mends them.
    """
    root = draft.source.root
    with Progress("checked {done:,} of {total:,} episodes") as progress:
        report = check_dataset(root, but=but, progress=progress)
    told = set(of_meta(draft.source))
    errors = [one for one in report.findings if one.severity == "error" and one not in told and not heals(one)]
    if wrong := [one for one in errors if not leaves(one)]:
        episodes = {one.episode for one in wrong}
        gone = leave_out(draft, *but, *episodes) if None not in episodes and len(episodes) < report.episodes else None
        raise refusal_of_errors(root, wrong, just("check-dataset", root), gone)
    return errors


def note_left(verb: str, errors: Collection[Finding], out: pathlib.Path) -> None:
    """Tells of errors that an edit has left in what it wrote."""
    if errors:
        note(f"left       {counted(len(errors), 'error')} that {verb} does not mend: {just('check-dataset', out)}")


def column_of(finding: Finding) -> str:
    """The column that a finding is about, without the place in it; "" where it is about none."""
    return (finding.column or "").partition("[")[0]


def can_be_dropped(finding: Finding) -> bool:
    """Whether what is wrong is a column that a dataset can do without."""
    return column_of(finding) not in ("", *INDEX_FEATURES, *STATES, *ACTIONS)
