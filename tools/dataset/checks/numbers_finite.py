"""Asks whether every number is one."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.episode import Episode
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding

SENTENCE = "No value is NaN or infinite."
SEVERITY = "error"


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds the first in each column."""
    for name, values in episode.columns.items():
        if values.dtype.kind != "f" or name in INDEX_FEATURES:  # of time other checks tell
            continue
        finite = np.isfinite(values)
        if finite.all():
            continue
        at = np.argwhere(~finite)[0]
        frames = int((~finite).reshape(len(values), -1).any(axis=1).sum())
        yield Finding(
            expected="a finite number in every frame",
            found=f"{values[tuple(at)]}" + (f", and in {frames - 1} more frames" if frames > 1 else ""),
            hint="one such number makes the loss and then all weights NaN, and the statistics that normalise with it",
            file=episode.name,
            episode=episode.index,
            frame=int(at[0]),
            column=name + "".join(f"[{one}]" for one in at[1:]),
        )
