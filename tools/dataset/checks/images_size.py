"""Asks whether each image is as large as info.json says."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks

SENTENCE = "Every image has the height and width of its feature."
SEVERITY = "error"


def of_looks(episode: Episode, looks: dict[str, Looks]) -> Iterator[Finding]:
    """Finds the first of each camera that has not."""
    for camera, one in looks.items():
        feature = episode.features[camera]
        if len(feature.shape) != 3:  # another check's
            continue
        other = np.flatnonzero(one.decoded & (one.sizes != feature.height_width).any(axis=1))
        if len(other):
            height, width = feature.height_width
            found_height, found_width = one.sizes[other[0]]
            yield Finding(
                expected=f"{height}x{width}, as info.json declares (height x width)",
                found=f"{found_height}x{found_width} in {len(other)} of {len(one.sizes)} frames",
                hint="LeRobot does not look: the picture is squeezed or framed otherwise than those of the other frames",
                file=episode.name,
                episode=episode.index,
                frame=int(other[0]),
                column=camera,
            )
