"""Asks whether each column has the number type that info.json declares."""

from collections.abc import Iterator

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding

SENTENCE = "A column's numbers are of the dtype in info.json."
SEVERITY = "warning"


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Compares them."""
    for name, values in episode.columns.items():
        feature = episode.features.get(name)
        if feature is not None and feature.is_numeric and str(values.dtype) != feature.dtype:
            yield Finding(
                expected=feature.dtype,
                found=str(values.dtype),
                hint="LeRobot hands on what the file holds; other tools go by info.json and take it for something else",
                file=episode.name,
                episode=episode.index,
                column=name,
            )
