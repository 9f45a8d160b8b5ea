"""Asks whether the rows' tasks stand in tasks.jsonl."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding

SENTENCE = "Every task_index of a frame stands in tasks.jsonl."
SEVERITY = "error"


def gist(episode: Episode) -> dict:
    """Which tasks, and where each begins."""
    tasks = episode.columns.get("task_index")
    if tasks is None or tasks.size != episode.rows or not len(tasks):
        return {}
    tasks = tasks.reshape(-1)  # of lists of one number another check tells, and they are mended
    if tasks[0] == tasks[-1] and (tasks == tasks[0]).all():  # one task, as nearly always
        return {"tasks": {tasks[0].item(): 0}}
    values, first = np.unique(tasks, return_index=True)
    return {"tasks": dict(zip(values.tolist(), first.tolist(), strict=True))}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names the first frame of each episode whose task has no text."""
    known = {one.get("task_index") for one in dataset.tasks.values if isinstance(one.get("task_index"), int | float)}
    for episode, one in gists.items():
        for task, frame in one.get("tasks", {}).items():
            if task not in known:
                yield Finding(
                    expected=f"one of {', '.join(map(str, sorted(known)[:8])) or 'none'}, which tasks.jsonl has",
                    found=f"task_index {task}",
                    hint="LeRobot opens the dataset and stops with a KeyError when this frame is drawn, hours later",
                    file=dataset.name_of(dataset.episode_files[episode]),
                    episode=episode,
                    frame=frame,
                    column="task_index",
                )
