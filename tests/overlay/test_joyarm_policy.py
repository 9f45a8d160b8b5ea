"""The joyarm policy: what it hands to the model, what it leaves alone, and what it refuses."""

import copy

import numpy as np
import pytest

from openpi.models import model as _model
from openpi.policies import joyarm_policy as policy

INPUTS = policy.JoyarmInputs(model_type=_model.ModelType.PI05)
OUTPUTS = policy.JoyarmOutputs()
IMAGE_KEYS = [f"observation/image_{camera}" for camera in policy.CAMERAS]


@pytest.fixture
def sample() -> dict:
    """One frame as the data loader gives it: the example, and a chunk of five actions."""
    actions = np.random.rand(5, policy.ACTION_DIM).astype(np.float32)
    return policy.make_joyarm_example() | {"actions": actions}


def test_sizes():
    assert policy.STATE_DIM == 6
    assert policy.ACTION_DIM == 6
    assert len(policy.CAMERAS) == 2


def test_the_example_becomes_what_the_model_takes():
    example = policy.make_joyarm_example()
    inputs = INPUTS(example)
    assert set(inputs) == {"state", "image", "image_mask", "prompt"}
    assert inputs["state"].dtype == np.float32
    np.testing.assert_array_equal(inputs["state"], example["observation/state"])
    assert inputs["prompt"] == example["prompt"]
    for slot, camera in policy.IMAGE_SLOTS.items():
        shown = inputs["image"][slot]
        assert shown.dtype == np.uint8
        assert bool(inputs["image_mask"][slot]) == (camera is not None)
        expected = np.zeros_like(shown) if camera is None else example[f"observation/image_{camera}"]
        np.testing.assert_array_equal(shown, expected)


def test_each_camera_has_one_slot():
    shown = [camera for camera in policy.IMAGE_SLOTS.values() if camera is not None]
    assert sorted(shown) == sorted(policy.CAMERAS)


@pytest.mark.parametrize("key", IMAGE_KEYS)
def test_channel_first_is_the_same_image_without_a_copy(sample, key):
    last = sample[key]
    first = np.moveaxis(last, -1, 0)
    shown = {id(image): image for image in INPUTS(sample | {key: first})["image"].values()}.values()
    same = [image for image in shown if np.shares_memory(image, last)]
    assert len(same) == 1
    np.testing.assert_array_equal(same[0], last)


@pytest.mark.parametrize("key", IMAGE_KEYS)
def test_float_is_the_same_image(sample, key):
    in_float = (np.moveaxis(sample[key], -1, 0) / 255).astype(np.float32)
    converted = INPUTS(sample | {key: in_float})
    for slot, image in INPUTS(sample)["image"].items():
        np.testing.assert_array_equal(converted["image"][slot], image)


@pytest.mark.parametrize("key", IMAGE_KEYS)
@pytest.mark.parametrize("value", [None, "absent"])
def test_an_absent_camera_is_black_and_masked(sample, key, value):
    sample[key] = None
    if value == "absent":
        del sample[key]
    inputs = INPUTS(sample)
    for slot, camera in policy.IMAGE_SLOTS.items():
        there = camera is not None and f"observation/image_{camera}" != key
        assert bool(inputs["image_mask"][slot]) == there
        assert there or not inputs["image"][slot].any()


def test_fast_sees_blank_images(sample):
    inputs = policy.JoyarmInputs(model_type=_model.ModelType.PI0_FAST)(sample)
    assert all(inputs["image_mask"].values())


def test_the_input_is_left_alone(sample):
    before = copy.deepcopy(sample)
    inputs = INPUTS(sample)
    # What DeltaActions does to its input.
    inputs["actions"] -= 1
    inputs["state"] -= 1
    assert list(sample) == list(before)
    for key, value in before.items():
        np.testing.assert_array_equal(sample[key], value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("observation/state", None),
        ("observation/state", "home"),
        ("observation/state", np.zeros(policy.STATE_DIM + 1)),
        ("observation/state", np.zeros((1, policy.STATE_DIM))),
        ("observation/state", np.full(policy.STATE_DIM, np.nan)),
        ("observation/state", np.zeros(policy.STATE_DIM, dtype=bool)),
        ("actions", np.zeros(policy.ACTION_DIM)),
        ("actions", np.zeros((5, policy.ACTION_DIM + 1))),
        ("actions", np.full((5, policy.ACTION_DIM), np.inf)),
        (IMAGE_KEYS[0], np.zeros((48, 64, 4), dtype=np.uint8)),
        (IMAGE_KEYS[0], np.zeros((48, 64), dtype=np.uint8)),
        (IMAGE_KEYS[0], np.zeros((3, 64, 3), dtype=np.uint8)),
        (IMAGE_KEYS[0], np.zeros((48, 64, 3), dtype=np.int64)),
        (IMAGE_KEYS[0], np.full((48, 64, 3), 255.0)),
        (IMAGE_KEYS[0], np.full((48, 64, 3), -0.5)),
        (IMAGE_KEYS[0], np.full((48, 64, 3), np.nan)),
        ("observation/image_misspelt", np.zeros((48, 64, 3), dtype=np.uint8)),
    ],
)
def test_a_wrong_input_is_refused_by_its_key(sample, key, value):
    with pytest.raises(ValueError, match=f"joyarm policy, '{key}': expected .*, found "):
        INPUTS(sample | {key: value})


def test_a_missing_state_is_refused(sample):
    del sample["observation/state"]
    with pytest.raises(ValueError, match=r"'observation/state': expected .*, found nothing"):
        INPUTS(sample)


def test_no_camera_at_all_is_refused(sample):
    for key in IMAGE_KEYS:
        del sample[key]
    with pytest.raises(ValueError, match=f"'{IMAGE_KEYS[0]}': expected .*, found nothing"):
        INPUTS(sample)


@pytest.mark.parametrize("dim", [policy.ACTION_DIM, 32])
def test_outputs_are_the_actions_of_the_robot(dim):
    actions = np.random.rand(2, 5, dim)
    outputs = OUTPUTS({"actions": actions, "state": np.zeros(dim)})
    assert list(outputs) == ["actions"]
    np.testing.assert_array_equal(outputs["actions"], actions[:, :, : policy.ACTION_DIM])


@pytest.mark.parametrize("data", [{}, {"actions": np.zeros((5, policy.ACTION_DIM - 1))}])
def test_too_few_actions_are_refused(data):
    with pytest.raises(ValueError, match=r"'actions': expected .*, found "):
        OUTPUTS(data)
