"""Asks of one data file all that is asked of it alone: its columns and, where they are decoded, its images."""

from collections.abc import Callable
import dataclasses
import pathlib

import numpy as np

from tools.dataset.ask_checks import asked_for
from tools.dataset.ask_checks import keep_gist
from tools.dataset.ask_checks import stamped
from tools.dataset.episode import Episode
from tools.dataset.episode import UnreadableError
from tools.dataset.episode import read_episode
from tools.dataset.features import Feature
from tools.dataset.finding import Finding

# Numbers that are infinite, or become so, are told by checks and not by lines of numpy's on the terminal.
without_warnings = np.errstate(over="ignore", invalid="ignore")


@dataclasses.dataclass(frozen=True)
class Answer:
    """What one file gave; it travels between processes."""

    episode: int
    rows: int = 0
    findings: tuple[Finding, ...] = ()
    gists: dict[str, dict] = dataclasses.field(default_factory=dict)
    unreadable: str | None = None


@without_warnings
def of_file(
    numbered: tuple[int, pathlib.Path],
    *,
    features: dict[str, Feature],
    fps: float | None,
    root: pathlib.Path,
    deep: bool,
) -> Answer:
    """Reads one data file and asks all that is asked of it alone."""
    index, path = numbered
    try:
        episode = read_episode(path, index, features, fps, root)
    except UnreadableError as e:
        return Answer(index, unreadable=str(e))
    found: list[Finding] = []
    gists: dict[str, dict] = {}
    asked: dict[Callable[..., dict], str] = {}  # several checks may keep the same of an episode: it is asked once
    for name, check in asked_for(("of_episode", "gist")):
        if hasattr(check, "of_episode"):
            found += stamped(name, check, check.of_episode, episode)
        if hasattr(check, "gist"):
            first = asked.setdefault(check.gist, name)
            if first == name or first not in gists:
                found += keep_gist(name, check, check.gist, gists, episode)
            else:
                gists[name] = dict(gists[first])
    if deep and episode.images:
        _ask_images(episode, found, gists)
    return Answer(index, episode.rows, tuple(found), gists)


def _ask_images(episode: Episode, found: list[Finding], gists: dict[str, dict]) -> None:
    from tools.dataset.looks import looks_of  # the decoders are loaded only where they are asked for

    looks = looks_of(episode)
    cameras = {name: one for name, one in looks.items() if name in episode.cameras}
    for name, check in asked_for(("of_looks", "gist_of_looks")):
        asked = looks if getattr(check, "ALL_IMAGES", False) else cameras
        if hasattr(check, "of_looks"):
            found += stamped(name, check, check.of_looks, episode, asked)
        if hasattr(check, "gist_of_looks"):
            found += keep_gist(name, check, check.gist_of_looks, gists, episode, asked)
