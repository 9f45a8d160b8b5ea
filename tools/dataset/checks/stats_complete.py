"""Asks whether every episode has statistics of what a model is trained on."""

from collections.abc import Iterator, Mapping

import numpy as np

from tools.dataset.checks.version_2_0 import is_2_0
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.fill_statistics import fill_statistics
from tools.dataset.episode import Episode
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding

SENTENCE = "episodes_stats.jsonl has statistics of each numeric feature for each episode."
SEVERITY = "warning"
REPAIR_AFTER = (
    "stats_formed",
    "stats_true",
)
# In double precision; larger ones have no deviation.
_SQUARES_ARE_FINITE = 1e150


def gist(episode: Episode) -> dict:
    """The columns of which there can be no statistics: other checks tell of them."""
    most = {
        name: float(np.abs(values).max(initial=0))
        for name, values in episode.columns.items()
        if values.dtype.kind == "f"
    }
    # Not the comparison's negation, so that NaN is among them.
    return {"cannot": {*episode.odd, *(name for name, one in most.items() if not one < _SQUARES_ARE_FINITE)}}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names the episodes and features without."""
    wanted = [name for name, one in dataset.features.items() if one.has_statistics and name not in INDEX_FEATURES]
    cannot = {episode: one["cannot"] for episode, one in gists.items()}
    yield from lacking(dataset, wanted, "LeRobot's own trainer normalises with them; OpenPI computes its own", cannot)


def lacking(
    dataset: Dataset, wanted: list[str], hint: str, cannot: Mapping[int, set[str]] | None = None
) -> Iterator[Finding]:
    """Names the episodes that lack statistics of some features.

    Args:
        dataset: The dataset.
        wanted: The features.
        hint: Why it matters.
        cannot: By episode, those of which there can be none; an episode that is missing here could not be read.
    """
    if is_2_0(dataset) or dataset.stats.problem is not None:
        return  # the older format has none, and meta-there tells of a file that is missing
    there = {}
    for line in dataset.stats.values:
        if type(line.get("episode_index")) is int and isinstance(line.get("stats"), dict):
            there[line["episode_index"]] = line["stats"]
    for episode in dataset.episode_files:
        can = [name for name in wanted if cannot is None or name not in cannot.get(episode, ())]
        missing = [name for name in can if not there.get(episode, {}).get(name)]
        if missing:
            yield Finding(
                expected=", ".join(can),
                found=f"no {', no '.join(missing)}" if episode in there else "no line for this episode",
                hint=hint,
                file="meta/episodes_stats.jsonl",
                episode=episode,
                repairable=cannot is None or episode in cannot,
            )


def repair(draft: Draft) -> None:
    """Computes them."""
    fill_statistics(draft, numbers=True, images=False)
