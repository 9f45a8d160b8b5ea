"""Asks whether every episode has statistics of its cameras."""

from collections.abc import Iterator

from tools.dataset.checks.stats_complete import lacking
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.fill_statistics import fill_statistics
from tools.dataset.finding import Finding

SENTENCE = "episodes_stats.jsonl has statistics of each camera for each episode."
SEVERITY = "note"
REPAIR_AFTER = (
    "stats_formed",
    "stats_true",
    "stats_complete",
)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names the episodes and cameras without."""
    cameras = [name for name, one in dataset.features.items() if one.is_image]
    yield from lacking(dataset, cameras, "OpenPI needs none of images; LeRobot's own trainer does")


def repair(draft: Draft) -> None:
    """Computes them, from about a hundred images of each episode and camera."""
    fill_statistics(draft, numbers=False, images=True)
