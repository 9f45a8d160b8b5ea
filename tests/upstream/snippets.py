"""Runs a few lines of Python in a tree as a process of its own: for what only the pristine tree does."""

import os
import pathlib
import subprocess
import sys

from tools import inside

# LeRobot 0.3 has its datasets at another place than the one that upstream's locked commit imports. A snippet that is
# about something else puts this first, so that it runs on a pristine tree too; what starts processes of its own is run
# with OLD_PLACE on its path instead.
OLD_PLACE = pathlib.Path(__file__).with_name("old_lerobot")
OLD_LEROBOT = """
import sys, types, lerobot.datasets.lerobot_dataset as new
for name in ("lerobot.common", "lerobot.common.datasets"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = []
sys.modules["lerobot.common.datasets.lerobot_dataset"] = new
sys.modules["lerobot.common.datasets"].lerobot_dataset = new
sys.modules["lerobot.common"].datasets = sys.modules["lerobot.common.datasets"]
import lerobot
lerobot.common = sys.modules["lerobot.common"]
"""


def run_snippet(tree: pathlib.Path, code: str, *args: str) -> subprocess.CompletedProcess:
    """Runs Python code with the packages of a tree; output comes as text, and the tree stays as it is."""
    return run_python(tree, "-c", code, *args)


def run_python(
    tree: pathlib.Path, *args: str, cwd: pathlib.Path | None = None, more_path: pathlib.Path | None = None
) -> subprocess.CompletedProcess:
    """Runs Python with the packages of a tree, in the tree or in another folder, and with one more folder on its path."""
    env = inside.environment(tree) | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONWARNINGS": "ignore"}
    if more_path:
        env["PYTHONPATH"] += f"{os.pathsep}{more_path}"
    line = [sys.executable, *args]
    return subprocess.run(line, cwd=cwd or tree, env=env, capture_output=True, text=True, check=False, timeout=600)
