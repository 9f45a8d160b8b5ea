"""Asks whether an episode is there twice."""

from collections.abc import Iterator
import hashlib

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.motion import vectors

SENTENCE = "No two episodes have the same states and actions in every frame."
SEVERITY = "warning"


def gist(episode: Episode) -> dict:
    """A digest of what moved; none of an episode in which nothing is known to."""
    columns = {name: values for name, values in vectors(episode).items() if len(values) > 1}
    if not any((values[1:] != values[:-1]).any() for values in columns.values()):
        return {}
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(columns):
        digest.update(name.encode() + columns[name].tobytes())
    return {"digest": digest.digest()}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names each copy with the first of its kind."""
    first: dict[bytes, int] = {}
    for episode, one in gists.items():
        if not one:
            continue
        original = first.setdefault(one["digest"], episode)
        if original != episode:
            yield Finding(
                expected="another motion in each episode",
                found=f"the states and actions of episode {original}, frame by frame",
                hint="a copy: training sees it twice, and a split may hold one out and train on the other; drop one with "
                "just edit-dataset delete",
                file=dataset.name_of(dataset.episode_files[episode]),
                episode=episode,
            )
