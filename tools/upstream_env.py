"""`just upstream-env`: an environment in which upstream runs, made by pip for a CPU or by uv as upstream means it."""

import os
import pathlib
import shutil
import subprocess

from tools.builds import build
from tools.command import run
from tools.refusal import Refused
from tools.upstream import python_env


def upstream_env(*, uv: bool = False) -> int:
    """Make the environment in which OpenPI itself runs, unless it is there already.

    It goes to build/upstream-venv, from pinned lists that pip alone installs, and runs on a CPU. On a machine with a
    GPU use --uv, which runs `uv sync` in build/openpi.

    Example:
        just upstream-env
        just upstream-env --uv

    Args:
        uv: Run `uv sync` in build/openpi instead, for a machine with a GPU.
    """
    if uv:
        _uv_sync(build.BUILD)
        print(build.BUILD / ".venv")
    else:
        python_env.make()
        print(python_env.VENV)
    return 0


def _uv_sync(out: pathlib.Path) -> None:
    if not (out / "pyproject.toml").exists():
        raise Refused(str(out), expected="the patched tree", found="none", todo="make it: just apply")
    if shutil.which("uv") is None:
        raise Refused(
            "just upstream-env --uv", expected="uv on PATH", found="none", todo="install uv, then run it again"
        )
    # LeRobot's repository holds large test files that nobody needs here.
    done = subprocess.run(["uv", "sync"], cwd=out, env=os.environ | {"GIT_LFS_SKIP_SMUDGE": "1"}, check=False)
    if done.returncode != 0:
        raise Refused(
            f"uv sync in {out}",
            expected="upstream's environment",
            found=f"uv exited with {done.returncode}; its error is above",
            todo="mend what uv names; without a GPU: just upstream-env",
        )


if __name__ == "__main__":
    run(upstream_env, "just upstream-env")
