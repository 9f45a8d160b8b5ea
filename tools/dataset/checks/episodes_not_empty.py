"""Asks whether each episode has a frame."""

from collections.abc import Iterator

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding

SENTENCE = "Every episode has at least one frame."
SEVERITY = "error"


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Says so where it has none."""
    if episode.rows == 0:
        yield Finding(
            expected="one frame or more",
            found="no rows",
            hint="LeRobot stops at an episode without frames; delete it: just edit-dataset delete",
            file=episode.name,
            episode=episode.index,
        )
