"""`just new-robot`: writes the files of a robot, which fit together and pass their tests at once."""

import json as json_text
from typing import Annotated

import tyro

from tools import command
from tools.new_robot import files
from tools.new_robot.facts import Axis
from tools.new_robot.facts import Camera
from tools.new_robot.facts import RobotFacts
from tools.refusal import Refused
from tools.refusal import WrongUsage


def _words(metavar: str):
    """A list on the command line that takes all words after its option."""
    return tyro.constructors.PrimitiveConstructorSpec(
        nargs="*",
        metavar=f"{metavar} ...",
        instance_from_str=tuple,
        is_instance=lambda value: isinstance(value, tuple),
        str_from_instance=list,
    )


def new_robot(
    name: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="ROBOT", help_behavior_hint="(required)")] = "",
    *,
    state: Annotated[tuple[str, ...], _words("NAME:UNIT")],
    cameras: Annotated[tuple[str, ...], _words("NAME:WIDTHxHEIGHT")],
    actions: Annotated[str, tyro.conf.arg(metavar="absolute|relative")],
    rate: Annotated[float, tyro.conf.arg(metavar="HZ")],
    repo_id: Annotated[str, tyro.conf.arg(metavar="REPO_ID")],
    action: Annotated[tuple[str, ...], _words("NAME[:UNIT]"), tyro.conf.arg(help_behavior_hint="")] = (),
    json: bool = False,
) -> int:
    r"""Writes the files of a new robot: policy, training configs, robot.toml, README and a test.

    Example:
        just new-robot my_arm --state base:deg elbow:deg gripper:percent --cameras scene:640x480 wrist:640x480 \
            --actions absolute --rate 30 --repo-id your_username/my_arm

    Args:
        name: The robot's name in snake_case, the same everywhere; it stands first.
        state: What observation.state holds, in order, such as elbow:deg gripper:percent.
        cameras: One to three cameras, the main view first, such as scene:640x480.
        actions: "absolute" (targets; learned as differences to the state, a gripper excepted) or "relative".
        rate: Frames a second, as recorded.
        repo_id: The LeRobot dataset to train on, such as your_username/my_arm.
        action: What an action holds, in order; as the state when left out. A name of the state needs no unit.
        json: Print JSON.
    """
    if not name:
        raise _nameless({"--state": state, "--cameras": cameras, "--action": action})
    facts = read_facts(name, state, cameras, actions, rate, repo_id, action)
    written = [path.as_posix() for path in files.write_robot(facts, command.ROOT)]
    configs = [f"pi05_{name}_lora", f"pi05_{name}_lora_pad32", f"debug_pi05_{name}"]
    steps = [
        f"look through {written[0]} and {written[1]}",
        f"say in robots/{name}/README.md where each number comes from",
        f"just test tests/overlay/test_{name}_policy.py tests/robots",
        "just apply",
    ]
    if json:
        print(json_text.dumps({"ok": True, "robot": name, "files": written, "configs": configs, "next": steps}))
        return 0
    print("\n".join(["wrote", *(f"  {path}" for path in written)]))
    print("\n".join(["configs", *(f"  {config}" for config in configs)]))
    print("\n".join(["next", *(f"  {i}. {step}" for i, step in enumerate(steps, 1))]))
    return 0


def _nameless(lists: dict[str, tuple[str, ...]]) -> WrongUsage:
    """What to say without a name: a list takes every word behind it, the robot's name too."""
    taken = [(option, words[-1]) for option, words in lists.items() if words and ":" not in words[-1]]
    return WrongUsage(
        "ROBOT",
        expected="the robot's name first, before the options",
        found=f'no name; {taken[0][0]} took "{taken[0][1]}", as every word behind it' if taken else "no name",
        todo=f"begin with it: just new-robot {taken[0][1] if taken else 'my_arm'} --state …",
    )


def read_facts(
    name: str,
    state: tuple[str, ...],
    cameras: tuple[str, ...],
    actions: str,
    rate: float,
    repo_id: str,
    action: tuple[str, ...] = (),
) -> RobotFacts:
    """Makes facts from the words of the command line; raises WrongUsage where one is wrong."""
    try:
        return _facts(name, state, cameras, actions, rate, repo_id, action)
    except Refused as e:
        raise WrongUsage(e.where, expected=e.expected, found=e.found, todo=e.todo) from e


def _facts(
    name: str,
    state: tuple[str, ...],
    cameras: tuple[str, ...],
    actions: str,
    rate: float,
    repo_id: str,
    action: tuple[str, ...],
) -> RobotFacts:
    state_axes = tuple(_read_axis("--state", word) for word in state)
    units = {axis.name: axis.unit for axis in state_axes}
    action_axes = tuple(Axis(word, units[word]) if word in units else _read_axis("--action", word) for word in action)
    return RobotFacts(
        name=name,
        state=state_axes,
        action=action_axes or state_axes,
        cameras=tuple(_read_camera(word) for word in cameras),
        actions=actions,
        rate_hz=rate,
        repo_id=repo_id,
    )


def _read_axis(option: str, word: str) -> Axis:
    name, colon, unit = word.partition(":")
    if not colon:
        raise Refused(
            option,
            expected="NAME:UNIT" + (" or a name of the state" if option == "--action" else ""),
            found=f'"{word}"',
            todo=f"write it such as {word or 'elbow'}:deg",
        )
    return Axis(name, unit)


def _read_camera(word: str) -> Camera:
    key, _, size = word.partition(":")
    width, _, height = size.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise Refused(
            "--cameras",
            expected="NAME:WIDTHxHEIGHT in pixels",
            found=f'"{word}"',
            todo=f"write it such as {key or 'scene'}:640x480",
        )
    return Camera(key, int(width), int(height))


if __name__ == "__main__":
    command.run(new_robot, "just new-robot")
