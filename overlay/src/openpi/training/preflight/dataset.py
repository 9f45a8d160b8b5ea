"""The dataset that a config trains on: whether it is on this machine or the hub, and holds enough frames."""

import json
import pathlib
import sys
from typing import Any

from openpi.training.preflight.not_ready import NotReady
from openpi.training.preflight.not_ready import first_line

# Repo ids that no dataset is fetched for.
NO_DATASET = (None, "fake")


def has_dataset(config: Any) -> bool:
    """Whether a config trains on a LeRobot dataset, and not on random numbers or on RLDS."""
    return isinstance(config.data.repo_id, str | None) and config.data.repo_id not in NO_DATASET and not _rlds(config)


def check_dataset(config: Any, home: pathlib.Path | None = None) -> None:
    """Checks that the dataset of a config is there and holds at least one batch.

    Args:
        config: The `TrainConfig`; it has a dataset.
        home: LeRobot's folder of datasets; the one that LeRobot itself uses where it is not given.
    """
    repo_id = config.data.repo_id
    root = (home or lerobot_home()) / repo_id
    info = root / "meta" / "info.json"
    if not info.exists():
        _ask_the_hub(repo_id, root)
    try:
        says = json.loads(info.read_text())
        frames = int(says["total_frames"])
    except (ValueError, KeyError, TypeError) as e:
        raise NotReady(
            f"the dataset {repo_id}",
            expected=f"{info} with total_frames",
            found=f"{type(e).__name__}: {e}",
            todo=f"just check-dataset {root} says what is wrong with it",
        ) from e
    if frames == 0:
        raise NotReady(
            f"the dataset {repo_id}",
            expected="episodes",
            found=f"none, says {info}",
            todo="record some, then try again",
        )
    if frames < config.batch_size:
        raise NotReady(
            f"the dataset {repo_id}",
            expected=f"at least one batch of {config.batch_size} frames (batch_size of {config.name})",
            found=f"{frames} frames, says {info}",
            todo=f"record more; scripts/train.py also takes a smaller batch: --batch-size {frames}",
        )
    _check_episodes(repo_id, root, says)


def _check_episodes(repo_id: str, root: pathlib.Path, info: dict[str, Any]) -> None:
    """Checks that no episode's file was cut off, and that LeRobot can fetch those that are not on this machine.

    Args:
        repo_id: The dataset's name.
        root: Its folder.
        info: What its info.json says; where that names no files, opening the dataset tells why.
    """
    try:
        chunk, template = info["chunks_size"], info["data_path"]
        names = [template.format(episode_chunk=i // chunk, episode_index=i) for i in range(info["total_episodes"])]
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError):
        return
    absent = [name for name in names if not (root / name).is_file()]
    if absent:
        _ask_for_episodes(repo_id, root, absent)
        return  # then LeRobot fetches anew what differs from the hub's, too
    for name in names:
        if not _is_whole(root / name):
            raise NotReady(
                f"the dataset {repo_id}",
                expected=f"{root / name} to end as a parquet file does",
                found="something else: it was cut off, or is a pointer of Git LFS in place of the file",
                todo="copy or download the file again",
            )


def _is_whole(parquet: pathlib.Path) -> bool:
    with parquet.open("rb") as file:
        file.seek(max(0, parquet.stat().st_size - 4))
        return file.read() == b"PAR1"


def _ask_for_episodes(repo_id: str, root: pathlib.Path, absent: list[str]) -> None:
    """Asks the hub for the dataset's version, as LeRobot does before it fetches episodes."""
    lerobot = _lerobot_module()
    if not hasattr(lerobot, "get_safe_version"):
        return
    try:
        lerobot.get_safe_version(repo_id, lerobot.CODEBASE_VERSION)
    except Exception as e:
        raise NotReady(
            f"the dataset {repo_id}",
            expected=f"every episode that info.json counts in {root}, or the dataset on the hub",
            found=f"no {absent[0]}{f' and {len(absent) - 1} more' * (len(absent) > 1)} ({first_line(e)})",
            todo="copy the whole dataset there; or, if they were deleted on purpose, just edit-dataset makes one without",
        ) from e


def _rlds(config: Any) -> bool:
    return getattr(config.data, "rlds_data_dir", None) is not None


def lerobot_home() -> pathlib.Path:
    """LeRobot's folder of datasets."""
    return pathlib.Path(_lerobot_module().HF_LEROBOT_HOME)


def _lerobot_module() -> Any:
    """The module of LeRobot's dataset classes, in which both of its layouts have what is asked for here."""
    from openpi.training import lerobot_dataset

    return sys.modules[lerobot_dataset.LeRobotDatasetMetadata.__module__]


def _ask_the_hub(repo_id: str, root: pathlib.Path) -> None:
    """Lets LeRobot fetch the dataset's metadata, as the script would; its error becomes the message."""
    from openpi.training import lerobot_dataset

    before = [path for path in (root.parent, root, root / "meta") if not path.exists()]
    try:
        lerobot_dataset.LeRobotDatasetMetadata(repo_id)
    except Exception as e:
        for path in reversed(before):  # LeRobot makes the folders before it asks
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        raise NotReady(
            f"the dataset {repo_id}",
            expected=f"a folder {root}, or a dataset of that name on the hub",
            found=f"neither ({first_line(e)})",
            todo="move or link your dataset to that folder, or upload it; or mend REPO_ID in the robot's config, "
            "HF_LEROBOT_HOME, HF_HUB_OFFLINE or your login",
        ) from e
