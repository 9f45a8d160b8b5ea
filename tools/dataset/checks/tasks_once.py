"""Asks whether a task's number has one text."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "No task_index in tasks.jsonl has two texts."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names numbers that have."""
    texts: dict[float, str] = {}
    for number, one in dataset.tasks.objects.items():
        index, text = one.get("task_index"), one.get("task")
        if not isinstance(index, int | float) or not isinstance(text, str):
            continue
        if texts.setdefault(index, text) != text:
            yield Finding(
                expected=f"one text for task {index}: {texts[index]!r}",
                found=f"line {number}: {text!r}",
                hint="LeRobot takes the last line and trains every episode of that task with it",
                file="meta/tasks.jsonl",
            )
