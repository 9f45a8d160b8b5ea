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
            means = one.thumbs[blank].mean(axis=(1, 2))
            red, green, blue = means[0].round().astype(int).tolist()
            name = "black" if means.max() < 24 else "white" if means.min() > 231 else "of one colour each"
            yield Finding(
                expected="a picture of something",
                found=f"{len(blank)} of {len(one.thumbs)} pictures {name}, the first about ({red}, {green}, {blue}) of 255",
                hint="a cover on the lens, a camera that was not ready, no light: the policy learns to move without seeing",
                file=episode.name,
                episode=episode.index,
                frame=int(blank[0]),
                column=camera,
            )
