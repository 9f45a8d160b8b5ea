"""Asks whether every data file could be the first one."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.mend_schema import mend_schema
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.schema_faults import camera_faults
from tools.dataset.schema_faults import can_be_mended
from tools.dataset.schema_faults import metadata_fault

SENTENCE = "Each data file's schema says by itself what its columns are."
SEVERITY = "warning"
REPAIR_AFTER = ("column_types",)


def gist(episode: Episode) -> dict:
    """The first thing that is wrong with it; before what cannot be mended what can."""
    cameras = camera_faults(episode.schema, episode.features)
    mendable = {column: one for column, one in cameras.items() if can_be_mended(one)}
    fault = metadata_fault(episode.schema)
    if fault == "none" and not (episode.cameras or episode.images):
        fault = None
    first = next((f"{column}: {one}" for column, one in (mendable or cameras).items()), None)
    return {"fault": fault or first, "mends": bool(fault or mendable)}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Looks at all but the first."""
    order = sorted(gists, key=lambda index: dataset.name_of(dataset.episode_files[index]))
    for index in order[1:]:
        if gists[index]["fault"] is not None:
            yield Finding(
                expected="the same schema and metadata as a first file needs",
                found=gists[index]["fault"],
                hint="it opens as long as the first file is right; after a split or a delete this one may come first",
                file=dataset.name_of(dataset.episode_files[index]),
                episode=index,
                repairable=gists[index]["mends"],
            )


def repair(draft: Draft) -> None:
    """Mends every file's, whichever comes first one day."""
    mend_schema(draft)
