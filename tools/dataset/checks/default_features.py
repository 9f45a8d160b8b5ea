"""Asks whether info.json lists the columns that every dataset has."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding

SENTENCE = "features lists timestamp, frame_index, episode_index, index and task_index."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names those that it lacks."""
    if dataset.features and (missing := [name for name in INDEX_FEATURES if name not in dataset.features]):
        yield Finding(
            expected=", ".join(INDEX_FEATURES),
            found=f"no {', no '.join(missing)}",
            hint="LeRobot reads them from the files all the same, but cannot add an episode to such a dataset",
            file="meta/info.json",
        )
