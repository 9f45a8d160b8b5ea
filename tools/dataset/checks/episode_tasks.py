"""Asks whether episodes.jsonl and the frames agree on what an episode's task is."""

from collections.abc import Iterator

from tools.dataset.checks import tasks_known
from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "The tasks that episodes.jsonl gives an episode are those of its frames."
SEVERITY = "warning"

gist = tasks_known.gist


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Compares the texts; the frames' task_index is what training goes by."""
    texts = {
        one["task_index"]: one.get("task")
        for one in dataset.tasks.values
        if isinstance(one.get("task_index"), int | float)
    }
    for line in dataset.episodes.values:
        episode = line.get("episode_index")
        said = line.get("tasks", [line["task"]] if "task" in line else None)
        if type(episode) is not int or episode not in gists or not isinstance(said, list):
            continue
        trained = [texts[index] for index in gists[episode].get("tasks", {}) if isinstance(texts.get(index), str)]
        if trained and set(trained) != {one for one in said if isinstance(one, str)}:
            yield Finding(
                expected=f"{', '.join(map(repr, trained))}, by the frames' task_index",
                found=", ".join(map(repr, said)) or "none",
                hint="the frames decide which prompt is trained: see to it that it is the right one",
                file="meta/episodes.jsonl",
                episode=episode,
            )
