"""Asks whether the first data file says, in the words of `datasets`, what its columns are."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.mend_schema import mend_schema
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.schema_faults import metadata_fault

SENTENCE = "The first data file's schema metadata holds `huggingface` with the features that `datasets` 3 knows."
SEVERITY = "error"
REPAIR_AFTER = ("column_types",)


def gist(episode: Episode) -> dict:
    """What is wrong with it, and whether it can be done without."""
    return {"fault": metadata_fault(episode.schema), "cameras": bool(episode.cameras or episode.images)}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Looks at the first file only: LeRobot takes every column's type from it."""
    first = min(gists, key=lambda index: dataset.name_of(dataset.episode_files[index]), default=None)
    if first is None or gists[first]["fault"] is None:
        return
    if gists[first]["fault"] == "none" and not gists[first]["cameras"]:
        return  # numbers need no words
    yield Finding(
        expected='huggingface: {"info": {"features": {...}}} in the schema metadata',
        found=gists[first]["fault"],
        hint="images come out as dicts (Could not infer dtype of dict); rewriting through pandas drops it, and "
        "datasets 4 writes words that datasets 3 does not know",
        file=dataset.name_of(dataset.episode_files[first]),
        episode=first,
        repairable=True,
    )


def repair(draft: Draft) -> None:
    """Mends every file's, whichever comes first one day."""
    mend_schema(draft)
