"""Asks whether one task is always said in the same words."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "No two tasks differ only in blanks, case or a full stop."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Compares the texts as a person would."""
    first: dict[str, dict] = {}
    for number, one in dataset.tasks.objects.items():
        if not isinstance(one.get("task"), str) or not one["task"].strip():
            continue
        key = " ".join(one["task"].casefold().split()).rstrip(" .!")
        other = first.setdefault(key, one)
        if other.get("task_index") != one.get("task_index"):  # else it is one task with two texts, another check's
            yield Finding(
                expected=f"one task for {other['task']!r}",
                found=f"line {number}: {one['task']!r}, task {one.get('task_index')} besides {other.get('task_index')}",
                hint="to the policy two prompts are two tasks, each with fewer episodes: use the very same text for both",
                file="meta/tasks.jsonl",
            )
