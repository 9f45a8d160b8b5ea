"""What each number of a state or an action is called, and its unit where the robot's description says so."""

import dataclasses
import pathlib
import re
import tomllib
from typing import Any

from tools.dataset.features import Feature
from tools.dataset.motion import ACTIONS
from tools.dataset.motion import STATES
from tools.dataset.robot_features import plain_names


@dataclasses.dataclass(frozen=True)
class Dimension:
    """One number of a feature.

    Attributes:
        feature: The column it is in.
        index: Which of the column's numbers.
        name: As info.json calls it; "" where it does not.
        unit: As the robot's description has it; "" where nobody says.
    """

    feature: str
    index: int
    name: str = ""
    unit: str = ""

    @property
    def label(self) -> str:
        """What the page calls it: its name, or else its place."""
        return self.name or f"{self.feature}[{self.index}]"

    @property
    def is_gripper(self) -> bool:
        """Whether it opens and closes a hand, as far as its name tells."""
        return "grip" in self.name.lower()


def dimensions_of(name: str, feature: Feature | None, width: int, units: dict[str, str]) -> list[Dimension]:
    """The dimensions of a column.

    Args:
        name: The column.
        feature: What info.json says of it, None where it says nothing.
        width: How many numbers a frame has in it.
        units: By the dimension's name.
    """
    names = _flat(plain_names(feature)) if feature else []
    if len(names) != width or len(set(names)) != width:
        names = [""] * width
    return [Dimension(name, index, one, units.get(one, "")) for index, one in enumerate(names)]


def units_of_robot(robots: pathlib.Path, robot: Any) -> dict[str, dict[str, str]]:
    """The units of a robot's numbers by feature and name; none for a robot without a description here.

    Args:
        robots: The folder with a folder for each robot.
        robot: What info.json calls the robot, whatever that is.
    """
    if not isinstance(robot, str) or not re.fullmatch(r"[a-z0-9_]+", robot):
        return {}
    try:
        facts = tomllib.loads((robots / robot / "robot.toml").read_text(encoding="utf-8"))
        pairs = {key: dict(zip(facts[key]["names"], facts[key]["units"], strict=True)) for key in ("state", "action")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return dict.fromkeys(STATES, pairs["state"]) | dict.fromkeys(ACTIONS, pairs["action"])


def _flat(names: Any) -> list[str]:
    """The names as one list; LeRobot also writes {"motors": [...]}, and {"x": 0, "y": 1}."""
    if isinstance(names, dict):
        values = list(names.values())
        if len(values) == 1 and isinstance(values[0], list):
            names = values[0]
        elif values == list(range(len(values))):
            names = list(names)
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else []
