"""Asks whether a camera shows anything."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks

SENTENCE = "No picture is of one colour all over."
SEVERITY = "warning"


def gist_of_looks(episode: Episode, looks: dict[str, Looks]) -> dict:
    """By camera, how many frames there are, how many are of one colour, and the first of these with that colour."""
    found = {}
    for camera, one in looks.items():
        blank = np.flatnonzero(one.blank)
        means = one.thumbs[blank].mean(axis=(1, 2))
        extent = (float(means.min()), float(means.max())) if len(blank) else (0.0, 0.0)
        colour = means[0].round().astype(int).tolist() if len(blank) else []
        found[camera] = (len(one.thumbs), len(blank), int(blank[0]) if len(blank) else 0, colour, extent)
    return found


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Finds the cameras that never show anything, and of the others the episodes where they do not."""
    for camera in sorted({camera for one in gists.values() for camera in one}):
        seen = {episode: one[camera] for episode, one in gists.items() if camera in one}
        frames, blank = (sum(one[at] for one in seen.values()) for at in (0, 1))
        if blank and blank == frames:
            _, _, _, colour, _ = next(one for one in seen.values() if one[1])
            name = _name(min(one[4][0] for one in seen.values() if one[1]), max(one[4][1] for one in seen.values()))
            yield Finding(
                expected="a picture of something",
                found=f"all {frames:,} pictures of the dataset {name}, the first about {_said(colour)}",
                hint="this camera shows nothing at all, and the policy learns to move without it: record again with it, "
                "or take it out with just edit-dataset drop",
                column=camera,
            )
            continue
        for episode, (rows, many, first, colour, extent) in seen.items():
            if many:
                yield Finding(
                    expected="a picture of something",
                    found=f"{many} of {rows} pictures {_name(*extent)}, the first about {_said(colour)}",
                    hint="a cover on the lens, a camera that was not ready, no light: the policy learns to move without "
                    "seeing",
                    file=dataset.name_of(dataset.episode_files[episode]),
                    episode=episode,
                    frame=first,
                    column=camera,
                )


def _name(least: float, most: float) -> str:
    return "black" if most < 24 else "white" if least > 231 else "of one colour each"


def _said(colour: list[int]) -> str:
    return f"({', '.join(map(str, colour))}) of 255"
