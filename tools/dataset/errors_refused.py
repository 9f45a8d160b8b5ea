"""Says no to a dataset with errors, in the words of the check: the first few of them, and what mends them."""

from collections.abc import Sequence
import pathlib

from tools.dataset.finding import Finding
from tools.dataset.plain import just
from tools.refusal import Refused

# So many are told; the check tells all.
_TOLD = 3


def refusal_of_errors(path: pathlib.Path, errors: Sequence[Finding], check: str, instead: str | None = None) -> Refused:
    """The refusal of a dataset in which a check found errors.

    Args:
        path: The dataset's folder.
        errors: What was found, one or more.
        check: The command that tells all of it.
        instead: What to do where no repair mends any of them.
    """
    places = ((one, one.file if one.episode is None else f"{one.file or ''} episode {one.episode}") for one in errors)
    told = [f"{one.check}{f' ({at.strip()})' if at else ''}: {one.found}" for one, at in places]
    more = [f"and {len(told) - _TOLD:,} more"] if len(told) > _TOLD else []
    if any(one.repairable for one in errors):
        instead = f"{just('repair-dataset', path)} mends what can be"
    return Refused(
        str(path),
        expected="a dataset without errors",
        found="\n".join(told[:_TOLD] + more),
        todo="; ".join([f"{check} tells all of it", *([instead] if instead else [])]),
    )
