"""Finds data files that have each other's names, and tells by meta/ whether the names are wrong or the numbers inside."""

from collections.abc import Iterator, Mapping
import dataclasses
import functools
import os
import pathlib
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import to_array
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.plain import just
from tools.refusal import Refused


@dataclasses.dataclass(frozen=True)
class Exchange:
    """Data files of which each says by its episode_index that it is another one of them.

    Attributes:
        says: The episode that each file says it is, by the number that its name gives it.
        wrong: What is wrong by the lengths and statistics in meta/; None where they do not tell.
    """

    says: dict[int, int]
    wrong: Literal["names", "numbers"] | None


def exchanges(files: Mapping[int, pathlib.Path], source: Dataset) -> Iterator[Exchange]:
    """Finds them.

    Args:
        files: The data files by the number that their names give them.
        source: What meta/ says. In a dataset with videos nothing tells whether these were exchanged along, so that its
            files are never given other names.
    """
    says = {episode: said for episode, path in files.items() if (said := said_by(path)) not in (None, episode)}
    seen: set[int] = set()
    for first in sorted(says):
        ring: list[int] = []
        at = first
        while at in says and at not in seen:
            seen.add(at)
            ring.append(at)
            at = says[at]
        if not ring or at not in ring:
            continue
        ring = ring[ring.index(at) :]
        by_names = all(_fits(files[one], one, source) for one in ring)
        by_numbers = all(_fits(files[one], says[one], source) for one in ring)
        wrong = "numbers" if by_names else "names"
        if by_names == by_numbers or (wrong == "names" and any(one.is_video for one in source.features.values())):
            wrong = None
        yield Exchange({one: says[one] for one in sorted(ring)}, wrong)


def exchanges_in(draft: Draft) -> Iterator[Exchange]:
    """Finds them among the files of a draft that still have the number of their names."""
    named = {episode: path for episode, path in draft.files.items() if draft.numbers.get(path) == episode}
    yield from exchanges(named, draft.source)


def put_back(draft: Draft) -> None:
    """Gives exchanged files each other's places in a draft, where meta/ tells that their names are wrong."""
    for one in list(exchanges_in(draft)):
        if one.wrong == "names":
            draft.files |= {said: draft.files[episode] for episode, said in one.says.items()}


def refuse_exchanged(draft: Draft) -> None:
    """Says no to numbering episodes anew while files among them have each other's names: nothing would show it later.

    Raises:
        Refused: The message names them.
    """
    for one in exchanges_in(draft):
        if one.wrong != "numbers":
            first, second = next(iter(one.says.items()))
            raise Refused(
                str(draft.files[first]),
                expected=f"episode_index {first}, as its name says",
                found=f"{second}; {len(one.says)} files have each other's names or numbers",
                todo=f"rename the files by their episode_index if that is right, or write the right one; then go on: "
                f"{just('check-dataset', draft.source.root)}",
            )


def said_by(path: pathlib.Path) -> int | None:
    """The episode that all rows of a file say they are of; None where they do not agree, or it cannot be read."""
    status = os.stat(path)
    return _said_by(path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=200_000)
def _said_by(path: pathlib.Path, _time_ns: int, _size: int) -> int | None:
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            if pa.types.is_integer(file.schema_arrow.field("episode_index").type):
                values = to_array(file.read(columns=["episode_index"]).column(0))
                return int(values[0]) if len(values) and (values == values[0]).all() else None
    except (pa.ArrowException, OSError, ValueError, KeyError):
        pass
    return None


def _fits(path: pathlib.Path, episode: int, source: Dataset) -> bool:
    """Whether a file can be the one that the length and the statistics of an episode were taken of."""
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            if source.lengths.get(episode, file.metadata.num_rows) != file.metadata.num_rows:
                return False
            told = next((one.get("stats") for one in source.stats.values if one.get("episode_index") == episode), None)
            told = told if isinstance(told, dict) else {}
            names = [
                feature.name
                for feature in source.features.values()
                if feature.dtype.startswith("float")
                and feature.name not in INDEX_FEATURES
                and feature.name in told
                and feature.name in file.schema_arrow.names
            ]
            table = file.read(columns=names)
        return all(_within(to_array(table.column(name)), told[name]) for name in names)
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
        return False


def _within(values: np.ndarray, told: dict[str, Any]) -> bool:
    least, most = (np.asarray(told[key], np.float64) for key in ("min", "max"))
    return np.allclose(values.min(axis=0), least, atol=1e-5) and np.allclose(values.max(axis=0), most, atol=1e-5)
