"""Asks whether each episode has its data file, at the place that info.json gives it."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.renumber import renumber
from tools.dataset.exchanged import put_back
from tools.dataset.finding import Finding

SENTENCE = "Episodes 0 to N - 1 each have their file at data_path, and there is at least one."
SEVERITY = "error"
REPAIR_AFTER = ("data_path",)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names each that is missing."""
    if dataset.path_of(0) is None:
        return  # data-path or info-needed tells it
    there = dataset.episode_files
    # As many as there are, or are listed, or are said to be: not more, since that last number may be anything.
    last = max([dataset.total_episodes - 1, *there])
    numbers = range(min(last + 1, len(dataset.files) + len(dataset.lengths) + 1))
    missing = [index for index in numbers if index not in there]
    if not there:
        missing = missing or [0]
    for index in missing:
        path = dataset.path_of(index)
        yield Finding(
            expected=dataset.name_of(path) if path.is_relative_to(dataset.root) else str(path),
            found="no such file",
            hint="LeRobot goes to the hub for it, and says that it is offline or that there is no such repository",
            file=dataset.name_of(path) if path.is_relative_to(dataset.root) else None,
            episode=index,
            repairable=bool(dataset.files),
        )


def repair(draft: Draft) -> None:
    """Takes files that are named like an episode though they lie elsewhere or are padded otherwise; closes gaps."""
    draft.take_by_number()
    put_back(draft)  # while each has the number that its name gives it
    if list(draft.files) != list(range(len(draft.files))):
        renumber(draft, {old: new for new, old in enumerate(sorted(draft.files))})
