"""LeRobot's dataset classes, from whichever place the installed LeRobot has them.

Up to 0.1 they are in `lerobot.common.datasets`, which is what the revision pinned by openpi has; from 0.2 on they are
in `lerobot.datasets`.
"""

_OLD = "lerobot.common.datasets.lerobot_dataset"
_NEW = "lerobot.datasets.lerobot_dataset"


def _is_missing(module: str, error: ModuleNotFoundError) -> bool:
    """Whether it is `module` or one of its parents that was not found, not something that LeRobot itself imports."""
    return error.name is not None and f"{module}.".startswith(f"{error.name}.")


try:
    from lerobot.common.datasets.lerobot_dataset import LeRobotDataset
    from lerobot.common.datasets.lerobot_dataset import LeRobotDatasetMetadata
except ModuleNotFoundError as old_error:
    if not _is_missing(_OLD, old_error):
        raise
    try:
        from lerobot.datasets.lerobot_dataset import LeRobotDataset
        from lerobot.datasets.lerobot_dataset import LeRobotDatasetMetadata
    except ModuleNotFoundError as new_error:
        if not _is_missing(_NEW, new_error):
            raise
        raise ImportError(
            f"LeRobot: expected {_OLD} or {_NEW}, found neither ({new_error}). Install the LeRobot revision that "
            "openpi pins with `uv sync`, or any release that reads dataset format v2.1."
        ) from new_error

__all__ = ["LeRobotDataset", "LeRobotDatasetMetadata"]
