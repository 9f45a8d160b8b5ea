"""Asks whether the files of JSON lines in meta/ are there."""

from collections.abc import Iterator

from tools.dataset.checks.version_2_0 import is_2_0
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.episode_lines import true_up
from tools.dataset.drafts.fill_statistics import fill_statistics
from tools.dataset.finding import Finding

SENTENCE = "meta/ holds tasks.jsonl, episodes.jsonl and episodes_stats.jsonl."
SEVERITY = "error"
REPAIR_AFTER = ("camera_columns", "schema_metadata", "later_schemas", "json_lines", "episode_files", "stray_files")


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names each that is missing or cannot be read."""
    for jsonl in (dataset.tasks, dataset.episodes, dataset.stats):
        if jsonl.problem is None or (jsonl is dataset.stats and is_2_0(dataset)):
            continue
        yield Finding(
            expected="a file of one JSON object a line, in UTF-8",
            found=jsonl.problem,
            hint="LeRobot goes to the hub for it, and says that it is offline or that there is no such repository",
            file=dataset.name_of(jsonl.path),
            repairable=jsonl.problem == "missing" and jsonl is not dataset.tasks,
        )


def repair(draft: Draft) -> None:
    """Makes the two that follow from the files: episodes.jsonl and episodes_stats.jsonl."""
    if draft.source.episodes.problem == "missing":
        true_up(draft)
    if draft.source.stats.problem == "missing":
        fill_statistics(draft, numbers=True, images=True)
