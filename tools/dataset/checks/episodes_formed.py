"""Asks whether each line of episodes.jsonl has a number and a length."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.episode_lines import true_up
from tools.dataset.finding import Finding

SENTENCE = "Each line of episodes.jsonl has a whole episode_index and a whole length."
SEVERITY = "error"
REPAIR_AFTER = (
    "json_lines",
    "episode_files",
)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names lines that have not."""
    for number, one in dataset.episodes.objects.items():
        wrong = [key for key in ("episode_index", "length") if type(one.get(key)) is not int]
        if wrong:
            yield Finding(
                expected=f"{' and '.join(wrong)} in whole numbers",
                found=f"line {number}: "
                + ", ".join(f"{key} {one[key]!r}" if key in one else f"no {key}" for key in wrong),
                hint="LeRobot finds an episode's frames by adding up these lengths",
                file="meta/episodes.jsonl",
                repairable=True,
            )


def repair(draft: Draft) -> None:
    """Makes all lines anew from the files; what else a line says stays."""
    true_up(draft)
