"""`just test`: the linter, the tests of tools and robots, and those that run OpenPI itself."""

import os
import pathlib
import subprocess
import sys
from typing import Annotated

import tyro

from tools import upstream_tests
from tools.command import ROOT
from tools.command import note
from tools.command import run
from tools.refusal import WrongUsage

# pytest's exit code where no test is what was asked for.
NOTHING_RAN = 5


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
        paths: Test files or folders, from the project's root; all of them by default. With paths, the linter reads these.
        only: Only tests whose name matches this pytest expression.
        jobs: How many tests run at a time, where they do not run OpenPI.
        quick: Leave out the tests that run OpenPI; green then says nothing about them.
    """
    paths = [_from_root(path) for path in paths]
    python = [sys.executable, "-P", "-m"]
    named = ["-k", only] if only else []
    in_upstream = [path for path in paths if pathlib.PurePath(path).is_relative_to("tests/upstream")]
    here = [path for path in paths if path not in in_upstream]
    linted = list(dict.fromkeys(path.partition("::")[0] for path in paths)) or ["."]
    stages = {
        "ruff check": [*python, "ruff", "check", "--quiet", *linted],
        "ruff format": [*python, "ruff", "format", "--check", "--quiet", *linted],
    }
    if here or not paths:
        stages["tests"] = [*python, "pytest", "-n", str(jobs), *named, *here]
    codes = {}
    for name, command in stages.items():
        note(f"just test: {name}")
        codes[name] = subprocess.run(command, cwd=ROOT, check=False).returncode
    if in_upstream or not (paths or quick):
        codes |= upstream_tests.run_upstream_tests(tuple(in_upstream) or upstream_tests.PATHS, tuple(named))
    return _sum_up(codes, only, paths)


def _from_root(path: str) -> str:
    """A path as a person may write it, from the project's root, such as tests/test_docs.py::test_links."""
    file, colons, test = path.partition("::")
    full = (ROOT / file).absolute()
    if not full.exists():
        raise WrongUsage(path, expected="a file or folder of tests", found="no such file", todo="name one of tests/")
    return os.path.relpath(full, ROOT) + colons + test


def _sum_up(codes: dict[str, int], only: str | None, paths: list[str]) -> int:
    """Says how each part ended; returns the exit code."""
    runs = [code for name, code in codes.items() if not name.startswith("ruff")]
    if set(runs) == {NOTHING_RAN}:
        raise WrongUsage(
            f"--only {only}" if only else " ".join(paths),
            expected="a part of the names of some tests" if only else "a file or folder of tests",
            found="no test" + (f" in {' '.join(paths)}" if only and paths else ""),
            todo="name another; the tests are in tests/",
        )
    failed = [name for name, code in codes.items() if code not in (0, NOTHING_RAN)]
    if codes["ruff format"]:
        note("just test: to format the files: .venv/bin/python -m ruff format .")
    note(f"just test: {'failed: ' + ', '.join(failed) if failed else 'all green'}")
    return 1 if failed else 0


if __name__ == "__main__":
    run(run_tests, "just test")
