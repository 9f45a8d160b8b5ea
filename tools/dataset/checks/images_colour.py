"""Asks whether each image has three colours."""

from collections.abc import Iterator

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks

SENTENCE = "Every image is RGB."
SEVERITY = "error"


def of_looks(episode: Episode, looks: dict[str, Looks]) -> Iterator[Finding]:
    """Finds the first of each camera that is not."""
    for camera, one in looks.items():
        other = [frame for frame, mode in enumerate(one.modes) if mode not in ("RGB", "")]
        if other:
            yield Finding(
                expected="RGB, three values a pixel",
                found=f"{one.modes[other[0]]} in {len(other)} of {len(one.modes)} frames",
                hint="LeRobot hands it on with another number of colours: a batch fails, or is taken for another picture",
                file=episode.name,
                episode=episode.index,
                frame=other[0],
                column=camera,
            )
