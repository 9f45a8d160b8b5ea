"""Makes meta/episodes.jsonl of a draft say what its files hold."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.drafts.draft import Draft


def true_up(draft: Draft) -> None:
    """Gives each episode one line with its number and its length, in the episodes' order.

    A line that is there keeps what else it says; of two for one episode the last stays, which is the one that LeRobot
    takes. A line without a file goes. The tasks of a line that has to be made are those of the frames.
    """
    rows = draft.rows
    lines: dict[int, dict[str, Any]] = {}
    for line in draft.episodes:
        if type(line.get("episode_index")) is int:
            lines[line["episode_index"]] = line
    draft.episodes = []
    for episode in draft.files:
        line = dict(lines[episode]) if episode in lines else {"episode_index": episode, "tasks": _tasks(draft, episode)}
        if episode in rows:
            line["length"] = rows[episode]
        draft.episodes.append(line)


def _tasks(draft: Draft, episode: int) -> list[str]:
    texts = {one.get("task_index"): one.get("task") for one in draft.tasks}
    try:
        column = pq.read_table(draft.files[episode], columns=["task_index"]).column(0)
    except (pa.ArrowException, OSError, IndexError):
        return []
    return [texts[index] for index in dict.fromkeys(column.to_pylist()) if index in texts]
