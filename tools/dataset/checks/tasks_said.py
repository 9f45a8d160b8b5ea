"""Asks whether each task says something."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "No task is empty."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names the lines without words."""
    for number, one in dataset.tasks.objects.items():
        if isinstance(one.get("task"), str) and not one["task"].strip():
            yield Finding(
                expected="what the robot does, in words",
                found=f"line {number}: {one['task']!r}",
                hint="it becomes the prompt: a policy that is trained without one does not listen to any",
                file="meta/tasks.jsonl",
            )
