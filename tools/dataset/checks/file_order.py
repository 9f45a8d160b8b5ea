"""Asks whether the names of the data files sort like their numbers."""

from collections.abc import Iterator

from tools.dataset.dataset import DATA_PATH
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding

SENTENCE = "Data files sorted by name are in the order of their episodes."
SEVERITY = "error"
REPAIR_AFTER = (
    "data_path",
    "episode_files",
)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Finds the first that is not."""
    files = dataset.episode_files
    by_name = sorted(files, key=lambda index: dataset.name_of(files[index]))
    for right, found in zip(sorted(files), by_name, strict=True):
        if right != found:
            yield Finding(
                expected=f"episode {right} here; names of one length, such as episode_{right:06d}",
                found=f"episode {found}, whose name sorts before it",
                hint="LeRobot reads by name and looks up by number: actions would come from another episode",
                file=dataset.name_of(files[found]),
                episode=found,
                repairable=True,
            )
            return


def repair(draft: Draft) -> None:
    """Gives all numbers the same length, as LeRobot writes them."""
    draft.info["data_path"] = DATA_PATH
