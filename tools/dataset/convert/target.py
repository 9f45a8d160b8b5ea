"""What all episodes of a conversion go into, and what is told of each that was written."""

import dataclasses
import pathlib
from typing import Any

from tools.dataset.dataset import path_by_template
from tools.dataset.features import Feature


@dataclasses.dataclass(frozen=True)
class Target:
    """What all episodes of a conversion have in common.

    Attributes:
        folder: The new dataset's.
        info: Its meta/info.json.
        features: The same.
        decoded: The cameras whose videos become images.
        tasks: Every `task_index` that there is.
        quality: Of the JPEG.
    """

    folder: pathlib.Path
    info: dict[str, Any]
    features: dict[str, Feature]
    decoded: tuple[str, ...]
    tasks: frozenset[int]
    quality: int


@dataclasses.dataclass(frozen=True)
class Converted:
    """What the meta files say of an episode that was written.

    Attributes:
        index: Its number.
        rows: How many frames.
        tasks: Each `task_index` in it, in the order in which they come.
        stats: Its statistics.
    """

    index: int
    rows: int
    tasks: tuple[int, ...]
    stats: dict[str, Any]


def places(episode: int, target: Target) -> list[pathlib.Path]:
    """Where an episode's files go: the data first."""
    videos = [feature.name for feature in target.features.values() if feature.is_video]
    return [
        path_by_template(target.folder, target.info, "data_path", episode),
        *(path_by_template(target.folder, target.info, "video_path", episode, video_key=name) for name in videos),
    ]
