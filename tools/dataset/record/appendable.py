"""A dataset that episodes can be appended to: what is known of it, and the refusals where it is not in order."""

from collections.abc import Iterator
import dataclasses
import itertools
import os
import pathlib
import re
from typing import Any

from tools.dataset.dataset import CHUNKS_SIZE
from tools.dataset.dataset import DATA_PATH
from tools.dataset.dataset import VERSION
from tools.dataset.dataset import data_files
from tools.dataset.dataset import path_by_template
from tools.dataset.dataset import read_dataset
from tools.dataset.jsonl import Jsonl
from tools.dataset.record.append_refusals import refuse_disorder
from tools.dataset.record.append_refusals import refuse_other
from tools.dataset.robot_features import RobotFeatures

META = ("tasks.jsonl", "episodes.jsonl", "episodes_stats.jsonl")


@dataclasses.dataclass
class Appendable:
    """A dataset between two episodes.

    Attributes:
        root: Its folder.
        about: What its episodes have in common.
        info: meta/info.json.
        tasks: Each task's index, by its text.
        lines: The other three meta files as they lie on disk, by name: what others wrote stays to the byte, and saving an
            episode does not say ten thousand others anew.
    """

    root: pathlib.Path
    about: RobotFeatures
    info: dict[str, Any]
    tasks: dict[str, int]
    lines: dict[str, bytes]

    @property
    def total(self) -> int:
        """How many episodes are saved; the number of the next."""
        return self.info["total_episodes"]

    @property
    def frames(self) -> int:
        """How many frames are saved."""
        return self.info["total_frames"]

    def path_of(self, episode: int) -> pathlib.Path:
        """Where the data of an episode lies."""
        path = path_by_template(self.root, self.info, "data_path", episode)
        assert path is not None  # asked when it was opened
        return path

    def meta(self, name: str) -> pathlib.Path:
        """A file of meta/."""
        return self.root / "meta" / name


def open_appendable(root: pathlib.Path, about: RobotFeatures, *, half_saved: int | None = None) -> Appendable:
    """Reads what an appender needs to know of a dataset, or says how a new one begins.

    Args:
        root: Its folder, which is there.
        about: What the episodes that will be appended are made of.
        half_saved: The episode of which parts may lie there, since a process was killed while it saved it.

    Raises:
        Refused: It is another robot's, has other features or another rate, or is not in order.
    """
    new = Appendable(root, about, _first_info(about), {}, dict.fromkeys(META, b""))
    there = {path.relative_to(root).parts[0] for path in _visible(root)}
    if not there:
        return new
    begun = half_saved == 0 and there <= {"data", "meta"} and not new.meta("info.json").exists()
    if begun and set(data_files(root)) <= {new.path_of(0)}:
        return new
    dataset = read_dataset(root)
    refuse_disorder(dataset, half_saved)
    refuse_other(dataset, about)
    total = dataset.total_episodes
    lines = {one.path.name: _lines(one, total) for one in (dataset.tasks, dataset.episodes, dataset.stats)}
    tasks = {one["task"]: one["task_index"] for one in dataset.tasks.values}
    about = RobotFeatures(dataset.info.get("robot_type"), dataset.fps, dataset.features)  # in the order that it has
    return Appendable(root, about, dict(dataset.info), tasks, lines)


def _visible(root: pathlib.Path) -> Iterator[pathlib.Path]:
    """What lies in a folder, but for empty folders and hidden names; the first ones are enough to know."""
    for path in root.iterdir():
        if not path.name.startswith("."):
            files = (path / one for _, _, names in os.walk(path) for one in names if not one.startswith("."))
            yield from itertools.islice(files if path.is_dir() else [path], 1)


def _first_info(about: RobotFeatures) -> dict[str, Any]:
    told = about.as_json()
    return {
        "codebase_version": VERSION,
        "robot_type": told["robot_type"],
        "total_episodes": 0,
        "total_frames": 0,
        "total_tasks": 0,
        "total_videos": 0,
        "total_chunks": 0,
        "chunks_size": CHUNKS_SIZE,
        "fps": told["fps"],
        "splits": {},
        "data_path": DATA_PATH,
        "video_path": None,
        "features": told["features"],
    }


def _lines(file: Jsonl, total: int) -> bytes:
    raw = re.split(rb"\r\n|\r|\n", file.path.read_bytes())  # numbered as read_jsonl numbers them
    wanted = (raw[number - 1] for number, one in file.objects.items() if one.get("episode_index", -1) < total)
    return b"".join(line + b"\n" for line in wanted)
