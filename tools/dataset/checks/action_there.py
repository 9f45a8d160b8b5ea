"""Asks whether there is an action to learn."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "There is a feature called action or actions."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Says so where there is none."""
    features = dataset.info.get("features")
    if isinstance(features, dict) and features and not {"action", "actions"} & set(features):
        yield Finding(
            expected="action (or actions) among the features",
            found=", ".join(features),
            hint="training asks LeRobot for chunks of it, which is a KeyError at the first item",
            file="meta/info.json",
        )
