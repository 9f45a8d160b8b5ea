"""Asks whether the cameras are the same ones in every episode."""

from collections.abc import Iterator
import itertools

import numpy as np

from tools.dataset.camera_means import camera_means
from tools.dataset.camera_means import turned
from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks

SENTENCE = "No two cameras are exchanged between episodes."
SEVERITY = "warning"


def gist_of_looks(episode: Episode, looks: dict[str, Looks]) -> dict:
    """The mean picture of each camera."""
    return camera_means(looks)


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Finds episodes in which two cameras look like each other in the other episodes."""
    cameras = sorted({camera for one in gists.values() for camera in one})
    for one, other in itertools.combinations(cameras, 2):
        shapes = {gist[one].shape for gist in gists.values() if one in gist}
        episodes = [n for n, gist in gists.items() if one in gist and other in gist]
        if len(episodes) < 2 or any({gists[n][one].shape, gists[n][other].shape} != shapes for n in episodes):
            continue
        a, b = (np.stack([gists[n][camera] for n in episodes]) for camera in (one, other))
        for at in np.flatnonzero(turned(np.stack([a, b], axis=1), np.stack([b, a], axis=1))):
            yield Finding(
                expected=f"the views that {one} and {other} have in the other episodes",
                found="each shows what the other does there",
                hint="a cable in another socket, or devices that the computer numbered anew: the policy sees two scenes "
                "under one name; exchange the columns, or drop the episode",
                file=dataset.name_of(dataset.episode_files[episodes[at]]),
                episode=episodes[at],
                column=one,
            )
