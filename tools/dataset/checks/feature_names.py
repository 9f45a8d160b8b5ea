"""Asks whether a column's name can be written by LeRobot."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "No feature's name holds a slash."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names those that do."""
    features = dataset.info.get("features")
    for name in features if isinstance(features, dict) else ():
        if "/" in name:
            yield Finding(
                expected="a name with dots, such as observation.state",
                found=name,
                hint="LeRobot refuses to record such a name, and cannot read statistics of it",
                file="meta/info.json",
                column=name,
            )
