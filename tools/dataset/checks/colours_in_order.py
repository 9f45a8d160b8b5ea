"""Asks whether red and blue are exchanged in some episodes."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.camera_means import camera_means
from tools.dataset.camera_means import turned
from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks

SENTENCE = "Red and blue are the same way round in every episode of a camera."
SEVERITY = "warning"


def gist_of_looks(episode: Episode, looks: dict[str, Looks]) -> dict:
    """The mean picture of each camera."""
    return camera_means(looks)


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Finds episodes whose mean picture is that of the others once red and blue are exchanged."""
    for camera in sorted({camera for one in gists.values() for camera in one}):
        episodes = [n for n, gist in gists.items() if camera in gist]
        if len(episodes) < 2 or len({gists[n][camera].shape for n in episodes}) > 1:
            continue
        means = np.stack([gists[n][camera] for n in episodes])
        for at in np.flatnonzero(turned(means, means[..., ::-1])):
            yield Finding(
                expected="the colours of the other episodes, RGB",
                found="theirs with red and blue exchanged",
                hint="OpenCV gives BGR, and nothing downstream notices: exchange them, or drop the episode",
                file=dataset.name_of(dataset.episode_files[episodes[at]]),
                episode=episodes[at],
                column=camera,
            )
