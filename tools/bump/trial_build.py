"""Builds a new upstream aside, to be tried before the lock names it; one bump at a time."""

from collections.abc import Iterator
import contextlib
import pathlib
import shutil
import tempfile

from tools import one_at_a_time
from tools import upstream_tests
from tools.builds import build as builds
from tools.builds import stamp as stamps
from tools.command import ROOT
from tools.lock import Lock
from tools.plan import overlay_files
from tools.plan import patches
from tools.plan.plan import make_plan
from tools.refusal import Refused
from tools.upstream import trees
from tools.upstream.history import Commit
from tools.upstream.history import History


@contextlib.contextmanager
def build(history: History, commit: Commit, lock: Lock) -> Iterator[upstream_tests.Trees]:
    """Builds a commit in a temporary folder under `build/`, as apply would, beside the tree as upstream has it.

    Both are removed at the end, and what a bump left that was killed is removed first.

    Raises:
        Refused: another bump is at work, a patch is refused, or the overlay does not fit this commit.
    """
    tree = trees.GitTree(history.repo, commit.id, trees.Origin("git", commit.id, commit.date))
    plan = make_plan(tree, overlay_files.read_overlay(), patches.read_series())
    if plan.objection:
        raise plan.objection
    if not plan.ok:
        found = "\n".join(f"{r.patch.name}: {r.reason}" for r in plan.results if r.verdict == "refused")
        raise Refused(commit.id, expected="every patch to apply", found=found, todo="mend the patches that it names")
    with _alone(ROOT / "build") as folder:
        both = upstream_tests.Trees("bump", folder / "pristine", folder / "openpi")
        upstream_tests.lay_out_pristine(history.repo, commit.id, both.pristine)
        builds.write(both.patched, plan, stamps.of_plan(plan, lock), force=False)
        yield both


@contextlib.contextmanager
def _alone(parent: pathlib.Path) -> Iterator[pathlib.Path]:
    """A temporary folder for one bump at a time."""
    parent.mkdir(exist_ok=True)
    found, todo = "one that is still running", "wait until it is done, then run yours"
    another = Refused(str(parent), expected="no other bump at work here", found=found, todo=todo)
    with one_at_a_time.held(parent / "bump.lock", refusal=lambda _: another):
        for left in parent.glob("bump-*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix="bump-", dir=parent, ignore_cleanup_errors=True) as folder:
            yield pathlib.Path(folder)
