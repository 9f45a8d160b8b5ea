"""The first frame of a dataset, taken through what the data loader will take every frame through."""

import pathlib
from typing import Any

from openpi.training.preflight.dataset import lerobot_home
from openpi.training.preflight.not_ready import NotReady
from openpi.training.preflight.not_ready import first_line


def check_first_frame(config: Any, *, normalize: bool) -> None:
    """Checks that LeRobot opens the dataset and that the transforms of a config take its first frame.

    What another robot recorded has other columns or widths, and every frame of it fails in a worker of the data loader,
    under its traceback. Only the first episode is opened, and LeRobot keeps its copy of that one in its cache. A dataset
    of which that episode is not on this machine, or has no stats, is left to the script.

    Args:
        config: The `TrainConfig`; its dataset's metadata is on this machine.
        normalize: Whether the script then takes it through the norm stats, as training does.
    """
    data_config = config.data.create(config.assets_dirs, config.model)
    check = f"just check-dataset {lerobot_home() / data_config.repo_id}"
    try:
        frame = _read(data_config, config.model.action_horizon)
    except Exception as e:
        raise NotReady(
            f"the dataset {data_config.repo_id}",
            expected="one that LeRobot opens, and whose first frame it reads",
            found=first_line(e),
            todo=f"{check} says what is wrong with it",
        ) from e
    if frame is None:
        return
    columns = ", ".join(sorted(key for key in frame if not key.endswith("_is_pad")))
    for transform in [*data_config.repack_transforms.inputs, *data_config.data_transforms.inputs]:
        try:
            frame = transform(frame)
        except Exception as e:
            raise NotReady(
                f"the first frame of the dataset {data_config.repo_id}",
                expected=f"one that {type(transform).__name__} of {config.name} takes",
                found=f"{first_line(e)} (it has {columns})",
                todo=f"name a config of the robot that recorded it, or mend the dataset: {check}",
            ) from e
    if not normalize:
        return
    from openpi import transforms as _transforms

    try:
        _transforms.Normalize(data_config.norm_stats, use_quantiles=data_config.use_quantile_norm)(frame)
    except Exception as e:
        raise NotReady(
            f"the norm stats of {config.name}",
            expected=f"those of the dataset {data_config.repo_id}",
            found=f"others, which do not fit its first frame ({first_line(e)})",
            todo=f"compute them: just py scripts/compute_norm_stats.py --config-name {config.name}",
        ) from e


def _read(data_config: Any, action_horizon: int) -> dict | None:
    """The first frame as `create_torch_dataset` gives it; None where it cannot be had alone, or not on this machine."""
    from openpi import transforms as _transforms
    from openpi.training import image_decoding
    from openpi.training import lerobot_dataset

    meta = lerobot_dataset.LeRobotDatasetMetadata(data_config.repo_id)
    files = [meta.get_data_file_path(0), *(meta.get_video_file_path(0, key) for key in meta.video_keys)]
    # Of one episode alone LeRobot wants its stats, of all together it does not.
    if 0 not in meta.episodes_stats or not all((pathlib.Path(meta.root) / file).is_file() for file in files):
        return None
    steps = [step / meta.fps for step in range(action_horizon)]
    dataset = lerobot_dataset.LeRobotDataset(
        data_config.repo_id,
        episodes=[0],
        delta_timestamps=dict.fromkeys(data_config.action_sequence_keys, steps),
    )
    frame = image_decoding.decode_images(dataset)[0]
    return _transforms.PromptFromLeRobotTask(meta.tasks)(frame) if data_config.prompt_from_task else frame
