"""Asks whether each data file has the columns that info.json declares."""

from collections.abc import Iterator

from tools.dataset.episode import Episode
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding

SENTENCE = "Every feature of info.json that is no video is a column of every data file."
SEVERITY = "error"


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Names those that are missing; the index columns are asked by checks of their own."""
    if not episode.features.keys() - set(episode.schema.names):
        return
    for name, feature in episode.features.items():
        if name in episode.schema.names or feature.is_video or name in (*INDEX_FEATURES, "action", "actions"):
            continue
        yield Finding(
            expected=f"a column {name}, as info.json declares",
            found="no such column",
            hint="training asks for it and fails, or gets None where another file has it",
            file=episode.name,
            episode=episode.index,
            column=name,
        )
