"""What a robot's description says a dataset of it holds: names, cameras, frames a second."""

import dataclasses
import pathlib
import tomllib
from typing import Any, Self

from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature
from tools.dataset.features import features_of
from tools.refusal import Refused

STATE = "observation.state"
ACTION = "action"
CAMERA = "observation.images."
_AXES = ["height", "width", "channels"]


@dataclasses.dataclass(frozen=True)
class RobotFeatures:
    """What the episodes of one dataset have in common.

    Attributes:
        robot: Its name, such as "so101"; None where nobody has said.
        fps: Frames a second.
        features: All columns by name, in their order, with those that the format adds.
    """

    robot: str | None
    fps: float
    features: dict[str, Feature]

    @property
    def given(self) -> dict[str, Feature]:
        """The features that a frame brings; the others follow from its place."""
        return {name: feature for name, feature in self.features.items() if name not in INDEX_FEATURES}

    def resized(self, height: int, width: int) -> Self:
        """The same with every camera of another size, in pixels."""
        images = {
            name: dataclasses.replace(one, shape=(height, width, 3), names=_AXES)
            for name, one in self.features.items()
            if one.is_image
        }
        return dataclasses.replace(self, features=self.features | images)

    def as_json(self) -> dict[str, Any]:
        """As info.json says it."""
        features = {name: feature.as_info() for name, feature in self.features.items()}
        return {"robot_type": self.robot, "fps": self.fps, "features": features}

    @classmethod
    def of_json(cls, info: dict[str, Any]) -> Self:
        """From what an info.json says that is in order."""
        return cls(info.get("robot_type"), info["fps"], features_of(info))


def robot_features(
    robot: str | None, fps: float, state: list[str], action: list[str], cameras: dict[str, tuple[int, int]]
) -> RobotFeatures:
    """The features of a robot's dataset.

    Args:
        robot: Its name.
        fps: Frames a second.
        state: The names of what `observation.state` holds.
        action: The names of what `action` holds.
        cameras: Height and width in pixels, by the camera's key, such as "wrist".
    """
    features = [
        Feature(STATE, "float32", (len(state),), list(state)),
        Feature(ACTION, "float32", (len(action),), list(action)),
    ]
    features += [Feature(f"{CAMERA}{key}", "image", (*size, 3), _AXES) for key, size in cameras.items()]
    features += [Feature(name, dtype, (1,)) for name, dtype in INDEX_FEATURES.items()]
    fps = int(fps) if fps == int(fps) else fps
    return RobotFeatures(robot, fps, {feature.name: feature for feature in features})


def plain_names(feature: Feature) -> Any:
    """The names of its axes; the guide writes [["a", "b"]] for ["a", "b"]."""
    names = feature.names
    return names[0] if isinstance(names, list) and len(names) == 1 and isinstance(names[0], list) else names


def read_robot_features(toml: pathlib.Path) -> RobotFeatures:
    """Reads the part of a robot's description that its dataset follows from.

    Args:
        toml: Such as robots/so101/robot.toml.

    Raises:
        Refused: It is not there, is not TOML, or lacks a part; the message says which.
    """
    try:
        facts = tomllib.loads(toml.read_text(encoding="utf-8"))
        state, action = (_names(facts, key) for key in ("state", "action"))
        cameras = {key: (_whole(one, "height"), _whole(one, "width")) for key, one in facts["cameras"].items()}
        fps = facts["rate_hz"]
        if isinstance(fps, bool) or not isinstance(fps, int | float) or not 0 < fps < 1000:
            raise ValueError(f"rate_hz = {fps!r}")
        if not isinstance(facts["name"], str):
            raise ValueError(f"name = {facts['name']!r}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
        missing = f"no {e.args[0]!r}" if isinstance(e, KeyError) else str(e)
        raise Refused(
            str(toml),
            expected="a robot's description: name, rate_hz, [state] names, [action] names, [cameras.<key>] width, height",
            found=missing,
            todo="mend it; robots/so101/robot.toml is an example",
        ) from e
    return robot_features(facts["name"], fps, state, action, cameras)


def _names(facts: dict[str, Any], key: str) -> list[str]:
    names = facts[key]["names"]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise ValueError(f"[{key}] names = {names!r}")
    return names


def _whole(camera: dict[str, Any], key: str) -> int:
    if type(camera[key]) is not int or camera[key] <= 0:
        raise ValueError(f"{key} = {camera[key]!r} of a camera")
    return camera[key]
