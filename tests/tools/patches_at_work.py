"""Runs inside upstream's environment, on a build: does each patch do there what it is for? Prints what it found as JSON.

Run by test_rebase_check.py with a Python that has upstream's stack; imports nothing of the tests.
"""

import json
import logging
import pathlib
import sys
import types

import jax
import numpy as np

import openpi.training.config as config
import openpi.training.data_loader as data_loader
import openpi.training.weight_loaders as weight_loaders

logging.basicConfig(level=logging.ERROR)


def overlay_configs() -> bool:
    """The robots' configs are found by name, and none of upstream's is gone."""
    ours = [config.get_config(f"pi05_{robot}_lora") for robot in ("so101", "joyarm")]
    return len(ours) == 2 and config.get_config("debug").name == "debug"


def shape_skip() -> bool:
    """A projection of another size keeps its placeholder, and every other weight is loaded."""
    reference = {
        "action_in_proj": {"kernel": jax.ShapeDtypeStruct((6, 8), np.float32)},
        "other": {"kernel": jax.ShapeDtypeStruct((2, 3), np.float32)},
    }
    loaded = {"action_in_proj": {"kernel": np.ones((32, 8))}, "other": {"kernel": np.ones((2, 3))}}
    merged = weight_loaders._merge_params(loaded, reference, missing_regex="none")  # noqa: SLF001
    kept, other = merged["action_in_proj"]["kernel"], merged["other"]["kernel"]
    return isinstance(kept, jax.ShapeDtypeStruct) and kept.shape == (6, 8) and np.array_equal(other, np.ones((2, 3)))


def image_decoding() -> bool:
    """What the loader opens goes through the overlay's decoder."""
    opened, decoded = [], []
    made = types.SimpleNamespace(fps=10, tasks={}, features={})
    stand_in = types.SimpleNamespace(
        LeRobotDatasetMetadata=lambda *args, **kwargs: made,
        LeRobotDataset=lambda *args, **kwargs: opened.append(kwargs) or made,
    )
    data_loader.lerobot_dataset = stand_in
    data_loader.image_decoding = types.SimpleNamespace(decode_images=lambda data: decoded.append(data) or data)
    data = types.SimpleNamespace(
        repo_id="me/mine", prompt_from_task=False, action_sequence_keys=("action",), local_files_only=True
    )
    make = getattr(data_loader, "create_torch_dataset", None) or data_loader.create_dataset
    shape = types.SimpleNamespace(action_horizon=4, action_dim=6, max_token_len=8)
    try:
        make(data, 4, shape)
    except (TypeError, AttributeError):
        make(data, shape)  # an older one takes the model's config and no horizon
    return len(opened) == 1 and decoded == [made]


def lerobot_layout() -> bool:
    """LeRobot is found, in whichever place the installed one has it."""
    return data_loader.lerobot_dataset.LeRobotDataset.__module__.endswith("datasets.lerobot_dataset")


if __name__ == "__main__":
    checks = (overlay_configs, shape_skip, lerobot_layout, image_decoding)  # the last one replaces what it looks at
    built = pathlib.Path(config.__file__).is_relative_to(sys.argv[1])
    print(json.dumps({"from the build": built} | {check.__name__: check() for check in checks}))
