"""Asks whether there is as much as a fine-tuning run usually takes."""

from collections.abc import Iterator

from tools.dataset.checks.episodes_few import FEWEST
from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "There are fifty episodes or more."
SEVERITY = "note"
_USUAL = 50


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Counts the data files; of very few another check tells."""
    found = len(dataset.episode_files)
    if FEWEST <= found < _USUAL:
        yield Finding(
            expected=f"{_USUAL} to 150 episodes of a task",
            found=f"{found}",
            hint="a policy may come of it, and will be better with more",
        )
