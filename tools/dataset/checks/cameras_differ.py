"""Asks whether each camera is one of its own."""

from collections.abc import Iterator
import itertools

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks

SENTENCE = "No two cameras show the same pictures."
SEVERITY = "warning"


def of_looks(episode: Episode, looks: dict[str, Looks]) -> Iterator[Finding]:
    """Compares each two, by the bytes of their images."""
    for one, other in itertools.combinations(looks, 2):
        same = (looks[one].digests == looks[other].digests) & looks[one].decoded
        if same.sum() * 2 > episode.rows:
            yield Finding(
                expected=f"other pictures than those of {one}",
                found=f"the same in {int(same.sum())} of {episode.rows} frames",
                hint="one camera was recorded under two names, and the other view is missing",
                file=episode.name,
                episode=episode.index,
                frame=int(same.argmax()),
                column=other,
            )
