"""Asks whether the dataset is of the format that OpenPI reads."""

from collections.abc import Iterator
import re
from typing import Any

from tools.dataset.dataset import VERSION
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding

SENTENCE = "info.json says a codebase_version that is not older than v2.0."
SEVERITY = "error"
# As LeRobot reads it (PEP 440): v2.1, but also 2.1rc1 and v2.1+mine.
_VERSION = re.compile(
    r"""
    v? (?:\d+!)? (\d{1,9}) (?:\.(\d{1,9}))? (?:\.\d+)*
    (?:[-_.]? (?:alpha|a|beta|b|preview|pre|c|rc) [-_.]? \d*)?
    (?:-\d+ | [-_.]? (?:post|rev|r) [-_.]? \d*)?
    (?:[-_.]? dev [-_.]? \d*)?
    (?:\+ [a-z0-9]+ (?:[-_.][a-z0-9]+)*)?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Says what LeRobot refuses; that of later formats is a check of its own."""
    version = version_of(dataset.info)
    if not dataset.info_is_known or (version is not None and version[0] >= 2):
        return
    said = dataset.info.get("codebase_version")
    yield Finding(
        expected="v2.1",
        found="nothing" if said is None else str(said),
        hint="LeRobot cannot tell which format it is in and refuses it"
        if version is None
        else "LeRobot refuses it (BackwardCompatibilityError): convert it with the LeRobot of its time first",
        file="meta/info.json",
        repairable=version is None,
    )


def version_of(info: dict[str, Any]) -> tuple[int, int] | None:
    """The first two numbers of what info.json says; None where it says nothing that is a version."""
    said = info.get("codebase_version")
    match = _VERSION.fullmatch(said.strip()) if isinstance(said, str) else None
    return (int(match[1]), int(match[2] or 0)) if match else None


def repair(draft: Draft) -> None:
    """Says v2.1."""
    draft.info["codebase_version"] = VERSION
