"""Asks whether the dataset is of a later format, which OpenPI's LeRobot takes for its own."""

from collections.abc import Iterator

from tools.dataset.checks.version import version_of
from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "The dataset is not of the later v3.0."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Says how to bring it back."""
    version = version_of(dataset.info)
    if version is not None and version[0] > 2:
        yield Finding(
            expected="v2.1",
            found=str(dataset.info["codebase_version"]),
            hint="LeRobot takes it for its own and fails later: bring it into v2.1 with just convert-dataset",
            file="meta/info.json",
        )
