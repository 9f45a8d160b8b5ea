"""Asks whether episodes.jsonl names each episode once, by the number that its file has."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.episode_lines import true_up
from tools.dataset.finding import Finding

SENTENCE = "episodes.jsonl has one line for each episode, with the number of its file."
SEVERITY = "warning"
REPAIR_AFTER = (
    "json_lines",
    "episode_files",
)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names numbers that stand twice, or that no file has."""
    seen: set[int] = set()
    for number, one in dataset.episodes.objects.items():
        index = one.get("episode_index")
        if type(index) is not int:
            continue
        if index in seen or index not in dataset.episode_files:
            yield Finding(
                expected="a number of a data file, once",
                found=f"line {number}: episode {index} " + ("again" if index in seen else "has no file"),
                hint="LeRobot counts lines and takes the last of two: the numbers shown are then not those trained",
                file="meta/episodes.jsonl",
                episode=index,
                repairable=True,
            )
        seen.add(index)


def repair(draft: Draft) -> None:
    """Makes all lines anew from the files; what else a line says stays."""
    true_up(draft)
