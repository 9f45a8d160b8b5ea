"""Asks of the build of a new upstream, and of our tools, what can be asked on this machine."""

import dataclasses
import os
import pathlib
import signal
import subprocess
import sys

from tools import upstream_tests
from tools.bump import elapsed
from tools.command import ROOT
from tools.command import note
from tools.plan import overlay_files
from tools.plan import patches
from tools.plan.overlay_needs import in_words
from tools.plan.plan import make_plan
from tools.refusal import Refused
from tools.upstream import python_env
from tools.upstream.open_tree import open_tree

# The tests of tools and patches that know nothing of the lock; those of apply itself read upstream by the lock.
_TOOL_TESTS = ("tests/codemods", "tests/test_layout.py")
_SHORT = ("-q", "-x")
_LIMIT_S = 3600


@dataclasses.dataclass(frozen=True)
class Tried:
    """One thing that was asked.

    Attributes:
        name: What it is.
        outcome: "passed", "failed" or "not run".
        detail: The reason, or the last line that it said.
        on_build: It was asked of the build, and not of our tools alone.
    """

    name: str
    outcome: str
    detail: str = ""
    on_build: bool = True


def refuse_without_openpi() -> None:
    """Refuses when there is no environment in which the build could be run.

    Raises:
        Refused: it is not there, or was made from other lists of packages.
    """
    if not python_env.in_order(python_env.VENV):
        raise Refused(
            "build/upstream-venv",
            expected="the environment in which OpenPI runs, to test the new build in",
            found="one of other packages" if python_env.VENV.exists() else "nothing there",
            todo="make it: just upstream-env; or move the lock without those tests: just bump --without-openpi",
        )


def try_out(both: upstream_tests.Trees, *, without_openpi: bool = False) -> list[Tried]:
    """Asks everything of a build that can be asked here; what cannot is listed as "not run", with the reason.

    Args:
        both: The build, and the tree as upstream has it.
        without_openpi: Leave out what runs OpenPI.
    """
    return [
        _compiles(both.patched),
        _is_already_there(both.patched),
        _run_openpi(both, left_out=without_openpi),
        _test_tools(),
    ]


def _run_openpi(both: upstream_tests.Trees, *, left_out: bool) -> Tried:
    """Everything that `just test` runs on a build, on this one."""
    name = " ".join(upstream_tests.PATHS)
    paths = [path for path in upstream_tests.PATHS if (ROOT / path).exists()]
    reasons = {
        "left out with --without-openpi": left_out,
        "there is no build/upstream-venv in order": not python_env.in_order(python_env.VENV),
        "there is no such folder": not paths,
    }
    for reason, holds in reasons.items():
        if holds:
            return Tried(name, "not run", reason)
    line, env = upstream_tests.command(both, both.patched.parent / "work", [*_SHORT, *paths])
    return _pytest(Tried(" ".join(paths), ""), line, env)


def _test_tools() -> Tried:
    paths = [path for path in _TOOL_TESTS if (ROOT / path).exists()]
    if not paths:
        return Tried(" ".join(_TOOL_TESTS), "not run", "there is no such folder", on_build=False)
    line = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", *_SHORT, *paths]
    return _pytest(Tried(" ".join(paths), "", on_build=False), line, dict(os.environ))


def _compiles(built: pathlib.Path) -> Tried:
    """Every Python file of the build, upstream's and ours."""
    wrong = []
    files = [path for path in sorted(built.rglob("*.py")) if ".git" not in path.parts]
    for path in files:
        try:
            compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as e:
            wrong.append(f"{path.relative_to(built)}: {e}")
    return Tried("compile", "failed" if wrong else "passed", "; ".join(wrong) or f"{len(files)} files")


def _is_already_there(built: pathlib.Path) -> Tried:
    """The series once more, on the patched tree as it lies there: it must find each change made."""
    plan = make_plan(open_tree(built), overlay_files.read_overlay(), patches.read_series())
    wrong = [
        f"{r.patch.name}: {r.verdict} {r.reason}" for r in plan.results if r.verdict not in ("already", "upstream")
    ] + ([in_words(plan.objection)] if plan.objection else [])
    return Tried("apply a second time", "failed" if wrong else "passed", "; ".join(wrong) or "it changes nothing")


def _pytest(asked: Tried, line: list[str], env: dict[str, str]) -> Tried:
    """Runs tests, and adds the outcome and what was said last. Out of time, the processes that they started go too."""
    note(f"running {asked.name}")
    process = subprocess.Popen(
        line, cwd=ROOT, env=env, text=True, process_group=0,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        with elapsed.shown("still running"):
            out, err = process.communicate(timeout=_LIMIT_S)
    except BaseException as e:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if not isinstance(e, subprocess.TimeoutExpired):
            raise
        return dataclasses.replace(asked, outcome="failed", detail=f"not done within {_LIMIT_S:g} s")
    said = [text for text in out.splitlines() if text.strip()]
    last = said[-1].strip("= ") if said else err.strip().rpartition("\n")[2]
    failures = [text for text in said if text.startswith(("FAILED", "ERROR"))]
    outcome = "failed" if process.returncode else "passed"
    return dataclasses.replace(asked, outcome=outcome, detail="; ".join([*failures[:3], last]))
