"""Asks whether the statistics are those of the data."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.checks.stats_formed import shape_of
from tools.dataset.checks.version_2_0 import is_2_0
from tools.dataset.dataset import Dataset
from tools.dataset.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.fill_statistics import fill_statistics
from tools.dataset.fill_statistics import finite
from tools.dataset.fill_statistics import numbers_of
from tools.dataset.finding import Finding

SENTENCE = "min, max and count in episodes_stats.jsonl are those of the episode's frames, and nothing in it is NaN."
SEVERITY = "warning"
REPAIR_AFTER = (
    "timestamps",
    "timestamps_exact",
    "frame_index_column",
    "index_column",
    "episode_index_column",
    "needed_columns",
    "plain_indices",
    "no_nulls",
    "camera_columns",
    "schema_metadata",
    "later_schemas",
    "json_lines",
    "episode_files",
    "stray_files",
    "stats_formed",
)
# Of the larger of the two: statistics are written from float32 and through text.
_TOLERANCE = 1e-4


def gist(episode: Episode) -> dict:
    """The least and the greatest of each number."""
    least, most = {}, {}
    for name, values in episode.columns.items():
        feature = episode.features.get(name)
        if feature is not None and name not in INDEX_FEATURES and len(values) and values.dtype.kind in "fiu":
            least[name], most[name] = values.min(axis=0), values.max(axis=0)
    return {"rows": episode.rows, "min": least, "max": most}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Compares them with what is written."""
    if is_2_0(dataset):
        return
    for line in dataset.stats.values:
        episode, stats = line.get("episode_index"), line.get("stats")
        if type(episode) is not int or episode not in gists or not isinstance(stats, dict):
            continue
        one = gists[episode]
        for name, said in stats.items():
            if not finite(said) and _has_numbers(one, name):
                yield Finding(
                    expected="finite numbers",
                    found=f"NaN or infinite: {', '.join(_not_finite(said))}",
                    hint="NaN is no JSON, LeRobot's own reads it all the same, and its trainer goes wrong",
                    file="meta/episodes_stats.jsonl",
                    episode=episode,
                    column=name,
                    repairable=True,
                )
        for name in one["min"]:
            said = stats.get(name)
            if not isinstance(said, dict) or (not finite(said) and _has_numbers(one, name)):
                continue
            for key, right in (("min", one["min"][name]), ("max", one["max"][name]), ("count", one["rows"])):
                if not _same(said.get(key), right):
                    yield Finding(
                        expected=f"{key} {np.asarray(right).ravel().tolist()}",
                        found=f"{key} {said.get(key)}",
                        hint="they are of other frames, or not a number: LeRobot opens it, and its trainer goes wrong",
                        file="meta/episodes_stats.jsonl",
                        episode=episode,
                        column=name,
                        repairable=True,
                    )
                    break


def _has_numbers(gist: dict, name: str) -> bool:
    """Whether statistics of it can be numbers: NaN in the data is another check's."""
    return all(np.isfinite(gist[key].get(name, 0)).all() for key in ("min", "max"))


def _not_finite(said: object) -> list[str]:
    return [key for key, one in said.items() if not finite(one)] if isinstance(said, dict) else [repr(said)]


def _same(said: object, right: np.ndarray | int) -> bool:
    """Whether a written number is the right one; what is not made of numbers is for stats-formed to tell."""
    if shape_of(said) is None:
        return True
    try:
        written = np.asarray(said, dtype=np.float64).ravel()
    except OverflowError:
        return False
    right = np.asarray(right, dtype=np.float64).ravel()
    if written.shape != right.shape:
        return False
    with np.errstate(invalid="ignore"):
        close = np.abs(written - right) <= _TOLERANCE * np.maximum(1e-2, np.maximum(np.abs(written), np.abs(right)))
    return bool((close | (written == right) | np.isnan(right)).all())  # a NaN in the data is another check's


def repair(draft: Draft) -> None:
    """Computes anew what is not so; that includes what a repair of the frames has changed."""
    features = draft.features()
    gone: dict[int, set[str]] = {}
    for line in draft.stats:
        episode, stats = line.get("episode_index"), line.get("stats")
        if type(episode) is not int or episode not in draft.files or not isinstance(stats, dict):
            continue
        now = numbers_of(draft, episode, stats.keys())
        for name in [name for name, said in stats.items() if not finite(said)]:
            if name not in features or features[name].is_image:
                stats.pop(name)
                gone.setdefault(episode, set()).add(name)
        for name, right in now.items():
            said = stats[name]
            if isinstance(said, dict) and not (
                all(_same(said.get(key), np.asarray(right[key])) for key in ("min", "max", "count")) and finite(said)
            ):
                stats.pop(name)
                gone.setdefault(episode, set()).add(name)
    fill_statistics(draft, numbers=False, images=False, also=gone)
