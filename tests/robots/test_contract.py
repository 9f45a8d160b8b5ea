"""Every robot's robot.toml, policy and configs say the same: two machines act on them, and nothing else compares them."""

import importlib
import pathlib
import re

import pytest

from openpi.training import overlay_configs
from tools.new_robot.facts import RobotFacts

ROOT = pathlib.Path(__file__).resolve().parents[2]
OVERLAY = ROOT / "overlay" / "src" / "openpi"
ROBOTS = sorted(path.parent.name for path in ROOT.glob("robots/*/robot.toml"))

pytestmark = pytest.mark.parametrize("name", ROBOTS)


def read_facts(name: str) -> RobotFacts:
    config = importlib.import_module(f"openpi.training.overlay_configs.{name}_config")
    return RobotFacts.read(ROOT / "robots" / name / "robot.toml", repo_id=config.REPO_ID)


def read_configs(name: str) -> dict:
    module = importlib.import_module(f"openpi.training.overlay_configs.{name}_config")
    return {config.name: config for config in module.get_configs()}


def test_every_part_of_a_robot_is_there(name):
    assert read_facts(name).name == name
    assert (ROOT / "robots" / name / "README.md").is_file()
    assert (ROOT / "tests" / "overlay" / f"test_{name}_policy.py").is_file()
    # The overlay has no robot that robots/ does not have.
    assert sorted(path.name.removesuffix("_policy.py") for path in OVERLAY.glob("policies/*_policy.py")) == ROBOTS
    assert sorted(p.name.removesuffix("_config.py") for p in OVERLAY.glob("training/*/*_config.py")) == ROBOTS


def test_policy_has_the_axes_and_cameras_of_the_robot(name):
    facts = read_facts(name)
    policy = importlib.import_module(f"openpi.policies.{name}_policy")
    assert list(policy.STATE_NAMES) == [axis.name for axis in facts.state]
    assert list(policy.ACTION_NAMES) == [axis.name for axis in facts.action]
    assert {camera.key: (camera.height, camera.width) for camera in facts.cameras} == policy.CAMERAS
    assert list(policy.CAMERAS) == [camera.key for camera in facts.cameras]
    # Which camera goes where is the robot's choice; none may be left out, and the model has no other slots. The guide's
    # scene has one place: in a wrist's slot it trains, and never grasps.
    if "scene" in policy.CAMERAS:
        assert policy.IMAGE_SLOTS["base_0_rgb"] == "scene"
    assert set(policy.IMAGE_SLOTS) == set(facts.image_slots)
    assert sorted(filter(None, policy.IMAGE_SLOTS.values())) == sorted(policy.CAMERAS)


def test_unit_comments_of_the_policy_are_true(name):
    facts = read_facts(name)
    source = (OVERLAY / "policies" / f"{name}_policy.py").read_text()
    said = set(re.findall(r'^    "(.+)",  # in (\S+)$', source, re.MULTILINE))
    assert said <= {(axis.name, axis.unit) for axis in (*facts.state, *facts.action)}


def test_configs_are_the_three_and_train_on_one_dataset(name):
    facts = read_facts(name)
    configs = read_configs(name)
    assert {f"pi05_{name}_lora", f"pi05_{name}_lora_pad32", f"debug_pi05_{name}"} <= set(configs)
    # Upstream finds them by the walk over the folder.
    assert set(configs) <= {config.name for config in overlay_configs.get_overlay_configs()}
    for config in configs.values():
        assert config.data.repo_id == facts.repo_id
        assert config.data.base_config.prompt_from_task
        assert tuple(config.data.base_config.action_sequence_keys) == ("action",)
        assert config.data.base_config.repack_transforms.inputs[0].structure == {
            "observation/state": "observation.state",
            **{f"observation/image_{c.key}": f"observation.images.{c.key}" for c in facts.cameras},
            "actions": "action",
            "prompt": "prompt",
        }


def test_metadata_is_what_the_robot_expects(name):
    facts = read_facts(name)
    for config in read_configs(name).values():
        metadata = config.policy_metadata
        assert metadata == {
            "robot": name,
            "state_names": [axis.name for axis in facts.state],
            "action_names": [axis.name for axis in facts.action],
            "cameras": [camera.key for camera in facts.cameras],
            "rate_hz": facts.rate_hz,
            "actions": facts.actions,
            "horizon": config.model.action_horizon,
        }
        # A tuple would arrive at the robot as a list.
        assert not any(isinstance(value, tuple) for value in metadata.values())


def test_sizes_and_schedule_of_the_models(name):
    facts = read_facts(name)
    configs = read_configs(name)
    assert configs[f"pi05_{name}_lora"].model.action_dim == len(facts.action)
    assert configs[f"pi05_{name}_lora_pad32"].model.action_dim == 32
    assert configs[f"debug_pi05_{name}"].model.action_dim == len(facts.action)
    for config in configs.values():
        assert config.model.pi05
        assert config.lr_schedule.decay_steps == config.num_train_steps
        # The cosine part of the schedule begins after the warmup.
        assert config.lr_schedule.warmup_steps < config.lr_schedule.decay_steps
        if "lora" in config.name:
            assert config.model.paligemma_variant.endswith("_lora")
            assert config.model.action_expert_variant.endswith("_lora")
            assert config.freeze_filter == config.model.get_freeze_filter()
            assert config.ema_decay is None
            assert config.weight_loader.params_path.endswith("/pi05_base/params")


def test_actions_become_deltas_only_where_they_are_absolute(name):
    facts = read_facts(name)
    for config in read_configs(name).values():
        group = config.data.data_transforms(config.model)
        to_model = [step.mask for step in group.inputs if type(step).__name__ == "DeltaActions"]
        to_robot = [step.mask for step in group.outputs if type(step).__name__ == "AbsoluteActions"]
        assert to_model == to_robot
        assert len(to_model) == (1 if facts.actions == "absolute" else 0)
        # Inputs first, since it copies what DeltaActions changes; Outputs last, since it cuts the state's padding off.
        assert type(group.inputs[0]).__name__ == type(group.outputs[-1]).__name__.replace("Outputs", "Inputs")
        for mask in to_model:
            assert len(mask) == len(facts.action)
            assert all(facts.state[i] == facts.action[i] for i, is_delta in enumerate(mask) if is_delta)


def test_hyperparameters_are_those_of_the_guide(name):
    config = read_configs(name)[f"pi05_{name}_lora"]
    if name not in ("so101", "joyarm"):
        pytest.skip("a robot of your own may have its own")
    assert (config.num_train_steps, config.save_interval, config.keep_period) == (15_000, 5_000, 5_000)
    assert config.batch_size == 32
    # One second of actions, as the guide's 10 at 10 Hz.
    assert config.model.action_horizon == read_facts(name).rate_hz
