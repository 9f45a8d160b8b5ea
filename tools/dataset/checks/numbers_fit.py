"""Asks whether the numbers of every data file fit the type that the first one gives their column."""

from collections.abc import Iterator
import functools
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset import pool
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.cast_numbers import cast_numbers
from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.episode import holds_numbers
from tools.dataset.finding import Finding
from tools.dataset.number_types import declared
from tools.dataset.number_types import fits
from tools.dataset.number_types import leaf_of

SENTENCE = "The numbers of every data file fit the type that their column has in the first."
SEVERITY = "error"
REPAIR_AFTER = (
    "timestamps",
    "timestamps_exact",
    "frame_index_column",
    "index_column",
    "episode_index_column",
    "needed_columns",
    "plain_indices",
    "no_nulls",
)
_ALIASES = {"float": "float32", "double": "float64", "halffloat": "float16"}

# A data file and, by column, the type that its numbers are to have.
_Asked = tuple[int, pathlib.Path, dict[str, str]]


def gist(episode: Episode) -> dict:
    """The type of the numbers in each column, in Arrow's words."""
    return {"kinds": {one.name: str(leaf_of(one.type)) for one in episode.schema if holds_numbers(one.type)}}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Asks the columns whose type is not the first file's, in whose type LeRobot reads all of them."""
    order = sorted(gists, key=lambda index: dataset.name_of(dataset.episode_files[index]))
    first = gists[order[0]]["kinds"] if order else {}
    asked = []
    for index in order[1:]:
        kinds = gists[index]["kinds"]
        if kinds != first:
            other = {name: first[name] for name in kinds if first.get(name, kinds[name]) != kinds[name]}
            if other:
                asked.append((index, dataset.episode_files[index], other))
    unfit = {index: names for index, names in pool.over(functools.partial(_unfit, exactly=False), asked) if names}
    if not unfit:
        return
    names = {name for some in unfit.values() for name in some}
    meant = {name: str(kind) for name in names if (kind := declared(name, dataset.features)) is not None}
    # The first file must be brought to the declared type without changing a number, and the others fit that.
    _, stay = _unfit((order[0], dataset.episode_files[order[0]], meant), exactly=True)
    meant = {name: kind for name, kind in meant.items() if name not in stay}
    again = [
        (index, dataset.episode_files[index], {n: meant[n] for n in some if n in meant})
        for index, some in unfit.items()
    ]
    left = dict(pool.over(functools.partial(_unfit, exactly=False), again))
    for index, some in unfit.items():
        for name in some:
            yield Finding(
                expected=f"numbers that can be {_said(first[name])}, as in the first file",
                found=f"{_said(gists[index]['kinds'][name])} that cannot",
                hint="LeRobot reads all files with the first one's types and refuses the dataset (DatasetGenerationError)",
                file=dataset.name_of(dataset.episode_files[index]),
                episode=index,
                column=name,
                repairable=name in meant and name not in left[index],
            )


def _unfit(asked: _Asked, *, exactly: bool) -> tuple[int, list[str]]:
    """Which of some columns of a file cannot be cast."""
    index, path, kinds = asked
    try:
        with pq.ParquetFile(path, memory_map=True) as file:
            table = file.read(columns=list(kinds), use_threads=False) if kinds else None
    except (pa.ArrowException, OSError):  # read before, so the file was changed meanwhile
        return index, []
    return index, [
        name for name, kind in kinds.items() if not fits(table.column(name), pa.type_for_alias(kind), exactly=exactly)
    ]


def _said(kind: str) -> str:
    return _ALIASES.get(kind, kind)


def repair(draft: Draft) -> None:
    """Casts the columns to the type that info.json declares, in every file where that changes no number."""
    cast_numbers(draft, {one.column for one in draft.findings if one.check == "numbers-fit" and one.repairable})
