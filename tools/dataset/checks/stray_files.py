"""Asks whether data/ holds nothing but the episodes' files."""

from collections.abc import Iterator
import pathlib

from tools.dataset.checks import episode_files
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.draft import draft_of
from tools.dataset.finding import Finding

SENTENCE = "data/ holds the episodes' files at their places, and nothing else that is not hidden."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)
_HINT = "LeRobot reads every file in data/ as parquet: it stops at this one, or has its frames twice"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names each file that LeRobot reads though it is no episode."""
    if dataset.path_of(0) is None or dataset.path_of(0) == dataset.path_of(1):
        return  # data-path and info-needed tell it: no file has its place
    episodes = set(dataset.episode_files.values())
    strays = [path for path in dataset.files if path not in episodes]
    for path, number in _kept(dataset).items() if strays else ():
        strays.remove(path)
        yield Finding(
            expected="a file that data_path in info.json gives an episode",
            found=f"{path.name}, which may be episode {number}",
            hint=f"{_HINT}; nothing tells whether it is an episode: move it out of data/, or to the place of one",
            file=dataset.name_of(path),
        )
    for path in strays:
        yield Finding(
            expected="a file that data_path in info.json gives an episode",
            found=path.name,
            hint=_HINT,
            file=dataset.name_of(path),
            repairable=True,
        )


def _kept(dataset: Dataset) -> dict[pathlib.Path, int]:
    """The files that no repair leaves out or takes in: named like an episode, and none is missing or two could be it."""
    draft = draft_of(dataset)
    numbered = draft.candidates()
    if any(one.repairable for one in episode_files.of_dataset(dataset)):
        draft.take_by_number()
    return {path: numbered[path] for path in draft.others if path in numbered}


def repair(draft: Draft) -> None:
    """Leaves them out, but for one that may be an episode's: that is for episode-files to take."""
    draft.others = list(draft.candidates())
