"""Asks whether each vector has as many names as numbers."""

from collections.abc import Iterator
from typing import Any

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "A feature has one name for each of its numbers, or none at all."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Counts the names, however they are nested."""
    for name, feature in dataset.features.items():
        if feature.names is None or not feature.is_numeric or len(feature.shape) != 1:
            continue
        names = list(_flat(feature.names))
        if len(names) not in (feature.shape[0], 0):
            yield Finding(
                expected=f"{feature.shape[0]} names, as many as its shape has numbers",
                found=f"{len(names)}: {', '.join(map(str, names))}",
                hint="a robot's driver maps numbers to joints by these names",
                file="meta/info.json",
                column=name,
            )


def _flat(names: Any) -> Iterator[Any]:
    if isinstance(names, dict):
        names = list(names.values())
    if isinstance(names, list):
        for one in names:
            yield from _flat(one)
    else:
        yield names
