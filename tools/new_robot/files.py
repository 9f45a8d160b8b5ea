"""The files of a robot, made from its facts by the templates in `template/`, and written all or none."""

import contextlib
import os
import pathlib

import jinja2

from tools.new_robot.facts import RobotFacts
from tools.refusal import Refused

TEMPLATES = pathlib.Path(__file__).parent / "template"

# Each file of a robot, by the template that it comes from.
FILES = {
    "policy.py.j2": "overlay/src/openpi/policies/{name}_policy.py",
    "config.py.j2": "overlay/src/openpi/training/overlay_configs/{name}_config.py",
    "test_policy.py.j2": "tests/overlay/test_{name}_policy.py",
    "README.md.j2": "robots/{name}/README.md",
    "robot.toml.j2": "robots/{name}/robot.toml",
}


def render(facts: RobotFacts) -> dict[pathlib.PurePosixPath, str]:
    """Returns the files of a robot: path in the repository, and text."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    )
    return {
        pathlib.PurePosixPath(path.format(name=facts.name)): env.get_template(template).render(
            r=facts, delta_mask=_delta_mask(facts.is_delta)
        )
        for template, path in FILES.items()
    }


def _delta_mask(is_delta: tuple[bool, ...]) -> str:
    """The mask as upstream writes it, `make_bool_mask(5, -1)` for five times True and one False, as ruff wraps it."""
    runs: list[int] = []
    for flag in is_delta:
        sign = 1 if flag else -1
        if runs and runs[-1] * sign > 0:
            runs[-1] += sign
        else:
            runs.append(sign)
    head, numbers = "DELTA_MASK = _transforms.make_bool_mask(", ", ".join(map(str, runs))
    if len(head) + len(numbers) + 1 <= 120:
        return f"{head}{numbers})"
    if len(numbers) + 4 <= 120:
        return f"{head}\n    {numbers}\n)"
    return "\n".join([head, *(f"    {run}," for run in runs), ")"])


def write_robot(facts: RobotFacts, root: pathlib.Path) -> list[pathlib.PurePosixPath]:
    """Writes all files of a robot or none.

    Args:
        facts: The robot.
        root: The repository.

    Returns:
        The paths written, relative to `root`.

    Raises:
        Refused: A file or folder of a robot with this name is there already.
        OSError: A file cannot be written; those that were are removed again.
    """
    files = render(facts)
    for path in [pathlib.PurePosixPath("robots", facts.name), *files]:
        if os.path.lexists(root / path):
            raise Refused(
                f'robot name "{facts.name}"',
                expected="a name that no robot has yet",
                found=f"{path} is there already",
                todo="choose another name, or remove that robot's files first",
            )
    undo: list[pathlib.Path] = []
    try:
        # All bytes are on the disk before the first file gets its name; robot.toml, which makes it a robot, is last.
        for path, text in files.items():
            _make_parents(root / path, undo)
            undo.append(_temporary(root / path))
            undo[-1].write_text(text, encoding="utf-8")
        for path in files:
            os.rename(_temporary(root / path), root / path)
            undo.append(root / path)
    except BaseException:
        for path in reversed(undo):
            # What went wrong is the news, not that a folder which someone else uses by now stays.
            with contextlib.suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise
    return list(files)


def _make_parents(path: pathlib.Path, undo: list[pathlib.Path]) -> None:
    for parent in reversed(path.parents):
        if not parent.exists():
            parent.mkdir()
            undo.append(parent)


def _temporary(path: pathlib.Path) -> pathlib.Path:
    return path.with_name(f".{path.name}.new~")  # an ending that the overlay takes for litter
