"""Asks whether the statistics are those of the data."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tools.dataset.checks.version_2_0 import is_2_0
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.fill_statistics import fill_statistics
from tools.dataset.drafts.fill_statistics import finite
from tools.dataset.drafts.fill_statistics import numbers_of
from tools.dataset.episode import Episode
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks
from tools.dataset.statistics import sampled_frames
from tools.dataset.stats_agree import KEYS
from tools.dataset.stats_agree import camera_fault
from tools.dataset.stats_agree import difference
from tools.dataset.stats_agree import unlike_shown

SENTENCE = "The statistics in episodes_stats.jsonl are those of the episode's frames, and nothing in them is NaN."
SEVERITY = "warning"
REPAIR_AFTER = ("stats_formed", "actions_ahead")

_NAN = "NaN is no JSON, LeRobot's own reads it all the same, and its trainer goes wrong"
_OTHER_FRAMES = "they are of other frames, or not a number: LeRobot opens it, and its trainer goes wrong"
_OTHER_UNIT = (
    "LeRobot hands images on as 0..1 and normalises them with these: its trainer goes wrong, OpenPI needs none"
)
_OTHER_IMAGES = (
    "they are of other images, and LeRobot's trainer goes wrong; just repair-dataset --deep computes them anew"
)


def gist(episode: Episode) -> dict:
    """Of each column of numbers its min, max, mean and std, float64[4, D]."""
    right = {}
    with np.errstate(invalid="ignore", over="ignore"):  # of infinite numbers, which another check tells
        for name, values in episode.columns.items():
            feature = episode.features.get(name)
            if feature is not None and name not in INDEX_FEATURES and len(values) and values.dtype.kind in "fiu":
                wide = values.reshape(len(values), -1).astype(np.float64)
                mean = np.add.reduce(wide) / len(wide)
                least, most = np.minimum.reduce(wide), np.maximum.reduce(wide)
                wide -= mean
                right[name] = np.stack([least, most, mean, np.sqrt(np.einsum("td,td->d", wide, wide) / len(wide))])
    return {"rows": episode.rows, "right": right}


def gist_of_looks(episode: Episode, looks: dict[str, Looks]) -> dict:
    """What each camera shows on average, float64[3] in 0..1, in the frames from which its statistics are taken."""
    shown = {}
    for name, one in looks.items():
        if len(one.decoded) and one.decoded.all():
            shown[name] = one.thumbs[sampled_frames(episode.rows)].mean(axis=(0, 1, 2), dtype=np.float64) / 255
    return {"shown": shown}


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
            feature, right = dataset.features.get(name), one.get("right", {}).get(name)
            of_data = right is None or np.isfinite(right[:2]).all()  # NaN in the data is another check's
            if of_data and not finite(said):
                wrong, hint = ("finite numbers", f"NaN or infinite: {', '.join(_not_finite(said))}"), _NAN
            elif not isinstance(said, dict):
                continue
            elif right is not None:
                wrong, hint = difference(said, right, one["rows"], feature), _OTHER_FRAMES
            elif feature is not None and (feature.is_image or feature.is_video):
                wrong, hint = camera_fault(said), _OTHER_UNIT
                if wrong is None:
                    wrong, hint = unlike_shown(said, one.get("shown", {}).get(name)), _OTHER_IMAGES
            else:
                continue
            if wrong:
                yield _finding(*wrong, hint, episode, name, feature)


def _finding(expected: str, found: str, hint: str, episode: int, name: str, feature: Feature | None) -> Finding:
    return Finding(
        expected=expected,
        found=found,
        hint=hint,
        file="meta/episodes_stats.jsonl",
        episode=episode,
        column=name,
        repairable=feature is None or not feature.is_video,
    )


def _not_finite(said: object) -> list[str]:
    return [key for key, one in said.items() if not finite(one)] if isinstance(said, dict) else [repr(said)]


def repair(draft: Draft) -> None:
    """Computes anew what a check has named and is still not so, and of an episode that another file has become the same.

    What a repair of the frames changes is computed anew where they are written.
    """
    features, was = draft.features(), draft.source.episode_files
    named = {episode: {one.column for one in found} for episode, found in draft.found("stats-true").items()}
    lines = [line for line in draft.stats if isinstance(line.get("stats"), dict)]
    lines = [line for line in lines if type(line.get("episode_index")) is int and line["episode_index"] in draft.files]
    others = {
        line["episode_index"] for line in lines if draft.files[line["episode_index"]] != was.get(line["episode_index"])
    }
    asked = {
        line["episode_index"]: set(line["stats"]) if line["episode_index"] in others else named[line["episode_index"]]
        for line in lines
        if line["episode_index"] in others or line["episode_index"] in named
    }
    right = numbers_of(draft, asked)
    gone: dict[int, set[str]] = {}
    for line in lines:
        episode, stats = line["episode_index"], line["stats"]
        now = right.get(episode, {})
        wrong = {name for name in stats if name in now and _is_wrong(stats[name], now[name], features[name])}
        wrong |= {name for name in named.get(episode, ()) if name not in now}
        if episode in others and wrong:
            wrong |= {name for name in stats if name in features and features[name].is_image}
        for name in wrong:
            stats.pop(name, None)
        gone.setdefault(episode, set()).update(wrong)
    fill_statistics(draft, numbers=False, images=False, also=gone)


def _is_wrong(said: Any, now: dict[str, Any], feature: Feature) -> bool:
    right = np.array([now[key] for key in KEYS], np.float64).reshape(len(KEYS), -1)
    return (
        not isinstance(said, dict) or not finite(said) or difference(said, right, now["count"][0], feature) is not None
    )
