"""Every check that stands between a codemod and the disk stops a codemod that is wrong in just that way."""

import ast
import dataclasses

import libcst as cst
import pytest

from tools.codemods import Change
from tools.codemods import NoPlace
from tools.plan.patch import Edit
from tools.plan.patch import Patch
from tools.plan.patch import UpstreamHas
from tools.plan.plan import make_plan
from tools.plan.probes import Imports
from tools.refusal import WrongUsage
from tools.upstream import trees

FILE = "src/openpi/a.py"
TEXT = b"import os\n\nVALUE = [1]  # kept\n"


class Upstream:
    """A tree of one file."""

    origin = trees.Origin("git", "0" * 40, "2026-01-01")

    def __init__(self, text: bytes = TEXT, beside: tuple[str, ...] = ()):
        self.text = text
        self.beside = beside

    def modes(self) -> dict[str, str]:
        return dict.fromkeys((FILE, *self.beside), trees.PLAIN)

    def read(self, paths: list[str]) -> dict[str, bytes]:
        return {path: self.text for path in paths if path == FILE}


@dataclasses.dataclass(frozen=True)
class Honest:
    """Adds the statement `added = os.name` at the end of a file."""

    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        if self._there(tree):
            return Change(tree, places=count, changed=0)
        return Change(tree.with_changes(body=(*tree.body, cst.parse_statement("added = os.name"))), count, count)

    def undo(self, tree: cst.Module) -> cst.Module:
        return tree.with_changes(body=tree.body[:-1]) if self._there(tree) else tree

    def holds(self, tree: ast.Module) -> bool:
        return ast.unparse(tree.body[-1]) == "added = os.name"

    def injects(self) -> list[str]:
        return ["os.name"]

    def _there(self, tree: cst.Module) -> bool:
        return tree.code.endswith("added = os.name\n")


class WouldNotCompile(Honest):
    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        new = cst.parse_statement("return 1")
        return Change(tree.with_changes(body=(*tree.body, new)), count, count)


class WrongPlace(Honest):
    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        if "added" in tree.code:
            return Change(tree, count, 0)
        return Change(
            tree.with_changes(body=(tree.body[0], cst.parse_statement("added = os.name"), *tree.body[1:])), 1, 1
        )


class Unbound(Honest):
    def injects(self) -> list[str]:
        return ["nowhere.name"]


class Greedy(Honest):
    def _there(self, tree: cst.Module) -> bool:
        return False

    def undo(self, tree: cst.Module) -> cst.Module:
        return tree.with_changes(body=tree.body[:-1])


class LosesAComment(Honest):
    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        change = super().apply(tree, count=count)
        return Change(cst.parse_module(change.tree.code.replace("  # kept", "")), 1, 1) if change.changed else change


class Homeless(Honest):
    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        raise NoPlace("a list named THINGS", "none", [(3, "VALUE = [1]  # kept")])


def patch(change, *, has: tuple = (), name: str = "a-patch", file: str = FILE) -> Patch:
    edit = Edit(file, "a_codemod", change, 1)
    return Patch(name, "title", "why", "never", "link", (edit,), has, digest="")


def verdict(*patches: Patch, text: bytes = TEXT):
    return make_plan(Upstream(text), {}, list(patches)).results


def test_an_honest_codemod_is_applied_and_found_again():
    result = verdict(patch(Honest()))[0]
    assert (result.verdict, result.files) == ("applied", {FILE: TEXT + b"added = os.name\n"})
    assert result.edits[0].lines == (4,)
    assert verdict(patch(Honest()), text=TEXT + b"added = os.name\n")[0].verdict == "already"


@pytest.mark.parametrize(
    ("liar", "said"),
    [
        (WouldNotCompile(), "would not compile"),
        (WrongPlace(), "did not end up where it was meant to"),
        (Unbound(), "the name nowhere is not bound"),
        (Greedy(), "would be made a second time"),
        (LosesAComment(), "does not give upstream's bytes back"),
        (Homeless(), "looked for a list named THINGS; found none"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_a_codemod_that_is_wrong_is_refused_and_the_others_are_judged_on(liar, said):
    good, bad = verdict(patch(Honest(), name="good", file="src/openpi/none.py"), patch(liar))
    assert bad.verdict == "refused"
    assert said in bad.reason
    assert bad.files == {}
    assert good.verdict == "refused"
    assert "looked for the file src/openpi/none.py" in good.reason


def test_where_upstream_has_it_the_patch_is_left_out():
    has = (UpstreamHas(FILE, Imports("os")),)
    result = verdict(patch(Homeless(), has=has), text=b"import os\nprint(os.name)\n")[0]
    assert (result.verdict, result.files) == ("upstream", {})
    assert "os" in result.reason


def test_a_module_that_a_package_comes_before_is_refused():
    has = (UpstreamHas(FILE, Imports("os")),)
    tree = Upstream(b"import os\nprint(os.name)\n", ("src/openpi/a/__init__.py", "src/openpi/a/b.py"))
    result = make_plan(tree, {}, [patch(Honest(), has=has)]).results[0]
    assert (result.verdict, result.files) == ("refused", {})
    assert "looked for src/openpi/a.py as the module that Python imports" in result.reason
    assert "found src/openpi/a/__init__.py, which comes before it" in result.reason
    beside = ("src/openpi/a/b.py", "src/openpi/b/a/__init__.py", "src/openpi/__init__.py")
    assert make_plan(Upstream(beside=beside), {}, [patch(Honest())]).results[0].verdict == "applied"


def test_ours_comes_before_upstreams():
    has = (UpstreamHas(FILE, Imports("os")),)
    assert verdict(patch(Honest(), has=has), text=TEXT + b"added = os.name\n")[0].verdict == "already"


def test_a_file_that_libcst_does_not_print_as_it_is_is_refused():
    assert "libcst does not print" in verdict(patch(Honest()), text=b"\x0c" + TEXT)[0].reason


def test_a_patch_that_fails_half_way_leaves_nothing_behind():
    both = dataclasses.replace(patch(Honest()), edits=(Edit(FILE, "a", Honest(), 1), Edit(FILE, "b", Homeless(), 1)))
    first, second = verdict(both, patch(Honest(), name="second"))
    assert first.verdict == "refused"
    assert second.files == {FILE: TEXT + b"added = os.name\n"}


def test_skipping_what_does_not_exist_is_wrong_usage():
    with pytest.raises(WrongUsage, match="--skip"):
        make_plan(Upstream(), {}, [patch(Honest())], skip=("another",))
