"""How to run something inside an OpenPI tree: with which interpreter, and in which environment variables."""

import os
import pathlib

from tools.refusal import Refused
from tools.upstream import python_env


def python_for(tree: pathlib.Path) -> pathlib.Path:
    """The interpreter that runs a tree: the one that `uv sync` made in it, else that of build/upstream-venv.

    Raises:
        Refused: There is neither, or the second is out of date.
    """
    uv_python = python_env.python_of(tree / ".venv")
    if uv_python.exists():
        return uv_python
    if not python_env.in_order(python_env.VENV):
        found = "one made from other requirements, or half made" if python_env.VENV.exists() else "none"
        raise Refused(
            "the environment of upstream",
            expected=f"{tree / '.venv'} or {python_env.VENV}",
            found=found,
            todo="make it: just upstream-env (on a machine with a GPU: just upstream-env --uv)",
        )
    return python_env.python_of(python_env.VENV)


def environment(tree: pathlib.Path) -> dict[str, str]:
    """The user's environment variables, with the packages of a tree before all that is installed."""
    paths = [tree / "src", tree / "packages" / "openpi-client" / "src"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))}
    if not python_env.python_of(tree / ".venv").exists():
        # On a CPU a training step that jaxlib 0.5.3 takes from its cache of compiled steps, which train.py turns on,
        # overwrites memory that is not its own: the second run of a config gives NaN, or aborts.
        env["JAX_ENABLE_COMPILATION_CACHE"] = "false"
    return env
