"""Asks whether there is enough to learn anything from."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "There are ten episodes or more."
SEVERITY = "warning"
FEWEST = 10


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Counts the data files."""
    found = len(dataset.episode_files)
    if 0 < found < FEWEST:
        yield Finding(
            expected="50 to 150 episodes of a task",
            found=f"{found} episode{'s'[: found != 1]}",
            hint="enough to try the whole path, and too few for a policy that works",
        )
