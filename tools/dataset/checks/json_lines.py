"""Asks whether every line in meta/*.jsonl is a JSON object."""

from collections.abc import Iterator

from tools.dataset.checks.version_2_0 import is_2_0
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding

SENTENCE = "Every line of the files in meta/ is one JSON object."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names each line that is not."""
    for jsonl in (dataset.tasks, dataset.episodes, dataset.stats):
        if jsonl is dataset.stats and is_2_0(dataset):
            continue
        for bad in jsonl.bad:
            yield Finding(
                expected="one JSON object a line",
                found=f"line {bad.number}: {bad.why}",
                hint="LeRobot refuses the whole file (InvalidLineError); a torn line is what a killed recorder leaves",
                file=dataset.name_of(jsonl.path),
                # A task's text stands nowhere else.
                repairable=bad.why == "blank" or jsonl is not dataset.tasks,
            )


def repair(draft: Draft) -> None:
    """Leaves them out; what they said of an episode is made again from its file."""
    draft.lines_again = True
