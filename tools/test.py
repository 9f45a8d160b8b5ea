"""`just test`: the linter, the tests of tools and robots, and those that run OpenPI itself."""

import subprocess
import sys
from typing import Annotated

import tyro

from tools import upstream_tests
from tools.command import ROOT
from tools.command import note
from tools.command import run


def run_tests(
    paths: Annotated[list[str], tyro.conf.Positional] = [],  # noqa: B006  (tyro reads it, nobody changes it)
    /,
    *,
    only: str | None = None,
    jobs: int = 2,
    quick: bool = False,
) -> int:
    """Run the linter and the tests: first those of tools and robots, then those that run OpenPI itself.

    The second run needs an environment of some gigabytes, which is made once. With OPENPI_UPSTREAM set to a clone of
    OpenPI, both runs take the locked commit too; without, only the mirror.

    Example:
        just test
        just test --quick
        just test tests/codemods --only import
        just test tests/upstream

    Args:
        paths: Test files or folders, from the project's root; all of them by default.
        only: Only tests whose name matches this pytest expression.
        jobs: How many tests run at a time, where they do not run OpenPI.
        quick: Leave out the tests that run OpenPI; green then says nothing about them.
    """
    python = [sys.executable, "-P", "-m"]
    named = ["-k", only] if only else []
    in_upstream = [path for path in paths if path.rstrip("/").startswith("tests/upstream")]
    here = [path for path in paths if path not in in_upstream]
    stages = {
        "ruff check": [*python, "ruff", "check", "--quiet", "."],
        "ruff format": [*python, "ruff", "format", "--check", "--quiet", "."],
    }
    if here or not paths:
        stages["tests"] = [*python, "pytest", "-n", str(jobs), *named, *here]
    codes = {}
    for name, command in stages.items():
        note(f"just test: {name}")
        codes[name] = subprocess.run(command, cwd=ROOT, check=False).returncode
    if in_upstream or not (paths or quick):
        codes |= upstream_tests.run_upstream_tests(tuple(in_upstream) or upstream_tests.PATHS, tuple(named))
    failed = [name for name, code in codes.items() if code]
    if codes["ruff format"]:
        note("just test: to format the files: .venv/bin/python -m ruff format .")
    note(f"just test: {'failed: ' + ', '.join(failed) if failed else 'all green'}")
    return 1 if failed else 0


if __name__ == "__main__":
    run(run_tests, "just test")
