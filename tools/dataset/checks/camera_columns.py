"""Asks whether the first data file's cameras are of the type that is read as images."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.mend_schema import mend_schema
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.schema_faults import camera_faults
from tools.dataset.schema_faults import can_be_mended

SENTENCE = (
    "In the first data file a camera is struct<bytes: binary, path: string>, nullable, and an Image in its metadata."
)
SEVERITY = "error"
REPAIR_AFTER = ("column_types",)


def gist(episode: Episode) -> dict:
    """What is wrong with which column."""
    return {"faults": camera_faults(episode.schema, episode.features)}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Looks at the first file only: LeRobot takes every column's type from it."""
    first = min(gists, key=lambda index: dataset.name_of(dataset.episode_files[index]), default=None)
    for column, fault in gists[first]["faults"].items() if first is not None else ():
        yield Finding(
            expected="struct<bytes: binary, path: string>, in that order, nullable, and Image in the metadata",
            found=fault,
            hint="LeRobot does not see an image and stops at the first item (Could not infer dtype of dict)",
            file=dataset.name_of(dataset.episode_files[first]),
            episode=first,
            column=column,
            repairable=can_be_mended(fault),
        )


def repair(draft: Draft) -> None:
    """Mends every file's, whichever comes first one day."""
    mend_schema(draft)
