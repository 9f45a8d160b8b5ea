"""Asks whether each task is a text."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "Each task in tasks.jsonl is a text."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names lines where it is something else."""
    for number, one in dataset.tasks.objects.items():
        if "task" in one and not isinstance(one["task"], str | list | dict):
            yield Finding(
                expected="a text, the prompt that the model learns to follow",
                found=f"line {number}: {one['task']!r}",
                hint="LeRobot hands it on as it is, and it fails as a prompt, or trains as one",
                file="meta/tasks.jsonl",
            )
