"""Asks every question of checks/ of a dataset: one pass over each file, on all cores."""

from collections.abc import Callable, Collection, Iterable, Iterator
import dataclasses
import functools
import importlib
import os
import pathlib
import pkgutil
import time
from types import ModuleType
from typing import Any

import numpy as np

from tools.dataset import checks
from tools.dataset import pool
from tools.dataset.checks.version import version_of
from tools.dataset.dataset import Dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.episode import Episode
from tools.dataset.episode import UnreadableError
from tools.dataset.episode import read_episode
from tools.dataset.features import Feature
from tools.dataset.finding import Finding
from tools.refusal import Refused

SEVERITIES = ("error", "warning", "note")
# All that is asked of a dataset in another format.
_VERSIONS = ("version", "version-3-0")
# How often a dataset is checked that is replaced meanwhile.
_TRIES = 3
# What a check says of itself where it could not be asked; the tests hold that this is never seen.
_FAULT = "a fault of the check and not of the dataset: please report it with this line"
# Numbers that are infinite, or become so, are told by checks and not by lines of numpy's on the terminal.
_without_warnings = np.errstate(over="ignore", invalid="ignore")


@dataclasses.dataclass(frozen=True)
class Report:
    """What a check of a dataset found.

    Attributes:
        root: The dataset's folder.
        findings: Errors first, then warnings, then notes.
        frames: Rows of all data files that could be read.
        episodes: How many data files there are, readable or not.
        deep: Whether the images were decoded.
        seconds: How long it took.
    """

    root: pathlib.Path
    findings: tuple[Finding, ...]
    frames: int
    episodes: int
    deep: bool = False
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """No finding is an error."""
        return not self.errors

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(finding.severity == "warning" for finding in self.findings)

    @property
    def repairable(self) -> int:
        """How many findings `just repair-dataset` mends."""
        return sum(finding.repairable for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ok": self.ok,
            "errors": self.errors,
            "warnings": self.warnings,
            "frames": self.frames,
            "episodes": self.episodes,
            "findings": [finding.as_json() for finding in self.findings],
        }


@functools.cache
def check_modules() -> dict[str, ModuleType]:
    """The checks by the name they are shown with, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    modules = ((name, importlib.import_module(f"{checks.__name__}.{name}")) for name in names)
    return {name.replace("_", "-"): module for name, module in modules if hasattr(module, "SENTENCE")}


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


@_without_warnings
def _checked(
    root: pathlib.Path, *, deep: bool, but: Collection[int], progress: Callable[[int, int], None] | None
) -> Report:
    began = time.monotonic()
    dataset = read_dataset(root)
    found = list(_of_dataset(dataset))
    gists: dict[str, dict[int, dict]] = {}
    frames = 0
    files = {episode: path for episode, path in _files(dataset).items() if episode not in but}
    ask = functools.partial(_of_file, features=dataset.features, fps=dataset.fps, root=dataset.root, deep=deep)
    for done, answer in enumerate(pool.over(ask, files.items(), heavy=deep), 1):
        frames += answer.rows
        found += answer.findings
        for name, gist in answer.gists.items():
            gists.setdefault(name, {})[answer.episode] = gist
        if answer.unreadable is not None:
            found += _of_unreadable(dataset, answer.episode, files[answer.episode], answer.unreadable)
        if progress:
            progress(done, len(files))
    for name, check in _with(("of_gists",), dataset.info):
        found += _stamped(name, check, check.of_gists, dataset, gists.get(name, {}))
    found.sort(key=lambda finding: SEVERITIES.index(finding.severity))  # else in the order they were found
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


def other_format(info: dict[str, Any]) -> bool:
    """Whether the dataset is in another format than 2.x: then only its version is told, and no file asked."""
    version = version_of(info)
    return version is not None and version[0] != 2


@dataclasses.dataclass(frozen=True)
class _Answer:
    """What one file gave; it travels between processes."""

    episode: int
    rows: int = 0
    findings: tuple[Finding, ...] = ()
    gists: dict[str, dict] = dataclasses.field(default_factory=dict)
    unreadable: str | None = None


def _files(dataset: Dataset) -> dict[int, pathlib.Path]:
    """The data files to ask, by episode; none of another format."""
    return {} if other_format(dataset.info) else dataset.episode_files


def _of_dataset(dataset: Dataset) -> Iterator[Finding]:
    for name, check in _with(("of_dataset",), dataset.info):
        yield from _stamped(name, check, check.of_dataset, dataset)


def _of_unreadable(dataset: Dataset, episode: int, path: pathlib.Path, why: str) -> Iterator[Finding]:
    for name, check in _with(("of_unreadable",), dataset.info):
        yield from _stamped(name, check, check.of_unreadable, dataset, episode, path, why)


@_without_warnings
def _of_file(
    numbered: tuple[int, pathlib.Path],
    *,
    features: dict[str, Feature],
    fps: float | None,
    root: pathlib.Path,
    deep: bool,
) -> _Answer:
    """Reads one data file and asks all that is asked of it alone."""
    index, path = numbered
    try:
        episode = read_episode(path, index, features, fps, root)
    except UnreadableError as e:
        return _Answer(index, unreadable=str(e))
    found: list[Finding] = []
    gists: dict[str, dict] = {}
    asked: dict[Callable[..., dict], str] = {}  # several checks may keep the same of an episode: it is asked once
    for name, check in _with(("of_episode", "gist")):
        if hasattr(check, "of_episode"):
            found += _stamped(name, check, check.of_episode, episode)
        if hasattr(check, "gist"):
            first = asked.setdefault(check.gist, name)
            if first == name or first not in gists:
                found += _gist(name, check, check.gist, gists, episode)
            else:
                gists[name] = dict(gists[first])
    if deep and episode.images:
        _ask_images(episode, found, gists)
    return _Answer(index, episode.rows, tuple(found), gists)


def _ask_images(episode: Episode, found: list[Finding], gists: dict[str, dict]) -> None:
    from tools.dataset.looks import looks_of  # the decoders are loaded only where they are asked for

    looks = looks_of(episode)
    cameras = {name: one for name, one in looks.items() if name in episode.cameras}
    for name, check in _with(("of_looks", "gist_of_looks")):
        asked = looks if getattr(check, "ALL_IMAGES", False) else cameras
        if hasattr(check, "of_looks"):
            found += _stamped(name, check, check.of_looks, episode, asked)
        if hasattr(check, "gist_of_looks"):
            found += _gist(name, check, check.gist_of_looks, gists, episode, asked)


def _with(functions: tuple[str, ...], info: dict[str, Any] | None = None) -> tuple[tuple[str, ModuleType], ...]:
    """The checks that have one of the functions; of another format only its version is asked."""
    return _having(functions, version_only=info is not None and other_format(info))


@functools.cache
def _having(functions: tuple[str, ...], *, version_only: bool) -> tuple[tuple[str, ModuleType], ...]:
    checks = check_modules().items()
    having = ((name, check) for name, check in checks if any(hasattr(check, one) for one in functions))
    return tuple((name, check) for name, check in having if not version_only or name in _VERSIONS)


def _gist(name: str, check: ModuleType, function: Callable[..., dict], gists: dict[str, dict], *what: Any) -> list:
    """Puts what a check keeps of an episode to what it has kept of it."""

    def keep(*what: Any) -> Iterator[Finding]:
        gists.setdefault(name, {}).update(function(*what))
        yield from ()

    return _stamped(name, check, keep, *what)


def _stamped(name: str, check: ModuleType, function: Callable[..., Iterable[Finding]], *what: Any) -> list[Finding]:
    """What a check yields, with its name and severity; its own failure is a finding, so that the others are heard."""
    found = []
    try:
        found += function(*what)
    except Exception as e:
        episode = next((one.index for one in what if isinstance(one, Episode)), None)
        found.append(Finding("a dataset that this check can be asked of", repr(e), _FAULT, episode=episode))
    return [dataclasses.replace(finding, check=name, severity=check.SEVERITY) for finding in found]
