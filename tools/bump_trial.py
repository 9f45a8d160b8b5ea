"""Builds a new upstream aside, and asks of the build what can be asked on this machine."""

from collections.abc import Iterator
import contextlib
import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile

from tools import build as builds
from tools import overlay_files
from tools import patches
from tools import stamp as stamps
from tools import trees
from tools import upstream_env
from tools import upstream_tests
from tools.command import ROOT
from tools.command import note
from tools.history import Commit
from tools.history import History
from tools.lock import Lock
from tools.overlay_needs import in_words
from tools.plan import make_plan
from tools.refusal import Refused

# The tests of tools and patches that know nothing of the lock; those of apply itself read upstream by the lock.
_TOOL_TESTS = ("tests/codemods", "tests/test_layout.py")
_UPSTREAM_TESTS = "tests/upstream"
_SHORT = ("-q", "-x")
_LIMIT_S = 3600


@dataclasses.dataclass(frozen=True)
class Tried:
    """One thing that was asked: its name, "passed", "failed" or "not run", and the reason or the last line it said."""

    name: str
    outcome: str
    detail: str = ""


@contextlib.contextmanager
def build(history: History, commit: Commit, lock: Lock) -> Iterator[upstream_tests.Trees]:
    """Builds a commit in a temporary folder under `build/`, as apply would, beside the tree as upstream has it.

    Both are removed at the end.

    Raises:
        Refused: a patch is refused, or the overlay does not fit this commit.
    """
    tree = trees.GitTree(history.repo, commit.id, trees.Origin("git", commit.id, commit.date))
    plan = make_plan(tree, overlay_files.read_overlay(), patches.read_series())
    if plan.objection:
        raise plan.objection
    if not plan.ok:
        found = "\n".join(f"{r.patch.name}: {r.reason}" for r in plan.results if r.verdict == "refused")
        raise Refused(commit.id, expected="every patch to apply", found=found, todo="mend the patches that it names")
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bump-", dir=ROOT / "build", ignore_cleanup_errors=True) as folder:
        both = upstream_tests.Trees("bump", pathlib.Path(folder) / "pristine", pathlib.Path(folder) / "openpi")
        upstream_tests.lay_out_pristine(history.repo, commit.id, both.pristine)
        builds.write(both.patched, plan, stamps.of_plan(plan, lock), force=False)
        yield both


def try_out(both: upstream_tests.Trees) -> list[Tried]:
    """Asks everything of a build that can be asked here; what cannot is listed as "not run", with the reason."""
    tried = [_compiles(both.patched), _is_already_there(both.patched)]
    tool_tests = [path for path in _TOOL_TESTS if (ROOT / path).exists()]
    if tool_tests:
        line = [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", *_SHORT, *tool_tests]
        tried.append(_pytest(" ".join(tool_tests), line, dict(os.environ)))
    else:
        tried.append(Tried(" ".join(_TOOL_TESTS), "not run", "there is no such folder"))
    if not upstream_env.python_of(upstream_env.VENV).exists():
        tried.append(Tried(_UPSTREAM_TESTS, "not run", "there is no build/upstream-venv"))
    elif not (ROOT / _UPSTREAM_TESTS).exists():
        tried.append(Tried(_UPSTREAM_TESTS, "not run", "there is no such folder"))
    else:
        work = both.patched.parent / "work"
        tried.append(_pytest(_UPSTREAM_TESTS, *upstream_tests.command(both, work, [*_SHORT, _UPSTREAM_TESTS])))
    return tried


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
    plan = make_plan(trees.open_tree(built), overlay_files.read_overlay(), patches.read_series())
    wrong = [
        f"{r.patch.name}: {r.verdict} {r.reason}" for r in plan.results if r.verdict not in ("already", "upstream")
    ] + ([in_words(plan.objection)] if plan.objection else [])
    return Tried("apply a second time", "failed" if wrong else "passed", "; ".join(wrong) or "it changes nothing")


def _pytest(name: str, line: list[str], env: dict[str, str]) -> Tried:
    note(f"running {name}")
    try:
        done = subprocess.run(line, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=_LIMIT_S)
    except subprocess.TimeoutExpired:
        return Tried(name, "failed", f"not done within {_LIMIT_S} s")
    said = [text for text in done.stdout.splitlines() if text.strip()]
    last = said[-1].strip("= ") if said else done.stderr.strip().rpartition("\n")[2]
    failures = [text for text in said if text.startswith(("FAILED", "ERROR"))]
    return Tried(name, "failed" if done.returncode else "passed", "; ".join([*failures[:3], last]))
