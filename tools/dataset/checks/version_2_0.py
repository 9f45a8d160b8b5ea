"""Asks whether the dataset has its statistics by episode, as v2.1 has them."""

from collections.abc import Iterator

from tools.dataset.checks.version import version_of
from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "The dataset is not of the older v2.0."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Says what v2.0 means today."""
    if is_2_0(dataset):
        yield Finding(
            expected="v2.1, with statistics by episode",
            found=str(dataset.info["codebase_version"]),
            hint="LeRobot reads it with a warning, and the hub wants the tag v2.1: just convert-dataset",
            file="meta/info.json",
        )


def is_2_0(dataset: Dataset) -> bool:
    """Whether LeRobot takes it for v2.0, and so never asks for episodes_stats.jsonl."""
    return version_of(dataset.info) == (2, 0)
