"""Asks whether meta/info.json can be read at all."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding

SENTENCE = "meta/info.json is one JSON object in UTF-8."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Says why not."""
    if dataset.info_problem is not None:
        yield Finding(
            expected="one JSON object in UTF-8, without a byte order mark",
            found=dataset.info_problem,
            hint="LeRobot opens nothing without it; take it from a backup or from a dataset recorded the same way",
            file="meta/info.json",
            repairable=dataset.info_is_known,
        )


def repair(draft: Draft) -> None:
    """Nothing: what could be read of a file that LeRobot cannot read is written anew with every repair."""
