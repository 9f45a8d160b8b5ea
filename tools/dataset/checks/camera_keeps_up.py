"""Asks whether a camera has as many pictures as the dataset has frames."""

from collections.abc import Iterator

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks
from tools.dataset.repeats import repeats

SENTENCE = "Less than a fifth of a camera's frames repeat the one before."
SEVERITY = "warning"
SHARE = 0.2


def of_looks(episode: Episode, looks: dict[str, Looks]) -> Iterator[Finding]:
    """Counts repeated frames between which the robot moved."""
    for camera, one in looks.items():
        single = repeats(episode, one).single
        if len(single) > SHARE * max(0, episode.rows - 1):
            yield Finding(
                expected="a new picture in every frame",
                found=f"{len(single)} of {episode.rows} frames repeat the one before, though the robot moved",
                hint="the camera is slower than fps: pictures lag behind the state by up to that; record at the camera's rate",
                file=episode.name,
                episode=episode.index,
                frame=int(single[0]),
                column=camera,
            )
