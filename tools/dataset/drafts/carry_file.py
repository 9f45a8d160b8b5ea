"""Brings one data file of a draft to its place: written again where something in it changes, else carried over."""

import dataclasses
import os
import pathlib
import shutil
from typing import Any

from tools.dataset.drafts.fill_statistics import finite
from tools.dataset.drafts.rewrite import CannotRewriteError
from tools.dataset.drafts.rewrite import rewrite
from tools.dataset.drafts.steps import Step
from tools.dataset.features import Feature
from tools.dataset.statistics import episode_stats


@dataclasses.dataclass(frozen=True)
class DataFile:
    """A data file and what is to become of it; it travels between processes.

    Attributes:
        episode: What it becomes.
        path: The file.
        target: Where it goes; the folder exists.
        link: Share it where nothing in it changes.
        told: The features of which there are statistics.
    """

    episode: int
    path: pathlib.Path
    target: pathlib.Path
    link: bool
    told: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Became:
    """What became of one: the new statistics of what has changed, None where it is the file that it was."""

    stats: dict[str, Any] | None = None
    unreadable: str | None = None


def carry_file(file: DataFile, *, steps: tuple[Step, ...], features: dict[str, Feature]) -> Became:
    """Writes a data file again or, where nothing in it changes, carries it over byte for byte."""
    why = None
    try:
        columns = rewrite(file.path, file.target, file.episode, list(steps), features)
    except CannotRewriteError as e:
        columns, why = None, str(e)
    if columns is None:
        # A file that moves gets a new time: LeRobot's cache goes by path and time, and would serve what was there.
        link_or_copy(file.path, file.target) if file.link else shutil.copyfile(file.path, file.target)
        return Became(unreadable=why)
    anew = {name: values for name, values in columns.items() if name in file.told and len(values)}
    found = episode_stats(anew) if anew else {}
    return Became({name: one for name, one in found.items() if finite(one)})


def link_or_copy(path: pathlib.Path, target: pathlib.Path) -> None:
    """Shares a file by a hard link, or copies it with its time where the disk has none."""
    try:
        os.link(path, target)
    except OSError:  # not every disk has hard links
        shutil.copy2(path, target)


def copy_any(path: pathlib.Path, target: pathlib.Path) -> None:
    """Copies a file, or a folder with all that is in it; times are not carried over."""
    if path.is_dir():
        shutil.copytree(path, target, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(path, target)
