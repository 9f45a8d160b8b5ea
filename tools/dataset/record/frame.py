"""One frame as a robot brings it: everything that could be wrong with it is refused by name, before it is recorded."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tools.dataset import jpeg
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature
from tools.dataset.robot_features import ACTION
from tools.dataset.robot_features import STATE
from tools.dataset.robot_features import plain_names
from tools.refusal import Refused


def checked_frame(
    features: Mapping[str, Feature], frame: Mapping[str, Any], where: str, *, with_action: bool
) -> dict[str, bytes | np.ndarray]:
    """A frame's values, copied, so that the caller may use its arrays again.

    Args:
        features: What a frame brings, by name.
        frame: Numbers as arrays of the feature's shape and dtype, images as uint8[H, W, 3] RGB or JPEG bytes.
        where: Which frame, for the message.
        with_action: The episode's frames bring their action; else it follows from the states.

    Returns:
        By feature its bytes: numbers in their own dtype, text in UTF-8, JPEG; or an image that is still to be encoded.

    Raises:
        Refused: A value is missing, not known, of another shape, size or dtype, not finite, or not an image.
    """
    for name in frame:
        if name not in features:
            of_writer = name in INDEX_FEATURES
            raise Refused(
                f"{where}: {name}",
                expected=f"one of {', '.join(features)}",
                found="a column that the writer fills itself" if of_writer else "a name that the dataset does not have",
                todo="leave it out",
            )
    values = {}
    for name, feature in features.items():
        if name == ACTION and not with_action and ACTION not in frame:
            continue
        if name == ACTION and not with_action:
            raise _refused(where, feature, "an action, though the frames before it had none", "give it always or never")
        if name not in frame:
            raise _refused(where, feature, "nothing under that name", _what_to_give(features, name))
        values[name] = _checked(feature, frame[name], where)
    return values


def follows_from_state(features: Mapping[str, Feature]) -> bool:
    """Whether an action can be the next state: both are the same dimensions."""
    state, action = features.get(STATE), features.get(ACTION)
    likeness = [(one.dtype, one.shape, plain_names(one)) for one in (state, action) if one]
    return len(likeness) == 2 and likeness[0] == likeness[1]


def _checked(feature: Feature, value: Any, where: str) -> bytes | np.ndarray:
    if feature.is_image:
        if isinstance(value, bytes | bytearray | memoryview):
            return _checked_jpeg(feature, bytes(value), where)
        if not isinstance(value, np.ndarray):
            raise _refused(where, feature, _kind(value), "give an array of pixels or the bytes of a JPEG")
        wanted = (*feature.height_width, 3)
        if value.shape != wanted or value.dtype != np.uint8:
            turned = value.shape == (3, *feature.height_width)
            todo = "put the channels last: np.moveaxis(image, 0, -1)" if turned else "bring it to that size and dtype"
            raise _refused(where, feature, f"{value.dtype}{list(value.shape)}", todo)
        return value.copy()
    if feature.dtype == "string":
        if not isinstance(value, str):
            raise _refused(where, feature, _kind(value), "give text")
        return value.encode()
    return _checked_numbers(feature, value, where).tobytes()


def _checked_numbers(feature: Feature, value: Any, where: str) -> np.ndarray:
    if not isinstance(value, np.ndarray | np.generic):
        raise _refused(where, feature, _kind(value), f"convert it: np.asarray(value, np.{feature.dtype})")
    shapes = (feature.shape, ()) if feature.shape == (1,) else (feature.shape,)
    if value.shape not in shapes:
        raise _refused(
            where, feature, f"{value.dtype}{list(value.shape)}", "give as many values as the dataset has names"
        )
    if value.dtype != np.dtype(feature.dtype):
        todo = f"convert it: value.astype(np.{feature.dtype})"
        raise _refused(where, feature, f"{value.dtype}{list(value.shape)}", todo)
    if not np.isfinite(value).all():
        at = np.argwhere(~np.isfinite(np.atleast_1d(value)))[0]
        number = np.atleast_1d(value)[tuple(at)]
        raise _refused(
            where,
            feature,
            f"{number} at place {', '.join(map(str, at))}",
            "find out why the robot does not say; do not record it",
        )
    return np.array(value)


def _checked_jpeg(feature: Feature, data: bytes, where: str) -> bytes:
    try:
        height, width, colours = jpeg.header(data)
        if (height, width) != feature.height_width or colours not in ("YCbCr", "RGB"):
            raise _refused(where, feature, f"a JPEG of {height}x{width}, {colours}", "bring it to that size, in colour")
        jpeg.decode_strictly(data)
        if (turned := jpeg.orientation(data)) != 1:
            raise _refused(
                where,
                feature,
                f"a JPEG that says it is to be turned (EXIF orientation {turned})",
                "turn off the camera's rotation tag, or turn the pixels and give the array: LeRobot turns such an image",
            )
    except ValueError as e:
        raise _refused(
            where, feature, f"{len(data)} bytes that are not a whole JPEG: {e}", "see what the camera sent"
        ) from e
    return data


def _refused(where: str, feature: Feature, found: str, todo: str) -> Refused:
    if feature.is_image:
        height, width = feature.height_width
        expected = f"uint8[{height}, {width}, 3], RGB, or a JPEG of {height}x{width}"
    elif feature.dtype == "string":
        expected = "text"
    else:
        expected = f"{feature.dtype}{list(feature.shape)}, finite"
    return Refused(f"{where}: {feature.name}", expected=expected, found=found, todo=todo)


def _what_to_give(features: Mapping[str, Feature], name: str) -> str:
    if name == ACTION:
        return "give it: it can only be left out, as the state of the next frame, where it has the names of the state"
    return (
        "give all of them in every frame; a camera that has no new image gives its last"
        if features[name].is_image
        else "give it"
    )


def _kind(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"[:80]
