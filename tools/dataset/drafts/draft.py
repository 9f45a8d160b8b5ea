"""A dataset being mended or edited: what it will be, while nothing of what it is gets touched.

A draft holds the four meta files as plain lists and dicts, says which source file becomes which episode, and what is
done to the rows on the way. `tools.dataset.drafts.write_out` makes a dataset of it.
"""

import collections
from collections.abc import Callable, Iterator
import copy
import dataclasses
import functools
import os
import pathlib
import re
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.dataset import Dataset
from tools.dataset.episode import holds_numbers
from tools.dataset.features import Feature
from tools.dataset.features import features_of
from tools.dataset.finding import Finding

# Changes the rows of one row group: (table, episode, number of its first frame) -> table. One that has nothing to change
# returns the very table that it was given. It leaves columns alone that it does not know, and does without those it
# would look for when they are absent.
Step = Callable[[pa.Table, int, int], pa.Table]

S = TypeVar("S", bound=Callable)


def without_images(step: S) -> S:
    """Marks the function of a step that never looks into the cells of images.

    Whether it changes anything is found out without reading them: its table has the schema of the file, and null in all
    cells that are no numbers. Any other step is asked with the whole file.
    """
    step.without_images = True
    return step


_EPISODE = re.compile(r"episode_(\d{1,9})\.parquet")


@dataclasses.dataclass
class Draft:
    """What a dataset will be.

    Attributes:
        source: The dataset as it is.
        info: meta/info.json, to change freely; so are the next three.
        tasks: meta/tasks.jsonl.
        episodes: meta/episodes.jsonl.
        stats: meta/episodes_stats.jsonl; what a line says of a feature is shared with the source, and so is exchanged
            and never changed.
        files: The source file that becomes each episode; its place follows from `info`. Renumbering is changing the keys.
        numbers: The number that each of those files has in the source, by which its videos are found.
        others: Files in data/ that are no episode's; they are carried over as they are.
        steps: What is done to each row group of each file, in this order.
        lines_again: Write the files of JSON lines anew though nothing in them changes, without lines that are not JSON.
        findings: What a check of the source found, where the draft is for mending it.
    """

    source: Dataset
    info: dict[str, Any]
    tasks: list[dict[str, Any]]
    episodes: list[dict[str, Any]]
    stats: list[dict[str, Any]]
    files: dict[int, pathlib.Path]
    numbers: dict[pathlib.Path, int]
    others: list[pathlib.Path]
    steps: list[Step] = dataclasses.field(default_factory=list)
    lines_again: bool = False
    findings: tuple[Finding, ...] = ()

    def features(self) -> dict[str, Feature]:
        """What its info says of each column."""
        return features_of(self.info)

    @property
    def rows(self) -> dict[int, int]:
        """How many frames each episode has, by the footer of its file; one that cannot be read is not there."""
        found = ((episode, self.rows_of(episode)) for episode in sorted(self.files))
        return {episode: rows for episode, rows in found if rows is not None}

    def rows_of(self, episode: int) -> int | None:
        """How many frames an episode has; None where its file is missing or cannot be read."""
        path = self.files.get(episode)
        return None if path is None else _rows(*_version(path))

    def find_files(self) -> None:
        """Takes the files that lie where `info` says now, and no others."""
        self.files = dict(dataclasses.replace(self.source, info=self.info).episode_files)
        self.numbers = _turned(self.files)
        self.others = [path for path in self.source.files if path not in self.numbers]

    def candidates(self) -> dict[pathlib.Path, int]:
        """The other files that are named like an episode which has no file, in whatever folder and however padded."""
        by_info = _pattern(self.info.get("data_path"))
        numbered = {path: number_of(path, by_info) for path in self.others}
        return {path: number for path, number in numbered.items() if number is not None and number not in self.files}

    def take_by_number(self) -> None:
        """Makes episodes of the candidates; two that could be the same episode are left alone."""
        numbered = self.candidates()
        many = collections.Counter(numbered.values())
        taken = {path: number for path, number in numbered.items() if many[number] == 1}
        self.numbers |= taken
        self.files = dict(sorted((self.files | _turned(taken)).items()))
        self.others = [path for path in self.others if path not in taken]

    def found(self, check: str) -> dict[int, list[Finding]]:
        """What a check found to be repairable, by the number that the episode has now."""
        now = {path: episode for episode, path in self.files.items()}
        was = self.source.episode_files
        found: dict[int, list[Finding]] = {}
        for one in self.findings:
            if one.check == check and one.repairable and one.episode in was and was[one.episode] in now:
                found.setdefault(now[was[one.episode]], []).append(one)
        return found

    def row_groups(self, episode: int) -> Iterator[tuple[pa.Table, pa.Table]]:
        """The rows of an episode, a row group at a time, before and after the steps."""
        return through_steps(self.files[episode], episode, self.steps)


def draft_of(source: Dataset) -> Draft:
    """A draft that is its source, to change."""
    files = dict(source.episode_files)
    numbers = _turned(files)
    return Draft(
        source,
        copy.deepcopy(source.info),
        copy.deepcopy(source.tasks.values),
        copy.deepcopy(source.episodes.values),
        # Not to the last number, which is most of what a draft holds: what is said of a feature is exchanged as a whole.
        [
            line | ({"stats": dict(line["stats"])} if isinstance(line.get("stats"), dict) else {})
            for line in source.stats.values
        ],
        files,
        numbers,
        [path for path in source.files if path not in numbers],
    )


def through_steps(
    path: pathlib.Path, episode: int, steps: list[Step], *, images: bool = True
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Reads a parquet file one row group at a time and applies steps.

    Args:
        path: The file.
        episode: Which episode it becomes.
        steps: What is done, in this order.
        images: Read all columns; else only those of numbers.

    Yields:
        Each group before and after; the same object twice where no step had anything to change.

    Raises:
        pa.ArrowException, OSError: The file cannot be read, or a step cannot be done on what is in it.
    """
    with pq.ParquetFile(path, memory_map=True) as file:
        schema = file.schema_arrow
        columns = None if images else [field.name for field in schema if holds_numbers(field.type)]
        first = 0
        for group in range(file.num_row_groups):
            before = after = file.read_row_group(group, columns=columns)
            for step in steps:
                after = step(after, episode, first)
            yield before, after
            first += before.num_rows


def number_of(path: pathlib.Path, *patterns: re.Pattern | None) -> int | None:
    """The number in the name of an episode's file, however padded; None where the name is another.

    Args:
        path: The file.
        patterns: Other forms than episode_N.parquet that a name may have.
    """
    for pattern in (_EPISODE, *patterns):
        if pattern is not None and (match := pattern.fullmatch(path.name)):
            return int(match[1])
    return None


def _turned(pairs: dict) -> dict:
    return {value: key for key, value in pairs.items()}


def _pattern(template: object) -> re.Pattern | None:
    """The form of a file's name by a data_path; None where it has not exactly one number, the episode's."""
    if not isinstance(template, str):
        return None
    parts = re.split(r"\{episode_index[^{}]*\}", template.rpartition("/")[2])
    if len(parts) != 2 or any("{" in part for part in parts):
        return None
    return re.compile(re.escape(parts[0]) + r"(\d{1,9})" + re.escape(parts[1]))


def _version(path: pathlib.Path) -> tuple[pathlib.Path, int, int]:
    status = os.stat(path)
    return path, status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=200_000)
def _rows(path: pathlib.Path, _time_ns: int, _size: int) -> int | None:
    try:
        return pq.read_metadata(path).num_rows
    except (pa.ArrowException, OSError, ValueError):
        return None
