"""Asks whether there is a state by a name that the questions about motion know."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding
from tools.dataset.motion import STATES
from tools.dataset.motion import state_and_action

SENTENCE = "There is a feature called observation.state or state."
SEVERITY = "note"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Says so where there is none."""
    if dataset.features and state_and_action(dataset.features)[0] is None:
        numbers = [name for name, one in dataset.features.items() if one.is_numeric and len(one.shape) == 1]
        yield Finding(
            expected=f"{' or '.join(STATES)} among the features",
            found=f"{', '.join(numbers) or 'no numbers'}",
            hint="where the robot starts, whether it moves or jumps, and whether its actions are its states is asked of these "
            "names only: nothing is known of it here",
            file="meta/info.json",
        )
