"""On mutated upstreams every patch is right or refused, never wrong; and refused only where it should be."""

import ast
import subprocess
import sys

from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import libcst as cst
import pytest

from tests import mutations
from tests.codemods import expected
from tools.codemods import NoPlace
from tools.codemods.add_import import AddImport
from tools.git import git
from tools.plan.patch import Patch
from tools.plan.patches import read_series

PATCHES = {patch.name: patch for patch in read_series()}
# Upstream's own settings for its imports.
RUFF = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select=I"]
for option in ("force-single-line=true", "force-sort-within-sections=true", "known-first-party=['openpi']"):
    RUFF += ["--config", f"lint.isort.{option}"]
RUFF += ["--config", "lint.isort.single-line-exclusions=['collections.abc', 'typing', 'typing_extensions']"]
COMBINED = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="session")
def upstream(upstream_text) -> mutations.Mutated:
    """The files that the patches change, without any mutation."""
    return mutations.Mutated({path: upstream_text(path) for path in mutations.EVERY})


@pytest.mark.parametrize("name", PATCHES)
def test_upstream_as_it_is_is_right(name: str, upstream: mutations.Mutated):
    assert outcome(PATCHES[name], upstream.texts) == "right"


@pytest.mark.parametrize("mutation", mutations.MUTATIONS, ids=lambda m: m.name)
def test_one_mutation(mutation: mutations.Mutation, upstream: mutations.Mutated):
    mutated = mutations.mutate(upstream.texts, (mutation,), seed=1)
    assert mutated.names == (mutation.name,), "the mutation changes nothing in this upstream"
    check(mutated, mutation.files)


@COMBINED
@given(
    path=st.sampled_from(mutations.EVERY),
    chosen=st.lists(st.sampled_from(mutations.MUTATIONS), min_size=2, max_size=5, unique=True),
    seed=st.integers(0, 99),
)
def test_mutations_together(upstream: mutations.Mutated, path: str, chosen: list[mutations.Mutation], seed: int):
    check(mutations.mutate({path: upstream.texts[path]}, tuple(chosen), seed), (path,))


@COMBINED
@given(
    path=st.sampled_from(mutations.EVERY),
    layout=st.permutations(mutations.LAYOUT + mutations.NEIGHBOURS[:-1]),
    first=st.sampled_from([m for m in mutations.MUTATIONS if not m.breaks]),
    seed=st.integers(0, 99),
)
def test_layout_alone_is_never_a_reason_to_refuse(upstream: mutations.Mutated, path: str, layout, first, seed: int):
    mutated = mutations.mutate({path: upstream.texts[path]}, (first, *layout[:4]), seed)
    assert not mutated.broken
    check(mutated, (path,))


def check(mutated: mutations.Mutated, files: tuple[str, ...]) -> None:
    """Asserts that each patch of the files has the outcome that the mutations allow it."""
    for path in files:
        ast.parse(mutated.texts[path].removeprefix(mutations.MARK))
    for patch in PATCHES.values():
        if patch.edits[0].file in files:
            wanted = "refused" if patch.name in mutated.broken else "right"
            assert outcome(patch, mutated.texts) == wanted, f"{patch.name} on {mutated.names}"


def outcome(patch: Patch, texts: dict[str, str]) -> str:
    """Makes the edits of a patch; "right", "refused", or in words what is wrong."""
    trees = {edit.file: cst.parse_module(texts[edit.file].encode()) for edit in patch.edits}
    try:
        for edit in patch.edits:
            trees[edit.file] = edit.change.apply(trees[edit.file], count=edit.count).tree
    except NoPlace as e:
        return "refused" if e.looked_for and e.found else "refused without a reason"
    wanted = expected.patched(patch.name, {path: text.removeprefix(mutations.MARK) for path, text in texts.items()})
    for path, tree in trees.items():
        text = tree.bytes
        found = ast.parse(text)
        if faults := [edit.codemod for edit in patch.edits if not edit.change.holds(found)]:
            return f"does not hold: {faults}"
        for module in [e.change.module for e in patch.edits if isinstance(e.change, AddImport)]:
            found, faults = expected.without_import(found, module)
            if faults:
                return "; ".join(faults)
        if ast.dump(found) != ast.dump(wanted[path]):
            return f"{path} says something else"
        again = cst.parse_module(text)
        if any(edit.change.apply(again, count=edit.count).changed for edit in patch.edits):
            return "a second run changes something"
        for edit in reversed(patch.edits):
            again = edit.change.undo(again)
        if again.bytes != texts[path].encode():
            return "taking it away does not give the bytes back"
        if patch.name != "lerobot-layout" and not _only_more(texts[path].encode(), text):
            return "bytes of upstream are gone"
    return "right"


def _only_more(before: bytes, after: bytes) -> bool:
    """Is every byte there still, in its order?"""
    rest = iter(after)
    return all(byte in rest for byte in before)


@pytest.mark.parametrize("name", [name for name in PATCHES if name != "lerobot-layout"])
def test_ruff_finds_the_imports_sorted(name: str, any_upstream):
    for edit in PATCHES[name].edits:
        if isinstance(edit.change, AddImport):
            before = git(any_upstream.repo, "cat-file", "blob", f"{any_upstream.commit}:{edit.file}")
            after = edit.change.apply(cst.parse_module(before)).tree.bytes
            for text in (before, after):
                done = subprocess.run([*RUFF, "-"], input=text, capture_output=True, check=False)
                assert done.returncode == 0, done.stdout.decode()
