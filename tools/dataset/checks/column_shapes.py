"""Asks whether each frame's values are as many as info.json says."""

from collections.abc import Iterator

from tools.dataset.episode import Episode
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding

SENTENCE = "Each frame's value has the shape that info.json gives its feature."
SEVERITY = "error"


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds columns of another shape, and those whose frames differ."""
    for name, feature in episode.features.items():
        if not feature.is_numeric:
            continue
        shape = () if feature.shape == (1,) else feature.shape
        values = episode.columns.get(name)
        if values is not None:
            same = values.shape[1:] == shape or (values.shape[1:] == feature.shape and name not in INDEX_FEATURES)
            if not same and episode.rows:
                yield _finding(episode, name, list(feature.shape), str(list(values.shape[1:]) or "a plain number"))
        elif (why := episode.odd.get(name, "absent")) != "absent" and not why.startswith("null"):
            yield _finding(episode, name, list(feature.shape), why)


def _finding(episode: Episode, name: str, shape: list[int], found: str) -> Finding:
    return Finding(
        expected=f"shape {shape}, as info.json declares",
        found=found,
        hint="no mixing of 6 and 8 dimensions: a batch cannot be stacked, or the model learns from the wrong numbers",
        file=episode.name,
        episode=episode.index,
        column=name,
    )
