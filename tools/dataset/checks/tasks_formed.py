"""Asks whether each line of tasks.jsonl gives a number its text."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "Each line of tasks.jsonl has a whole task_index and a task."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names lines that have not."""
    for number, one in dataset.tasks.objects.items():
        index = one.get("task_index")
        whole = isinstance(index, int) or (isinstance(index, float) and index.is_integer())
        if whole and "task" in one and not isinstance(one["task"], list | dict):
            continue
        yield Finding(
            expected='{"task_index": 0, "task": "Pick up the bottle."}',
            found=f"line {number}: {one}",
            hint="LeRobot makes its table of prompts from these lines when it opens the dataset",
            file="meta/tasks.jsonl",
        )
