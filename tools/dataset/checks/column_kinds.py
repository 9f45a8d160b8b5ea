"""Asks whether numbers are numbers and text is text."""

from collections.abc import Iterator

import pyarrow as pa

from tools.dataset.episode import Episode
from tools.dataset.episode import holds_numbers
from tools.dataset.finding import Finding

SENTENCE = "A column that info.json calls numbers holds numbers, and one that it calls string holds text."
SEVERITY = "error"


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Names columns of another kind; cameras have a check of their own."""
    for name, feature in episode.features.items():
        at = episode.schema.get_field_index(name)
        if at < 0 or not (feature.is_numeric or feature.dtype == "string"):
            continue
        kind = episode.schema.field(at).type
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if not (holds_numbers(kind) if feature.is_numeric else text):
            yield Finding(
                expected=feature.dtype,
                found=str(kind),
                hint="LeRobot cannot make a tensor of it, or hands it on as it is",
                file=episode.name,
                episode=episode.index,
                column=name,
            )
