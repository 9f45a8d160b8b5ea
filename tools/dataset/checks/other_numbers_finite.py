"""Asks whether every number is one in the columns beside state and action."""

from collections.abc import Iterator

from tools.dataset.checks.numbers_finite import not_finite
from tools.dataset.episode import Episode
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding
from tools.dataset.motion import ACTIONS
from tools.dataset.motion import STATES

SENTENCE = "No value of the other columns is NaN or infinite."
SEVERITY = "warning"


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds the first in each column."""
    told = (*STATES, *ACTIONS, *INDEX_FEATURES)  # of time and the indices checks of their own tell
    hint = "LeRobot hands it on as it is: no harm while no policy is given this column, NaN in all weights where one is"
    yield from not_finite(episode, [name for name in episode.columns if name not in told], hint)
