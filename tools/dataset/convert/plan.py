"""What a conversion is going to do: which rows and which stretch of which video become which episode."""

from collections.abc import Iterable, Mapping, Sequence
import dataclasses
import pathlib
from typing import Any

from tools.dataset.dataset import DATA_PATH
from tools.dataset.dataset import VERSION
from tools.dataset.dataset import VIDEO_PATH
from tools.dataset.features import Feature

# What only LeRobot v3.0 has in its info.json.
_ONLY_V30 = ("data_files_size_in_mb", "video_files_size_in_mb")


@dataclasses.dataclass(frozen=True)
class Clip:
    """A stretch of a video file.

    Attributes:
        path: The file.
        begin_s: Where in it the stretch begins.
        end_s: Where it ends and another episode may begin; None where the file is the stretch.
    """

    path: pathlib.Path
    begin_s: float = 0.0
    end_s: float | None = None


@dataclasses.dataclass(frozen=True)
class Source:
    """Where one episode is now.

    Attributes:
        index: Its number.
        rows: How many frames it has.
        first_index: Its first frame's number in the whole dataset.
        path: The parquet file that holds its rows.
        first_row: Where in that file they begin.
        clips: Its videos, by camera.
        alone: No other episode has rows in that file.
    """

    index: int
    rows: int
    first_index: int
    path: pathlib.Path
    first_row: int = 0
    clips: dict[str, Clip] = dataclasses.field(default_factory=dict)
    alone: bool = False


@dataclasses.dataclass(frozen=True)
class Plan:
    """A dataset that can be converted.

    Attributes:
        root: Its folder.
        version: Of its format.
        info: meta/info.json as it will be.
        features: The same, as they will be.
        decoded: The cameras whose videos become images.
        tasks: By `task_index`.
        episodes: In order, without gaps.
        task_lines: What a line of meta/tasks.jsonl says, by `task_index`; what is not of the format stays.
        episode_lines: The same of meta/episodes.jsonl, by number.
        left_behind: What the new format has no place for, in words.
    """

    root: pathlib.Path
    version: str
    info: dict[str, Any]
    features: dict[str, Feature]
    decoded: tuple[str, ...]
    tasks: dict[int, str]
    episodes: tuple[Source, ...]
    left_behind: tuple[str, ...] = ()
    task_lines: dict[int, dict[str, Any]] = dataclasses.field(default_factory=dict)
    episode_lines: dict[int, dict[str, Any]] = dataclasses.field(default_factory=dict)

    @property
    def frames(self) -> int:
        """Of all episodes."""
        return sum(episode.rows for episode in self.episodes)


def info_v21(
    info: dict[str, Any], features: Iterable[Feature], episodes: Sequence[Source], tasks: Mapping[int, str]
) -> dict[str, Any]:
    """The info.json of a v2.1 dataset, made of an older or newer one's; what it says beyond the format stays.

    Args:
        info: As it is.
        features: As they will be.
        episodes: All of them.
        tasks: By `task_index`.
    """
    features = list(features)
    kept = {name: value for name, value in info.items() if name not in _ONLY_V30}
    size = info["chunks_size"]
    videos = sum(feature.is_video for feature in features)
    return kept | {
        "codebase_version": VERSION,
        "total_episodes": len(episodes),
        "total_frames": sum(episode.rows for episode in episodes),
        "total_tasks": len(tasks),
        "total_videos": videos * len(episodes),
        "total_chunks": -(-len(episodes) // size),
        "splits": {"train": f"0:{len(episodes)}"},
        "data_path": DATA_PATH,
        "video_path": VIDEO_PATH if videos else None,
        # A video that stays one keeps what is told of its codec.
        "features": {one.name: info["features"][one.name] if one.is_video else one.as_info() for one in features},
    }
