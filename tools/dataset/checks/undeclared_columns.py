"""Asks whether info.json declares all columns."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding

SENTENCE = "Every column of a data file is a feature in info.json."
SEVERITY = "warning"


def gist(episode: Episode) -> dict:
    """The columns that are not well declared, with their types."""
    if not set(episode.schema.names) - episode.features.keys():
        return {}
    return {field.name: str(field.type) for field in episode.schema if field.name not in episode.features}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names those that are not declared at all; features-formed and features-known tell of the others."""
    declared = dataset.info.get("features")
    if not isinstance(declared, dict) or not declared:
        return
    for index, columns in gists.items():
        for name, kind in columns.items():
            if name not in declared:
                yield Finding(
                    expected="an entry in features of info.json",
                    found=f"a column of type {kind} that is not declared",
                    hint="LeRobot reads it with every item, but no check knows what it should hold, and the next recording lacks it",
                    file=dataset.name_of(dataset.episode_files[index]),
                    episode=index,
                    column=name,
                )
