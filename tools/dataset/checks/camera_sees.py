"""Asks whether a camera shows anything."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks

SENTENCE = "No picture is of one colour all over."
SEVERITY = "warning"


def of_looks(episode: Episode, looks: dict[str, Looks]) -> Iterator[Finding]:
    """Finds the first of each camera that is."""
    for camera, one in looks.items():
        blank = np.flatnonzero(one.blank)
        if len(blank):
            red, green, blue = one.thumbs[blank[0]].mean(axis=(0, 1)).round().astype(int).tolist()
            name = "black" if max(red, green, blue) < 24 else "white" if min(red, green, blue) > 231 else "one colour"
            yield Finding(
                expected="a picture of something",
                found=f"{name}, about ({red}, {green}, {blue}) of 255, in {len(blank)} of {len(one.thumbs)} frames",
                hint="a cover on the lens, a camera that was not ready, no light: the policy learns to move without seeing",
                file=episode.name,
                episode=episode.index,
                frame=int(blank[0]),
                column=camera,
            )
