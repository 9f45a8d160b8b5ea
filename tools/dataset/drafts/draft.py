"""A dataset being mended or edited: what it will be, while nothing of what it is gets touched.

A draft holds the four meta files as plain lists and dicts, says which source file becomes which episode, and what is
done to the rows on the way. `tools.dataset.drafts.write_out` makes a dataset of it.
"""

import collections
from collections.abc import Iterator
import copy
import dataclasses
import functools
import os
import pathlib
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.file_numbers import name_pattern
from tools.dataset.drafts.file_numbers import number_of
from tools.dataset.drafts.steps import Step
from tools.dataset.drafts.steps import through_steps
from tools.dataset.features import Feature
from tools.dataset.features import features_of
from tools.dataset.finding import Finding


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
        by_info = name_pattern(self.info.get("data_path"))
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


def _turned(pairs: dict) -> dict:
    return {value: key for key, value in pairs.items()}


def _version(path: pathlib.Path) -> tuple[pathlib.Path, int, int]:
    status = os.stat(path)
    return path, status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=200_000)
def _rows(path: pathlib.Path, _time_ns: int, _size: int) -> int | None:
    try:
        return pq.read_metadata(path).num_rows
    except (pa.ArrowException, OSError, ValueError):
        return None
