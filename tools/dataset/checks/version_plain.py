"""Asks whether the version is written as everyone writes it."""

from collections.abc import Iterator

from tools.dataset.checks.version import version_of
from tools.dataset.dataset import VERSION
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding

SENTENCE = "A dataset of version 2.1 says v2.1 and no more."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Says what LeRobot takes for v2.1, and other programs do not."""
    said = dataset.info.get("codebase_version")
    if said != VERSION and version_of(dataset.info) == (2, 1):
        yield Finding(
            expected=VERSION,
            found=repr(said),
            hint="LeRobot reads it as v2.1, but others compare the letters: just edit-dataset refuses it",
            file="meta/info.json",
            repairable=True,
        )


def repair(draft: Draft) -> None:
    """Says v2.1."""
    if version_of(draft.info) == (2, 1):
        draft.info["codebase_version"] = VERSION
