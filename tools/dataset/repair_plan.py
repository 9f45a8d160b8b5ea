"""Which repairs a dataset needs, and in which order."""

from collections.abc import Iterable
from types import ModuleType

from tools.dataset.ask_checks import check_modules
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding
from tools.refusal import WrongUsage


def repairs() -> dict[str, ModuleType]:
    """The checks that have a repair, by the name they are shown with, each after those that its REPAIR_AFTER names.

    A check names those right before it; what they come after themselves is before it too.
    """
    there = {name: check for name, check in check_modules().items() if hasattr(check, "repair")}
    ordered: dict[str, ModuleType] = {}

    def place(name: str) -> None:
        if name in there and name not in ordered:
            for before in _after(there[name]):
                place(before)
            ordered[name] = there[name]

    for name in there:
        place(name)
    return ordered


def refuse_unknown(only: Iterable[str]) -> None:
    """Says no to names that are no checks with a repair.

    Raises:
        WrongUsage: It lists those that are.
    """
    there = repairs()
    for name in only:
        if name not in there:
            raise WrongUsage(
                f"--only {name}",
                expected="a check that has a repair",
                found="a check without one" if name in check_modules() else "no such check",
                todo=f"one of {', '.join(sorted(there))}",
            )


def chosen(findings: Iterable[Finding], only: tuple[str, ...] = ()) -> list[str]:
    """The repairs to apply, in their order.

    Args:
        findings: What a check of the dataset found.
        only: Names of checks: of those, the ones that found something. Without any, all errors and warnings that can be
            mended, and also what comes after one of them: what it changes may need that. Notes are mended on request
            only: nothing is wrong with the dataset, and to mend them may take long.
    """
    there = repairs()
    found = {finding.check for finding in findings if finding.repairable and finding.check in there}
    if only:
        return [name for name in there if name in found and name in only]
    on_request = {name for name, check in there.items() if check.SEVERITY == "note"}
    found -= on_request
    for name, check in there.items():
        if found & set(_after(check)) and name not in on_request:
            found.add(name)
    return [name for name in there if name in found]


def apply(names: Iterable[str], draft: Draft, findings: Iterable[Finding]) -> None:
    """Applies repairs to a draft, in the order given.

    Args:
        names: The repairs.
        draft: What they change.
        findings: What a check of its source found; the repairs look there for the episodes that they are to mend.
    """
    there = repairs()
    draft.findings = tuple(findings)
    for name in names:
        there[name].repair(draft)


def _after(check: ModuleType) -> list[str]:
    return [name.replace("_", "-") for name in getattr(check, "REPAIR_AFTER", ())]
