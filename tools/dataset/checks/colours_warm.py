"""Asks whether a camera's colours are those of a room, where there is nothing better to judge by."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks

SENTENCE = "What is coloured in a camera's pictures is not almost all blue."
SEVERITY = "note"
# Wood, skin, cardboard and lamps are redder than blue. So: levels of 0..255 between red and blue that make a pixel warm or
# cold, the share of cold ones that is much, and how many cold ones there are to a warm one.
_APART = 60
_MUCH, _TIMES = 0.2, 10


def gist_of_looks(episode: Episode, looks: dict[str, Looks]) -> dict:
    """By camera, how many pixels of the thumbs are warm, how many cold, and how many there are."""
    found = {}
    for camera, one in looks.items():
        some = one.thumbs[one.decoded][:: max(1, episode.rows // 50)].astype(np.int16)
        lean = some[..., 0] - some[..., 2]
        found[camera] = int((lean > _APART).sum()), int((lean < -_APART).sum()), lean.size
    return found


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Adds them up by camera."""
    for camera in sorted({camera for one in gists.values() for camera in one}):
        warm, cold, pixels = np.sum([one[camera] for one in gists.values() if camera in one], axis=0)
        if cold > _MUCH * pixels and cold > _TIMES * warm:
            yield Finding(
                expected="colours of wood, skin and lamps, or a blue scene",
                found=f"{cold / pixels:.0%} of the pixels bluer than red, {warm / pixels:.0%} redder than blue",
                hint="perhaps BGR, as OpenCV gives it, and perhaps a blue table: only a look tells, just preview-dataset",
                column=camera,
            )
