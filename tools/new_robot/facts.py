"""What is known of a robot before any code of it exists: names, units, cameras, rate, kind of actions."""

import dataclasses
import math
import pathlib
import tomllib
from typing import Self

from tools.new_robot import checks
from tools.refusal import Refused

# The model's names for the images that it takes.
IMAGE_SLOTS = ("base_0_rgb", "left_wrist_0_rgb", "right_wrist_0_rgb")


@dataclasses.dataclass(frozen=True)
class Axis:
    """One dimension of state or action, such as ("elbow_flex", "deg")."""

    name: str
    unit: str


@dataclasses.dataclass(frozen=True)
class Camera:
    """One camera, its size in pixels as recorded."""

    key: str
    width: int
    height: int


@dataclasses.dataclass(frozen=True)
class RobotFacts:
    """All that the files of a robot are made from; made only with facts that fit together.

    Args:
        name: snake_case, the same everywhere.
        state: What observation.state holds, in order.
        action: What an action holds, in order.
        cameras: One to three, the first is the model's main view.
        actions: "absolute" or "relative".
        rate_hz: Frames a second.
        repo_id: The LeRobot dataset, such as "your_username/so101".

    Raises:
        Refused: A fact is wrong, or two of them do not fit together.
    """

    name: str
    state: tuple[Axis, ...]
    action: tuple[Axis, ...]
    cameras: tuple[Camera, ...]
    actions: str
    rate_hz: float
    repo_id: str

    def __post_init__(self) -> None:
        checks.check_name(self.name)
        checks.check_axes("--state", self.state)
        checks.check_axes("--action", self.action)
        checks.check_cameras(self.cameras)
        checks.check_actions(self.actions)
        checks.check_rate(self.rate_hz)
        checks.check_repo_id(self.repo_id, self.name)
        if self.actions == "absolute":
            self._check_deltas()

    def _check_deltas(self) -> None:
        """A delta is the action minus the state at the same index, so both must be the same thing there."""
        for i, (axis, is_delta) in enumerate(zip(self.action, self.is_delta, strict=True)):
            here = self.state[i] if i < len(self.state) else None
            if here is None or (is_delta and axis != here):
                raise Refused(
                    "--action",
                    expected=f"{axis.name}:{axis.unit} at place {i + 1} of the state too, since absolute actions are "
                    "learned as the difference to the state",
                    found=f"{here.name}:{here.unit} there" if here else f"a state of {len(self.state)}",
                    todo="give state and action the same order and units; what only the state has goes to its end",
                )

    @property
    def class_name(self) -> str:
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def rate(self) -> str:
        """The rate as Python and TOML write it: 30, not 30.0."""
        return str(int(self.rate_hz) if self.rate_hz == int(self.rate_hz) else self.rate_hz)

    @property
    def horizon(self) -> int:
        """Actions in one second, which is what the guide predicts at a time."""
        return max(1, math.floor(self.rate_hz + 0.5))

    @property
    def is_delta(self) -> tuple[bool, ...]:
        """For each action dimension, whether the model learns it as the difference to the state."""
        return tuple(self.actions == "absolute" and "gripper" not in axis.name.lower() for axis in self.action)

    @property
    def image_slots(self) -> dict[str, str | None]:
        keys = sorted(
            (camera.key for camera in self.cameras), key=lambda key: "wrist" in key
        )  # the first is the base's
        return dict(zip(IMAGE_SLOTS, [*keys, *[None] * (len(IMAGE_SLOTS) - len(keys))], strict=True))

    @classmethod
    def read(cls, toml: pathlib.Path, *, repo_id: str) -> Self:
        """Reads the agreed part of a robot.toml, which does not hold the dataset's name."""
        data = tomllib.loads(toml.read_text())
        state, action = (
            tuple(Axis(*pair) for pair in zip(data[k]["names"], data[k]["units"], strict=True))
            for k in ("state", "action")
        )
        cameras = tuple(Camera(key, c["width"], c["height"]) for key, c in data["cameras"].items())
        return cls(data["name"], state, action, cameras, data["actions"], data["rate_hz"], repo_id)
