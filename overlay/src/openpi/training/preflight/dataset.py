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
        frames = int(json.loads(info.read_text())["total_frames"])
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


def _rlds(config: Any) -> bool:
    return getattr(config.data, "rlds_data_dir", None) is not None


def lerobot_home() -> pathlib.Path:
    """LeRobot's folder of datasets."""
    from openpi.training import lerobot_dataset

    # Both layouts of LeRobot have it in the module of the dataset classes.
    return pathlib.Path(sys.modules[lerobot_dataset.LeRobotDatasetMetadata.__module__].HF_LEROBOT_HOME)


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
