"""Asks whether each line of episodes_stats.jsonl is made as LeRobot reads it."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tools.dataset.checks.version_2_0 import is_2_0
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.fill_statistics import fill_statistics
from tools.dataset.features import CAMERA_WORD
from tools.dataset.finding import Finding

SENTENCE = (
    "Each line of episodes_stats.jsonl has episode_index and, by feature, min, max, mean, std and count as lists."
)
SEVERITY = "error"
REPAIR_AFTER = ("camera_columns", "schema_metadata", "later_schemas", "json_lines", "episode_files", "stray_files")
KEYS = ("min", "max", "mean", "std", "count")


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names each feature of each line that LeRobot refuses."""
    if is_2_0(dataset):
        return
    shapes: dict[tuple[str, str], tuple[int, ...]] = {}  # of the first line that has them
    for number, line in dataset.stats.objects.items():
        episode, stats = line.get("episode_index"), line.get("stats")
        if not isinstance(episode, int) or not isinstance(stats, dict):
            yield _finding('{"episode_index": 0, "stats": {...}}', f"line {number}: {line}", None, None)
            continue
        for name, one in stats.items():
            if one != {} and (fault := _fault(name, one, shapes)) is not None:
                yield _finding(*fault, episode, name)


def _finding(expected: str, found: str, episode: int | None, column: str | None) -> Finding:
    return Finding(
        expected=expected,
        found=found,
        hint="LeRobot adds up the statistics of all episodes when it opens a dataset, and stops at these",
        file="meta/episodes_stats.jsonl",
        episode=episode,
        column=column,
        repairable=True,
    )


def _fault(name: str, stats: Any, shapes: dict[tuple[str, str], tuple[int, ...]]) -> tuple[str, str] | None:
    """What was expected and what was found where one feature's statistics are refused, else None."""
    if not isinstance(stats, dict):
        return f"an object with {', '.join(KEYS)}", repr(stats)
    if "/" in name:
        return "a name without a slash, which LeRobot takes for a level of its own", name
    if missing := [key for key in KEYS if key not in stats]:
        return ", ".join(KEYS), f"no {', no '.join(missing)}"
    for key, value in stats.items():
        if isinstance(value, list) and not _in_64_bits(value):
            return f"{key}: numbers of 64 bits", repr(value)
        shape = shape_of(value)
        if shape is None or shape == () or "/" in key:
            return f"{key}: a list of numbers", repr(value)
        of_others = shapes.setdefault((name, key), shape)
        wanted = {"count": (1,)}.get(key, (3, 1, 1) if CAMERA_WORD in name else of_others)
        if shape != wanted:
            return f"{key} of shape {list(wanted)}", f"shape {list(shape)}: {value}"
    if CAMERA_WORD not in name and shape_of(stats["std"]) != shape_of(stats["mean"]):
        return "std and mean of one shape", f"{stats['std']} and {stats['mean']}"
    return None


def _in_64_bits(value: Any) -> bool:
    """Whether numpy has a type for each whole number in nested lists; of others it makes objects, without a square root."""
    if isinstance(value, list):
        return all(map(_in_64_bits, value))
    return type(value) is not int or -(2**63) <= value < 2**64


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of nested lists of numbers; None where they are no numbers or not of one length."""
    if isinstance(value, int | float):
        return ()
    if not isinstance(value, list):
        return None
    if all(type(one) is float or type(one) is int for one in value):
        return (len(value),)
    shapes = {shape_of(one) for one in value}
    inner = shapes.pop()
    return None if shapes or inner is None else (len(value), *inner)


def repair(draft: Draft) -> None:
    """Makes lists of plain numbers, gives cameras their shape, and computes anew what that does not mend."""
    shapes: dict[tuple[str, str], tuple[int, ...]] = {}
    gone: dict[int, set[str]] = {}
    features = draft.features()
    for line in draft.stats:
        if type(line.get("episode_index")) is not int or not isinstance(line.get("stats"), dict):
            continue
        for name, one in list(line["stats"].items()):
            if one == {}:
                continue
            feature = features.get(name)
            mended = formed(one, (3, 1, 1) if CAMERA_WORD in name else feature.shape if feature else None)
            if _fault(name, mended, shapes) is None:
                line["stats"][name] = mended
            else:
                del line["stats"][name]
                gone.setdefault(line["episode_index"], set()).add(name)
    # Lines that say nothing of an episode go; the episode gets one below.
    draft.stats = [
        one for one in draft.stats if type(one.get("episode_index")) is int and isinstance(one.get("stats"), dict)
    ]
    fill_statistics(draft, numbers=True, images=False, also=gone)


def formed(stats: Any, shape: tuple[int, ...] | None) -> Any:
    """Statistics with the same numbers in the shape that LeRobot asks for, as far as there are as many of them."""
    if not isinstance(stats, dict):
        return stats
    wanted = {key: (1,) if key == "count" else shape for key in KEYS}
    return {key: _shaped(stats[key], wanted[key]) for key in KEYS if key in stats}


def _shaped(value: Any, shape: tuple[int, ...] | None) -> Any:
    if shape is None:
        return value if isinstance(value, list) else [value]
    try:
        array = np.asarray(value)
        return array.reshape(shape).tolist() if array.dtype.kind in "iuf" else value
    except ValueError:
        return value
