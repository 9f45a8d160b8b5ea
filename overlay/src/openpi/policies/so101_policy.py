"""Inputs and outputs of the so101 policy: how its data becomes what the model takes, and back."""

import dataclasses

import numpy as np

from openpi import transforms
from openpi.models import model as _model

# What observation/state holds, in this order.
STATE_NAMES = (
    "shoulder_pan",  # in deg
    "shoulder_lift",  # in deg
    "elbow_flex",  # in deg
    "wrist_flex",  # in deg
    "wrist_roll",  # in deg
    "gripper",  # in percent
)
STATE_DIM = len(STATE_NAMES)

# What an action holds: absolute values of the same axes in the same units.
ACTION_NAMES = STATE_NAMES
ACTION_DIM = len(ACTION_NAMES)

# Cameras as recorded: (height, width) in pixels. Other sizes are fine too, the model resizes.
CAMERAS = {
    "scene": (480, 640),
    "wrist": (480, 640),
}
# The three images of the model and the camera that each one shows; None is an image that this robot does not have.
IMAGE_SLOTS = {
    "base_0_rgb": "scene",
    "left_wrist_0_rgb": "wrist",
    "right_wrist_0_rgb": None,
}


def make_so101_example() -> dict:
    """Creates a random input for the so101 policy, as the robot would send it."""
    images = {
        f"observation/image_{camera}": np.random.randint(256, size=(*size, 3), dtype=np.uint8)
        for camera, size in CAMERAS.items()
    }
    return {"observation/state": np.random.rand(STATE_DIM).astype(np.float32), **images, "prompt": "do something"}


@dataclasses.dataclass(frozen=True)
class So101Inputs(transforms.DataTransformFn):
    """Converts one sample to the form that the model takes, for training and for inference.

    Takes:
        observation/state: number[STATE_DIM], see STATE_NAMES for order and units.
        observation/image_<camera>: RGB, (H, W, 3) or (3, H, W), uint8 or float in [0, 1]; one for each of CAMERAS.
            A camera that is absent or None is shown to the model as a masked black image; one must be there.
        actions: number[horizon, ACTION_DIM], see ACTION_NAMES; in training only.
        prompt: The task in words; handed on as it is.

    Returns:
        state float32[STATE_DIM], image uint8[H, W, 3] and image_mask bool for each of IMAGE_SLOTS, actions
        float32[horizon, ACTION_DIM] in memory of their own, and the prompt.

    Raises:
        ValueError: An input is missing, unknown, not finite, or of another shape or type.
    """

    # Determines which model will be used.
    model_type: _model.ModelType

    def __call__(self, data: dict) -> dict:
        images = _parse_images(data)
        blank = np.zeros_like(next(iter(images.values())))
        # pi0-FAST was trained with blank images that it can see, the other models with masked ones.
        blank_mask = np.bool_(self.model_type == _model.ModelType.PI0_FAST)

        inputs = {
            "state": _parse_numbers(data, "observation/state", (STATE_DIM,)),
            "image": {slot: images.get(camera, blank) for slot, camera in IMAGE_SLOTS.items()},
            "image_mask": {slot: np.True_ if camera in images else blank_mask for slot, camera in IMAGE_SLOTS.items()},
        }
        if "actions" in data:
            inputs["actions"] = _parse_numbers(data, "actions", (None, ACTION_DIM))
        if "prompt" in data:
            inputs["prompt"] = data["prompt"]
        return inputs


@dataclasses.dataclass(frozen=True)
class So101Outputs(transforms.DataTransformFn):
    """Converts the model's actions, float[..., model action dim], to the robot's, float[..., ACTION_DIM].

    Raises:
        ValueError: There are no actions, or they have fewer than ACTION_DIM dimensions.
    """

    def __call__(self, data: dict) -> dict:
        actions = np.asarray(data.get("actions", ()))
        if actions.ndim == 0 or actions.shape[-1] < ACTION_DIM:
            raise _wrong("actions", f"numbers of shape (..., {ACTION_DIM} or more)", data.get("actions"))
        return {"actions": actions[..., :ACTION_DIM]}


def _parse_images(data: dict) -> dict[str, np.ndarray]:
    """Returns the images that are there, by camera, as uint8 (H, W, 3)."""
    keys = {f"observation/image_{camera}": camera for camera in CAMERAS}
    # A misspelt key would otherwise be an absent camera, and the model would silently not see it.
    if unknown := [key for key in data if key.startswith("observation/image") and key not in keys]:
        raise _wrong(unknown[0], f"one of the keys {list(keys)}", data[unknown[0]])
    present = {camera: _parse_image(key, data[key]) for key, camera in keys.items() if data.get(key) is not None}
    if not present:
        raise _wrong(next(iter(keys)), f"an image under at least one of {list(keys)}", None)
    return present


def _parse_image(key: str, value) -> np.ndarray:
    """Returns an image as uint8 (H, W, 3); a uint8 image is not copied, whichever way its axes are."""
    image = np.asarray(value)
    # With 3 at both ends nothing tells which one is the channel.
    if image.ndim != 3 or image.size == 0 or (image.shape[0] == 3) == (image.shape[-1] == 3):
        raise _wrong(key, "an RGB image of shape (H, W, 3) or (3, H, W)", value)
    if image.shape[0] == 3:
        image = np.moveaxis(image, 0, -1)
    if image.dtype == np.uint8:
        return image
    # Values up to 255 in a float image would wrap around; NaN fails this too.
    if not np.issubdtype(image.dtype, np.floating) or not (image.min() >= 0 and image.max() <= 1):
        raise _wrong(key, "an image of uint8, or of float in [0, 1]", value)
    return (255 * image).astype(np.uint8)


def _parse_numbers(data: dict, key: str, shape: tuple[int | None, ...]) -> np.ndarray:
    """Returns numbers as float32 in memory of their own: DeltaActions changes its input in place."""
    expected = f"finite numbers of shape ({', '.join('any' if n is None else str(n) for n in shape)})"
    try:
        array = np.array(data[key])
    except (KeyError, ValueError) as e:
        raise _wrong(key, expected, data.get(key)) from e
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits or array.size == 0 or array.dtype.kind not in "iuf" or not np.isfinite(array).all():
        raise _wrong(key, expected, data[key])
    return array.astype(np.float32, copy=False)


def _wrong(key: str, expected: str, value) -> ValueError:
    found = "nothing" if value is None else type(value).__name__
    if hasattr(value, "shape"):
        summary = np.array2string(np.asarray(value).ravel(), threshold=16, max_line_width=1000)
        found += f" of shape {tuple(value.shape)} and type {value.dtype}, {summary}"
    elif value is not None:
        found += f", {str(value)[:80]}"
    problem = f"so101 policy, {key!r}: expected {expected}, found {found}."
    return ValueError(f"{problem} See make_so101_example() for an input that fits.")
