"""What each fact of a new robot must be like; every check refuses with the option that gave the fact."""

from collections.abc import Sequence
import keyword
import re
import typing

from tools.refusal import Refused

if typing.TYPE_CHECKING:
    from tools.new_robot import facts

# The action dimensions of the released checkpoints, and the images that the model takes.
MAX_DIMS = 32
MAX_CAMERAS = 3
# Upstream has a policy file of this name.
UPSTREAM_ROBOTS = ("aloha", "droid", "libero")


def check_name(name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name) or len(name) > 24 or keyword.iskeyword(name):
        words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())
        hint = "_".join(words)[:24].strip("_0123456789")
        raise Refused(
            f'robot name "{name}"',
            expected="snake_case, from a letter on, at most 24 characters, not a word of Python",
            found=f'"{name}"',
            todo=f"choose another, such as {hint if hint and not keyword.iskeyword(hint) else 'my_arm'}",
        )
    if name in UPSTREAM_ROBOTS:
        raise Refused(
            f'robot name "{name}"',
            expected="a name that upstream does not use",
            found=f"upstream's own src/openpi/policies/{name}_policy.py",
            todo=f"choose another, such as my_{name}",
        )


def check_axes(option: str, axes: Sequence["facts.Axis"]) -> None:
    if not 1 <= len(axes) <= MAX_DIMS:
        raise Refused(
            option,
            expected=f"1 to {MAX_DIMS} dimensions, as many as the model has",
            found=f"{len(axes)}",
            todo="list each dimension once, as NAME:UNIT",
        )
    for i, axis in enumerate(axes):
        # "noqa" alone in a comment would be an instruction to the linter.
        good_name = len(axis.name) <= 48 and re.fullmatch(r"[A-Za-z][A-Za-z0-9_.]*", axis.name)
        good_unit = len(axis.unit) <= 16 and re.fullmatch(r"[A-Za-z%][A-Za-z0-9%/^*_.-]*", axis.unit)
        if not good_name or not good_unit:
            raise Refused(
                option,
                expected="NAME:UNIT, the name in letters, digits, '_' and '.', the unit such as deg, rad, m/s, percent",
                found=f'"{axis.name}:{axis.unit}"',
                todo="write it such as elbow_flex:deg",
            )
        if axis.name in [other.name for other in axes[:i]]:
            raise Refused(option, expected="each name once", found=f'"{axis.name}" twice', todo="rename one of the two")


def check_cameras(cameras: Sequence["facts.Camera"]) -> None:
    if not 1 <= len(cameras) <= MAX_CAMERAS:
        raise Refused(
            "--cameras",
            expected=f"1 to {MAX_CAMERAS} cameras, as many as the model takes",
            found=f"{len(cameras)}",
            todo="name those that matter most, the main view first, as NAME:WIDTHxHEIGHT",
        )
    for i, camera in enumerate(cameras):
        good_key = len(camera.key) <= 24 and re.fullmatch(r"[a-z][a-z0-9_]*", camera.key)
        if not good_key or not (16 <= camera.width <= 8192 and 16 <= camera.height <= 8192):
            raise Refused(
                "--cameras",
                expected="NAME:WIDTHxHEIGHT, the name in lower case, at most 24 characters; 16 to 8192 pixels a side",
                found=f'"{camera.key}:{camera.width}x{camera.height}"',
                todo="write it such as wrist:640x480",
            )
        if camera.key in [other.key for other in cameras[:i]]:
            raise Refused(
                "--cameras", expected="each name once", found=f'"{camera.key}" twice', todo="rename one of the two"
            )


def check_actions(actions: str) -> None:
    if actions not in ("absolute", "relative"):
        raise Refused(
            "--actions",
            expected='"absolute" (targets in the units of the state) or "relative" (steps or speeds)',
            found=f'"{actions}"',
            todo="say which of the two the actions in your dataset are",
        )


def check_rate(rate_hz: float) -> None:
    if not 0 < rate_hz <= 1000:
        raise Refused(
            "--rate",
            expected="frames a second, above 0 and at most 1000",
            found=f"{rate_hz:g}",
            todo="give the rate at which the dataset was recorded, such as 30",
        )


def check_repo_id(repo_id: str, name: str) -> None:
    # The hub allows neither ".." nor "--", and no part that ends in one of these signs.
    part = r"[A-Za-z0-9]([A-Za-z0-9_]|[.-](?![.-]))*(?<![.-])"
    if len(repo_id) > 96 or not re.fullmatch(f"{part}/{part}", repo_id):
        raise Refused(
            "--repo-id",
            expected="USER/NAME in letters, digits, '-', '_' and '.', at most 96 characters",
            found=f'"{repo_id}"',
            todo=f"name the dataset as on the hub, such as your_username/{name}",
        )
