"""Says no to appending to a dataset that is not in order, or is of another robot."""

import json
import pathlib
from typing import Any

from tools.dataset.dataset import VERSION
from tools.dataset.dataset import Dataset
from tools.dataset.features import Feature
from tools.dataset.plain import just
from tools.dataset.record.append_journal import NAME as JOURNAL
from tools.dataset.robot_features import RobotFeatures
from tools.dataset.robot_features import plain_names
from tools.refusal import Refused


def refuse_disorder(dataset: Dataset, half_saved: int | None) -> None:
    """Says no to a dataset in which a new episode would land in a wrong place.

    Args:
        dataset: What is there.
        half_saved: The episode of which parts may lie there, since a process was killed while it saved it.

    Raises:
        Refused: The message says what is not in order.
    """
    why = _disorder(dataset, half_saved)
    if why:
        raise Refused(
            str(dataset.root),
            expected="a LeRobot v2.1 dataset in order, to append to",
            found=why,
            todo=f"{just('check-dataset', dataset.root)} says more; just repair-dataset mends most of it",
        )


def _disorder(dataset: Dataset, half_saved: int | None) -> str | None:
    """What would make a new episode land in a wrong place, if there is something."""
    info = dataset.info
    if dataset.info_problem:
        return f"meta/info.json: {dataset.info_problem}"
    if info.get("codebase_version") != VERSION:
        return f"codebase_version {info.get('codebase_version')!r}"
    for one in (dataset.tasks, dataset.episodes, dataset.stats):
        if one.problem or one.bad:
            return f"meta/{one.path.name}: {one.problem or f'line {one.bad[0].number}, {one.bad[0].why}'}"
    if dataset.fps is None or dataset.path_of(0) is None or type(info.get("total_frames")) is not int:
        return "meta/info.json without a right fps, data_path, chunks_size or total_frames"
    tasks = [(one.get("task_index"), one.get("task")) for one in dataset.tasks.values]
    if not all(type(index) is int and isinstance(task, str) for index, task in tasks):
        return "a line of meta/tasks.jsonl without task_index or task"
    if len({index for index, _ in tasks}) < len(tasks):
        return "two tasks of the same task_index in meta/tasks.jsonl"
    counted = info.get("total_tasks")
    if counted != len(tasks) and not (
        half_saved == info.get("total_episodes") and type(counted) is int and counted < len(tasks)
    ):
        return f"{len(tasks)} lines in meta/tasks.jsonl, total_tasks {counted} in meta/info.json"
    total = dataset.total_episodes
    if total > len(dataset.episodes.values):
        return f"{len(dataset.episodes.values)} lines in meta/episodes.jsonl, total_episodes {total} in meta/info.json"
    wanted = [set(range(total))] + ([set(range(total + 1))] if half_saved == total else [])
    for one in (dataset.episodes, dataset.stats):
        numbers = [value.get("episode_index") for value in one.values]
        if (
            len(set(map(str, numbers))) != len(numbers)
            or not all(type(n) is int for n in numbers)
            or set(numbers) not in wanted
        ):
            return f"{len(numbers)} lines in meta/{one.path.name}, total_episodes {total} in meta/info.json"
    if sorted(dataset.lengths) != sorted(one["episode_index"] for one in dataset.episodes.values):
        return "a line of meta/episodes.jsonl without a length"
    if sum(length for index, length in dataset.lengths.items() if index < total) != info["total_frames"]:
        return f"total_frames {info['total_frames']}, and other lengths in meta/episodes.jsonl"
    places = [{dataset.path_of(index) for index in numbers} for numbers in wanted]
    if set(dataset.files) not in places:
        return f"{len(dataset.files)} files in data/, not the {total} that meta/info.json tells of"
    return None


def refuse_other(dataset: Dataset, about: RobotFeatures) -> None:
    """Says no to episodes of another robot, rate or features than those that are there.

    Raises:
        Refused: The message names the first difference.
    """
    theirs, ours = dataset.features, about.features
    for name in dict.fromkeys([*ours, *theirs]):
        if name not in theirs or name not in ours or _likeness(theirs[name]) != _likeness(ours[name]):
            raise _other(dataset, f"the feature {name}", _said(theirs.get(name)), _said(ours.get(name)))
    if dataset.fps != about.fps:
        raise _other(dataset, "the rate", f"{dataset.fps} frames a second", f"{about.fps}")
    if dataset.info.get("robot_type") and about.robot and dataset.info["robot_type"] != about.robot:
        raise _other(dataset, "the robot", dataset.info["robot_type"], about.robot)


def _other(dataset: Dataset, what: str, theirs: str, ours: str) -> Refused:
    return Refused(
        f"{dataset.root}: {what}",
        expected=f"{theirs}, as in the episodes that are there",
        found=ours,
        todo="record into a folder of its own",
    )


def _likeness(feature: Feature) -> tuple[Any, ...]:
    if feature.is_image:  # its size, in whichever order the shape has it
        return (feature.dtype, feature.height_width)
    return (feature.dtype, feature.shape, plain_names(feature))


def _said(feature: Feature | None) -> str:
    return json.dumps(feature.as_info(), ensure_ascii=False) if feature else "none"


def refuse_journal(root: pathlib.Path, frames: int) -> None:
    """Says no to recording where an episode waits to be recovered."""
    raise Refused(
        str(root / JOURNAL),
        expected="no episode that was recorded and not saved",
        found=f"{frames} frames of one",
        todo=f"{just('recover-dataset', root)}, which makes an episode of them, or with --discard, which removes them",
    )
