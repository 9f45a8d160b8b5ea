"""Asks whether data/ holds nothing but the episodes' files."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.draft import Draft
from tools.dataset.finding import Finding

SENTENCE = "data/ holds the episodes' files at their places, and nothing else that is not hidden."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names each file that LeRobot reads though it is no episode."""
    if dataset.path_of(0) is None or dataset.path_of(0) == dataset.path_of(1):
        return  # data-path and info-needed tell it: no file has its place
    episodes = set(dataset.episode_files.values())
    for path in dataset.files:
        if path not in episodes:
            yield Finding(
                expected="a file that data_path in info.json gives an episode",
                found=path.name,
                hint="LeRobot reads every file in data/ as parquet: it stops at this one, or has its frames twice",
                file=dataset.name_of(path),
                repairable=True,
            )


def repair(draft: Draft) -> None:
    """Leaves them out, but for one that may be an episode's: that is for episode-files to take."""
    draft.others = draft.candidates()
