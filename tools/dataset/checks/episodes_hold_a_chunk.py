"""Asks whether each episode is as long as what a policy predicts at a time."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding

SENTENCE = "Each episode has as many frames as an action chunk."
SEVERITY = "note"
# OpenPI's own default for pi0 and pi0.5.
_HORIZON = 50


def gist(episode: Episode) -> dict:
    """Its length."""
    return {"rows": episode.rows}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Counts those that are shorter, in one finding."""
    short = [episode for episode, one in gists.items() if 0 < one["rows"] < _HORIZON]
    if short:
        least = min(short, key=lambda episode: gists[episode]["rows"])
        yield Finding(
            expected=f"{_HORIZON} frames or more, OpenPI's usual horizon",
            found=f"{len(short)} of {len(gists)} episodes with fewer; the shortest has {gists[least]['rows']}",
            hint="what is missing of a chunk is filled with the last action: the policy learns to stop early",
            file=dataset.name_of(dataset.episode_files[least]),
            episode=least,
        )
