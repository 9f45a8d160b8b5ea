"""`just test`: the linter, then the tests of tools and robots in .venv; green only when all are."""

import subprocess
import sys
from typing import Annotated

import tyro

from tools.command import ROOT
from tools.command import note
from tools.command import run


def run_tests(
    paths: Annotated[list[str], tyro.conf.Positional] = [],  # noqa: B006  (tyro reads it, nobody changes it)
    /,
    *,
    only: str | None = None,
    jobs: int = 2,
) -> int:
    """Run every test, and the linter.

    With OPENPI_UPSTREAM set to a clone of OpenPI, what needs the locked commit runs too; without, only the mirror's.

    Example:
        just test
        just test tests/codemods --only import

    Args:
        paths: Test files or folders, from the project's root; all of them by default.
        only: Only tests whose name matches this pytest expression.
        jobs: How many tests run at a time.
    """
    python = [sys.executable, "-P", "-m"]
    pytest = [*python, "pytest", "-n", str(jobs), *(["-k", only] if only else []), *paths]
    stages = {
        "ruff check": [*python, "ruff", "check", "--quiet", "."],
        "ruff format": [*python, "ruff", "format", "--check", "--quiet", "."],
        "tests": pytest,
    }
    codes = {}
    for name, command in stages.items():
        note(f"just test: {name}")
        codes[name] = subprocess.run(command, cwd=ROOT, check=False).returncode
    failed = [name for name, code in codes.items() if code]
    note(f"just test: {'failed: ' + ', '.join(failed) if failed else 'all green'}")
    return 1 if failed else 0


if __name__ == "__main__":
    run(run_tests, "just test")
