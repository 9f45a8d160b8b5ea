"""Asks whether each episode is short enough to be one thing done."""

from collections.abc import Iterator

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding

SENTENCE = "No episode is longer than a minute."
SEVERITY = "warning"
_MOST_S = 60


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Measures it by its frames."""
    if episode.fps is not None and episode.rows > _MOST_S * episode.fps:
        yield Finding(
            expected=f"about {_MOST_S} s at most, {_MOST_S * episode.fps:g} frames",
            found=f"{episode.rows / episode.fps:.0f} s, {episode.rows} frames",
            hint="long episodes are pauses and several tasks in one, of which the prompt says nothing: split or trim them",
            file=episode.name,
            episode=episode.index,
        )
