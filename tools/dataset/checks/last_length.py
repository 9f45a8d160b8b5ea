"""Asks whether episodes.jsonl has the last episode's length right, which nothing in LeRobot checks."""

from collections.abc import Iterator

from tools.dataset.checks import totals
from tools.dataset.checks.lengths import compared
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.episode_lines import true_up
from tools.dataset.finding import Finding

SENTENCE = "The last episode's length in episodes.jsonl is how many frames its file has."
SEVERITY = "error"
REPAIR_AFTER = (
    "json_lines",
    "episode_files",
)

gist = totals.gist


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Compares that one."""
    yield from compared(dataset, gists, last=True)


def repair(draft: Draft) -> None:
    """Makes all lines anew from the files; what else a line says stays."""
    true_up(draft)
