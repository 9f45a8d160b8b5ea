"""Asks whether a recorder has left its working files behind."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "There is no images/ folder beside data/."
SEVERITY = "note"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names the folder in which LeRobot's recorder keeps images until they are in the parquet."""
    if (dataset.root / "images").is_dir():
        yield Finding(
            expected="meta/ and data/",
            found="images/",
            hint="nothing reads it: LeRobot's recorder works there and leaves it, and it takes room on disk and hub",
            file="images",
        )
