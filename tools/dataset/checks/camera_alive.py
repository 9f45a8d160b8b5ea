"""Asks whether a camera goes on while the robot does."""

from collections.abc import Iterator

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks
from tools.dataset.repeats import repeats

SENTENCE = "No camera shows one picture for over a second while the robot moves."
SEVERITY = "warning"


def of_looks(episode: Episode, looks: dict[str, Looks]) -> Iterator[Finding]:
    """Finds the longest stretch of each camera."""
    for camera, one in looks.items():
        frozen = repeats(episode, one).frozen
        if frozen:
            first, last = max(frozen, key=lambda run: run[1] - run[0])
            seconds = (last - first) / (episode.fps or 10)
            yield Finding(
                expected="pictures that change as the robot moves",
                found=f"the same from frame {first} to {last}, {seconds:.1f} s"
                + (f"; {len(frozen) - 1} more such stretches" if len(frozen) > 1 else ""),
                hint="the policy learns to move without seeing: a cable, a stalled driver or a full USB bus; drop the episode",
                file=episode.name,
                episode=episode.index,
                frame=first,
                column=camera,
            )
