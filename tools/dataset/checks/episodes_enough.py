"""Asks whether there is as much as a fine-tuning run usually takes."""

import collections
from collections.abc import Iterator

from tools.dataset.checks.episodes_few import FEWEST
from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "There are fifty episodes of each task or more."
SEVERITY = "note"
_USUAL = 50
# So many tasks are named.
_NAMED = 5


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Counts the data files, by task where there are several; of very few another check tells."""
    found, tasks = len(dataset.episode_files), _by_task(dataset)
    if found < FEWEST:
        return
    few = sorted((many, task) for task, many in tasks.items() if many < _USUAL)
    if len(tasks) > 1 and few:
        said = ", ".join(f"{many} of {task!r}" for many, task in few[:_NAMED])
        said += f", and {len(few) - _NAMED} more tasks with fewer than {_USUAL}" if len(few) > _NAMED else ""
        said += f"; {found} in all"
    elif len(tasks) < 2 and found < _USUAL:
        said = f"{found}"
    else:
        return
    yield Finding(
        expected=f"{_USUAL} to 150 episodes of a task",
        found=said,
        hint="a policy may come of it, and will be better with more",
    )


def _by_task(dataset: Dataset) -> collections.Counter[str]:
    """How many episodes meta/episodes.jsonl tells of each task, of those that have a file."""
    there: collections.Counter[str] = collections.Counter()
    for line in dataset.episodes.values:
        index, tasks = line.get("episode_index"), line.get("tasks")
        if type(index) is int and index in dataset.episode_files and isinstance(tasks, list):
            there.update({task for task in tasks if isinstance(task, str)})
    return there
