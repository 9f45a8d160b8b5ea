"""Reads a LeRobot v2.0 or v2.1 dataset as something to convert: a file an episode, and a video file a camera besides."""

import dataclasses

from tools.dataset.convert.plan import Clip
from tools.dataset.convert.plan import Plan
from tools.dataset.convert.plan import Source
from tools.dataset.convert.plan import info_v21
from tools.dataset.dataset import Dataset
from tools.dataset.jsonl import Jsonl
from tools.dataset.plain import just
from tools.refusal import Refused

VERSIONS = ("v2.0", "v2.1")


def read_v2x(dataset: Dataset, *, to_images: bool) -> Plan:
    """Reads the meta files; no data file is opened.

    Args:
        dataset: Of one of `VERSIONS`, with well-formed `features`, `fps` and `chunks_size`.
        to_images: Its videos become images.

    Raises:
        Refused: A file is missing or cannot be read, or two of them contradict each other.
    """
    version = dataset.info["codebase_version"]
    videos = tuple(feature.name for feature in dataset.features.values() if feature.is_video)
    decoded = videos if to_images else ()
    tasks = _tasks(dataset)
    lengths = _lengths(dataset)
    there = set(dataset.files)
    episodes, first = [], 0
    for index, rows in sorted(lengths.items()):
        path = dataset.path_of(index)
        if path is None or path not in there:
            raise _wrong(
                dataset,
                dataset.name_of(path) if path else "data",
                f"the {rows} rows of episode {index}",
                "no such file",
            )
        clips = {camera: _clip(dataset, index, camera) for camera in videos}
        episodes.append(Source(index, rows, first, path, 0, clips, alone=True))
        first += rows
    after = {
        name: dataclasses.replace(one, dtype="image" if name in decoded else one.dtype)
        for name, one in dataset.features.items()
    }
    info = info_v21(dataset.info, after.values(), episodes, tasks)
    left = ("meta/stats.json: v2.1 has an episode's own statistics",) if version == "v2.0" else ()
    task_lines = {line["task_index"]: line for line in dataset.tasks.values}
    episode_lines = {line["episode_index"]: line for line in dataset.episodes.values}
    return Plan(dataset.root, version, info, after, decoded, tasks, tuple(episodes), left, task_lines, episode_lines)


def _tasks(dataset: Dataset) -> dict[int, str]:
    lines = _whole(dataset, dataset.tasks)
    pairs = [(line.get("task_index"), line.get("task")) for line in lines]
    whole = all(type(index) is int and isinstance(text, str) for index, text in pairs)
    if not whole or len(dict(pairs)) < len(pairs):
        raise _wrong(dataset, "meta/tasks.jsonl", "each task_index once, with its task", str(lines)[:200])
    return dict(pairs)


def _lengths(dataset: Dataset) -> dict[int, int]:
    lines = _whole(dataset, dataset.episodes)
    lengths = dataset.lengths
    if len(lines) != dataset.total_episodes or sorted(lengths) != list(range(dataset.total_episodes)) or not lengths:
        expected = (
            f"a line for each of the {dataset.total_episodes} episodes that meta/info.json counts, with its length"
        )
        raise _wrong(dataset, "meta/episodes.jsonl", expected, f"{len(lines)} lines, {len(lengths)} episodes")
    return lengths


def _clip(dataset: Dataset, index: int, camera: str) -> Clip:
    path = dataset.video_path_of(index, camera)
    if path is None or not path.is_file():
        where = dataset.name_of(path) if path else "meta/info.json, video_path"
        raise _wrong(dataset, where, f"the video of {camera} in episode {index}", "no such file" if path else "none")
    return Clip(path)


def _whole(dataset: Dataset, file: Jsonl) -> list[dict]:
    if file.problem or file.bad:
        found = file.problem or f"line {file.bad[0].number}: {file.bad[0].why}"
        raise _wrong(dataset, dataset.name_of(file.path), "a JSON object a line", found)
    return file.values


def _wrong(dataset: Dataset, where: str, expected: str, found: str) -> Refused:
    todo = f"fetch or copy the dataset again, whole, or mend it first: {just('repair-dataset', dataset.root)}"
    return Refused(f"{dataset.root}: {where}", expected=expected, found=found, todo=todo)
