"""A dataset as it lies on disk, right or wrong: what its meta files say and which data files there are."""

from collections.abc import Iterator
import dataclasses
import functools
import json
import os
import pathlib
import re
from typing import Any

from tools.dataset.drafts.in_place import settle
from tools.dataset.features import Feature
from tools.dataset.features import features_of
from tools.dataset.jsonl import Jsonl
from tools.dataset.jsonl import read_jsonl
from tools.dataset.plain import just
from tools.dataset.record.append_journal import NAME as RECORDING
from tools.refusal import Refused

VERSION = "v2.1"
# What `datasets` passes over where it looks for data files, besides hidden names.
_PASSED_OVER = (
    "README.md", "config.json", "dataset_info.json", "dataset_infos.json", "dummy_data.zip", "dataset_dict.json",
)  # fmt: skip
# A number padded to tens of thousands of digits: no disk has such names, and millions of digits take minutes.
_WIDE = re.compile(r"\{[^{}]*[:.][^{}]*\d{5}")
# What some editors put before the first letter of a file.
_MARK = "\ufeff"
DATA_PATH = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
VIDEO_PATH = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
CHUNKS_SIZE = 1000


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A LeRobot v2.1 dataset, or what claims to be one.

    Attributes:
        root: Its folder.
        info: What meta/info.json holds, {} where it could not be read.
        info_problem: Why LeRobot cannot read it, else None; with a byte order mark we can.
        tasks: meta/tasks.jsonl.
        episodes: meta/episodes.jsonl.
        stats: meta/episodes_stats.jsonl.
    """

    root: pathlib.Path
    info: dict[str, Any]
    info_problem: str | None
    tasks: Jsonl
    episodes: Jsonl
    stats: Jsonl

    @property
    def info_is_known(self) -> bool:
        """Whether `info` is what meta/info.json says."""
        return self.info_problem is None or bool(self.info)

    @functools.cached_property
    def features(self) -> dict[str, Feature]:
        """The well-formed features of info.json, by name."""
        return features_of(self.info)

    @functools.cached_property
    def files(self) -> tuple[pathlib.Path, ...]:
        """Everything that LeRobot would read as data, in its order: all files below data/ that are not hidden."""
        return tuple(data_files(self.root))

    @functools.cached_property
    def lengths(self) -> dict[int, int]:
        """What episodes.jsonl says of each episode's length, where it says so in whole numbers."""
        pairs = ((one.get("episode_index"), one.get("length")) for one in self.episodes.values)
        return {index: length for index, length in pairs if type(index) is int and type(length) is int}

    @property
    def total_episodes(self) -> int:
        """As info.json has it; 0 where it has none."""
        total = self.info.get("total_episodes")
        return total if type(total) is int and total > 0 else 0

    @property
    def fps(self) -> float | None:
        """Frames a second; None where info.json has none above zero (and below a million: 1 / fps is a number)."""
        fps = self.info.get("fps")
        return fps if isinstance(fps, int | float) and not isinstance(fps, bool) and 0 < fps < 1e6 else None

    def path_of(self, episode: int) -> pathlib.Path | None:
        """Where the data of an episode should lie; None where info.json does not say."""
        return path_by_template(self.root, self.info, "data_path", episode)

    def video_path_of(self, episode: int, camera: str) -> pathlib.Path | None:
        """Where the video of an episode should lie; None where info.json does not say."""
        return path_by_template(self.root, self.info, "video_path", episode, video_key=camera)

    @functools.cached_property
    def episode_files(self) -> dict[int, pathlib.Path]:
        """The data files that lie where info.json says, by episode, in its order.

        Where it does not say (an unknown word in its template), those whose names end in a number.
        """
        if self.path_of(0) is None:
            numbers = ((re.findall(r"\d+", path.stem)[-1:], path) for path in self.files if path.suffix == ".parquet")
            return dict(sorted((int(found[0]), path) for found, path in numbers if found and len(found[0]) < 10))
        there = set(self.files)
        # Not all numbers below total_episodes, which may be anything: those that a file's name holds.
        numbers = {int(one) for path in self.files for one in re.findall(r"\d{1,9}", self.name_of(path))}
        paths = ((index, self.path_of(index)) for index in sorted(numbers))
        return {index: path for index, path in paths if path in there}

    def name_of(self, path: pathlib.Path) -> str:
        """A path within the dataset, as findings name it."""
        return path.as_posix().removeprefix(f"{self.root.as_posix()}/")


def read_dataset(root: pathlib.Path) -> Dataset:
    """Reads what a dataset says of itself; no data file is opened.

    A change in place that was interrupted is finished first.

    Args:
        root: The folder that holds `meta` and `data`.

    Raises:
        Refused: It is not a folder, or has neither.
    """
    root = pathlib.Path(os.path.abspath(root.expanduser()))
    settle(root)
    if not root.is_dir() or not ((root / "meta").is_dir() or (root / "data").is_dir()):
        raise Refused(
            str(root),
            expected="a dataset: a folder that holds meta/ and data/",
            found=_what_is_at(root),
            todo=_what_to_do(root),
        )
    info, problem = _read_info(root / "meta" / "info.json")
    meta = (read_jsonl(root / "meta" / f"{name}.jsonl") for name in ("tasks", "episodes", "episodes_stats"))
    return Dataset(root, info, problem, *meta)


def path_by_template(
    root: pathlib.Path, info: dict[str, Any], key: str, episode: int, **more: str
) -> pathlib.Path | None:
    """Fills one of the two path templates of an info.json; None where that cannot be done."""
    template, size = info.get(key), info.get("chunks_size")
    if not isinstance(template, str) or type(size) is not int or size <= 0 or _WIDE.search(template):
        return None
    try:
        return root / template.format(episode_chunk=episode // size, episode_index=episode, **more)
    except (KeyError, ValueError, IndexError, AttributeError, TypeError, OverflowError, MemoryError):
        return None


def _read_info(path: pathlib.Path) -> tuple[dict[str, Any], str | None]:
    try:
        text = path.read_bytes().decode("utf-8")
        info = json.loads(text.removeprefix(_MARK))
    except FileNotFoundError:
        return {}, "missing"
    except OSError as e:
        return {}, e.strerror or str(e)
    except (ValueError, RecursionError) as e:
        return {}, f"not JSON: {e}"
    if not isinstance(info, dict):
        return {}, f"not an object: {type(info).__name__}"
    return info, "a byte order mark before it, which LeRobot refuses" if text.startswith(_MARK) else None


def data_files(root: pathlib.Path) -> list[pathlib.Path]:
    """Everything below a dataset's data/ that LeRobot would read as data, in its order."""
    return sorted(_visible_files(root / "data"))


def _visible_files(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        yield from (
            pathlib.Path(at, name) for name in names if not name.startswith((".", "__")) and name not in _PASSED_OVER
        )


def _what_is_at(root: pathlib.Path) -> str:
    if not root.exists():
        return "no such folder"
    if (root / RECORDING).is_file():
        return "a recording of which no episode was saved"
    return "a folder without them" if root.is_dir() else "a file"


def _what_to_do(root: pathlib.Path) -> str:
    if (root / RECORDING).is_file():
        return f"make an episode of what was recorded there: {just('recover-dataset', root)}"
    above = next((one for one in root.parents if (one / "meta" / "info.json").is_file()), None)
    if above is not None:
        return f"name the dataset's own folder: {above}"
    return "name the dataset's own folder; on a machine that fetched it, below $HF_LEROBOT_HOME"
