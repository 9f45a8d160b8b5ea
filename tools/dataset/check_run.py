"""Asks every question of checks/ of a dataset: one pass over each file, on all cores."""

from collections.abc import Callable, Collection, Iterator
import functools
import os
import pathlib
import time

from tools.dataset import pool
from tools.dataset.ask_checks import asked_for
from tools.dataset.ask_checks import other_format
from tools.dataset.ask_checks import stamped
from tools.dataset.check_file import of_file
from tools.dataset.check_file import without_warnings
from tools.dataset.dataset import Dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.finding import Finding
from tools.dataset.report import Report
from tools.dataset.report import rank
from tools.refusal import Refused

# How often a dataset is checked that is replaced meanwhile.
_TRIES = 3


def check_dataset(
    root: pathlib.Path,
    *,
    deep: bool = False,
    but: Collection[int] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Checks the dataset in a folder; nothing in it is changed.

    Args:
        root: The folder that holds `meta` and `data`.
        deep: Decode every image too.
        but: Episodes whose files are passed over, and the others asked as if these were not there.
        progress: Called with how many episodes are done, and of how many, after each.

    Raises:
        Refused: It is not a dataset's folder, or its data or meta were replaced by others each time that it was checked.
    """
    for _ in range(_TRIES):
        folders = _folders(root)
        report = _checked(root, deep=deep, but=but, progress=progress)
        if _folders(root) == folders:
            return report
    raise Refused(
        str(root),
        expected="a dataset that stays as it is while it is checked",
        found=f"another data/ or meta/ in its place, {_TRIES} times",
        todo="wait until what changes it has ended, then check it again",
    )


@without_warnings
def _checked(
    root: pathlib.Path, *, deep: bool, but: Collection[int], progress: Callable[[int, int], None] | None
) -> Report:
    began = time.monotonic()
    dataset = read_dataset(root)
    found = list(_of_dataset(dataset))
    gists: dict[str, dict[int, dict]] = {}
    frames = 0
    files = {episode: path for episode, path in _files(dataset).items() if episode not in but}
    ask = functools.partial(of_file, features=dataset.features, fps=dataset.fps, root=dataset.root, deep=deep)
    for done, answer in enumerate(pool.over(ask, files.items(), heavy=deep), 1):
        frames += answer.rows
        found += answer.findings
        for name, gist in answer.gists.items():
            gists.setdefault(name, {})[answer.episode] = gist
        if answer.unreadable is not None:
            found += _of_unreadable(dataset, answer.episode, files[answer.episode], answer.unreadable)
        if progress:
            progress(done, len(files))
    for name, check in asked_for(("of_gists",), dataset.info):
        found += stamped(name, check, check.of_gists, dataset, gists.get(name, {}))
    found.sort(key=rank)  # else in the order they were found
    return Report(dataset.root, tuple(found), frames, len(files), deep, time.monotonic() - began)


def _folders(root: pathlib.Path) -> list[tuple[int, int] | None]:
    """Which folders data and meta are: a repair in place puts others there, under the same names."""
    found = []
    for name in ("data", "meta"):
        try:
            status = os.stat(root.expanduser() / name)
            found.append((status.st_dev, status.st_ino))
        except OSError:
            found.append(None)
    return found


def of_meta(dataset: Dataset) -> list[Finding]:
    """What is found without opening a data file: of the meta files, and of which files there are."""
    return list(_of_dataset(dataset))


def _files(dataset: Dataset) -> dict[int, pathlib.Path]:
    """The data files to ask, by episode; none of another format."""
    return {} if other_format(dataset.info) else dataset.episode_files


def _of_dataset(dataset: Dataset) -> Iterator[Finding]:
    for name, check in asked_for(("of_dataset",), dataset.info):
        yield from stamped(name, check, check.of_dataset, dataset)


def _of_unreadable(dataset: Dataset, episode: int, path: pathlib.Path, why: str) -> Iterator[Finding]:
    for name, check in asked_for(("of_unreadable",), dataset.info):
        yield from stamped(name, check, check.of_unreadable, dataset, episode, path, why)
