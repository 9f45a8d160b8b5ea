"""Asks whether every episode has statistics of what a model is trained on."""

from collections.abc import Iterator

from tools.dataset.checks.version_2_0 import is_2_0
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.fill_statistics import fill_statistics
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding

SENTENCE = "episodes_stats.jsonl has statistics of each numeric feature for each episode."
SEVERITY = "warning"
REPAIR_AFTER = (
    "stats_formed",
    "stats_true",
)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names the episodes and features without."""
    wanted = [name for name, one in dataset.features.items() if one.is_numeric and name not in INDEX_FEATURES]
    yield from lacking(dataset, wanted, "LeRobot's own trainer normalises with them; OpenPI computes its own")


def lacking(dataset: Dataset, wanted: list[str], hint: str) -> Iterator[Finding]:
    """Names the episodes that lack statistics of some of these features."""
    if is_2_0(dataset) or dataset.stats.problem is not None:
        return  # the older format has none, and meta-there tells of a file that is missing
    there = {}
    for line in dataset.stats.values:
        if type(line.get("episode_index")) is int and isinstance(line.get("stats"), dict):
            there[line["episode_index"]] = line["stats"]
    for episode in dataset.episode_files:
        missing = [name for name in wanted if not there.get(episode, {}).get(name)]
        if missing:
            yield Finding(
                expected=", ".join(wanted),
                found=f"no {', no '.join(missing)}" if episode in there else "no line for this episode",
                hint=hint,
                file="meta/episodes_stats.jsonl",
                episode=episode,
                repairable=True,
            )


def repair(draft: Draft) -> None:
    """Computes them."""
    fill_statistics(draft, numbers=True, images=False)
