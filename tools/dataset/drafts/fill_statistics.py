"""Computes the statistics that a draft lacks, from its frames as they will be."""

from collections.abc import Iterator, Mapping
import contextlib
import functools
import math
import pathlib
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset import pool
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.steps import Step
from tools.dataset.drafts.steps import through_steps
from tools.dataset.episode import to_array
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature
from tools.dataset.progress import Progress
from tools.dataset.statistics import episode_stats


def fill_statistics(draft: Draft, *, numbers: bool, images: bool, also: Mapping[int, set[str]] | None = None) -> None:
    """Puts what is missing into the lines of meta/episodes_stats.jsonl; what is there stays.

    An episode without a line gets one, of all its numbers. What cannot be computed (NaN, an image that does not decode)
    stays missing.

    Args:
        draft: What to change; its files, its features and its steps are those that count.
        numbers: Fill in the numbers.
        images: Fill in the cameras, of which about a hundred images an episode are decoded.
        also: Features by episode to compute whatever the other two say.
    """
    features = {
        name: one for name, one in draft.features().items() if (one.has_statistics or one.is_image) and "/" not in name
    }
    lines = {line["episode_index"]: line for line in draft.stats if _is_whole(line)}
    wanted: dict[int, list[Feature]] = {}
    for episode in draft.files:
        there = lines[episode]["stats"] if episode in lines else {}
        plain = INDEX_FEATURES if episode in lines else ()
        wanted[episode] = [
            one
            for name, one in features.items()
            if not there.get(name)
            and ((images if one.is_image else numbers and name not in plain) or name in (also or {}).get(episode, ()))
        ]
    asked = [(episode, draft.files[episode], names) for episode, names in wanted.items() if names]
    heavy = any(one.is_image for _, _, names in asked for one in names)
    answers = pool.over(functools.partial(_of_file, steps=draft.steps), asked, heavy=heavy)
    with Progress("computed statistics of {done:,} of {total:,} episodes") as progress:
        for done, (episode, found) in enumerate(answers, 1):
            if episode not in lines and found:
                lines[episode] = {"episode_index": episode, "stats": {}}
            if found:
                stats = lines[episode]["stats"] | found
                order = [name for name in features if name in stats]
                lines[episode]["stats"] = {name: stats[name] for name in [*order, *(stats.keys() - set(order))]}
            progress(done, len(asked))
    rest = [line for line in draft.stats if not _is_whole(line)]
    draft.stats = [*(lines[episode] for episode in sorted(lines)), *rest]


def numbers_of(draft: Draft, names: Mapping[int, set[str]]) -> dict[int, dict[str, dict[str, Any]]]:
    """By episode the statistics of those of the named features that are numbers, as they will be."""
    features = {name: one for name, one in draft.features().items() if one.is_numeric}
    asked = [
        (episode, draft.files[episode], [features[name] for name in sorted(some & features.keys())])
        for episode, some in names.items()
    ]
    return dict(pool.over(functools.partial(_of_file, steps=draft.steps), asked))


def finite(stats: Any) -> bool:
    """Whether statistics hold no NaN and nothing infinite, which JSON cannot say."""
    if isinstance(stats, dict):
        return all(finite(one) for one in stats.values())
    if isinstance(stats, list):
        return all(finite(one) for one in stats)
    return not isinstance(stats, float) or math.isfinite(stats)


def _is_whole(line: dict[str, Any]) -> bool:
    return type(line.get("episode_index")) is int and isinstance(line.get("stats"), dict)


def _of_file(
    asked: tuple[int, pathlib.Path, list[Feature]], *, steps: list[Step]
) -> tuple[int, dict[str, dict[str, Any]]]:
    """The statistics of some features of an episode, but for those that cannot be computed."""
    episode, path, features = asked
    found = {}
    try:
        rows = pq.read_metadata(path).num_rows
        numbers = {one.name for one in features if one.is_numeric}
        columns: dict[str, list[pa.Array]] = {}
        for _, table in through_steps(path, episode, steps, images=False) if numbers else ():
            for name in numbers & set(table.column_names):
                columns.setdefault(name, []).extend(table.column(name).chunks)
        for name, chunks in columns.items():
            with contextlib.suppress(ValueError):  # lists of several lengths, nulls: told of by checks of their own
                found |= episode_stats({name: to_array(pa.chunked_array(chunks))}, rows=rows)
        for camera in (one.name for one in features if one.is_image):
            with contextlib.suppress(ValueError):  # an image that does not decode
                found |= episode_stats({}, _cells(path, episode, steps, camera), rows)
    except (pa.ArrowException, OSError):
        pass  # a file that cannot be read is told of by its own check
    return episode, {name: one for name, one in found.items() if finite(one)}


def _cells(path: pathlib.Path, episode: int, steps: list[Step], camera: str) -> Iterator[tuple[int, dict[str, Any]]]:
    first = 0
    for _, table in through_steps(path, episode, steps):
        if camera in table.column_names:
            yield first, {camera: table.column(camera).combine_chunks()}
        first += table.num_rows
