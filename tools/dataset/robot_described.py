"""What robots/<robot>/robot.toml says of the robot that a dataset names."""

import pathlib
import tomllib
from typing import Any

from tools.command import ROOT


def description_of(info: dict[str, Any]) -> pathlib.Path | None:
    """The description of the robot that an info.json names; None where there is none."""
    robot = info.get("robot_type")
    toml = ROOT / "robots" / robot / "robot.toml" if isinstance(robot, str) and robot.isidentifier() else None
    return toml if toml is not None and toml.is_file() else None


def described(info: dict[str, Any]) -> dict[str, Any]:
    """What that description holds; {} where there is none, or it is no TOML: of that its own tests tell."""
    toml = description_of(info)
    try:
        return {} if toml is None else tomllib.loads(toml.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def name_of(toml: pathlib.Path) -> str:
    """Such as robots/so101/robot.toml."""
    return toml.relative_to(ROOT).as_posix()
