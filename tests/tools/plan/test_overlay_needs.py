"""Whether the overlay fits a tree: asked in one way by apply, the rebase check and the bump."""

import json
import pathlib

import pytest

from tests import mutations
from tests.tools.made_history import MadeHistory
from tests.tools.project import show
from tools.bump import trial_build
from tools.git import git
from tools.lock import read_lock
from tools.plan import overlay_files
from tools.plan.overlay_files import OverlayFile
from tools.plan.overlay_needs import in_words
from tools.plan.overlay_needs import missing
from tools.plan.overlay_needs import objection
from tools.plan.overlay_needs import taken
from tools.refusal import Refused
from tools.upstream import trees
from tools.upstream.history import open_history
from tools.upstream.open_tree import open_tree

CONFIG, POLICY = mutations.CONFIG, "src/openpi/policies/so101_policy.py"
OURS = "src/openpi/training/ours.py"

UPSTREAM = {
    "src/openpi/__init__.py": "",
    "src/openpi/a.py": "import os\nfrom typing import Any\nA: int = 1\nclass B:\n    inside = 1\ndef f():\n    global LATE\n",
    "src/openpi/lazy.py": "def __getattr__(name):\n    return name\n",
    "src/openpi/star.py": "from openpi.a import *\n",
    "src/openpi/broken.py": "def (:\n",
    "src/openpi/plain/leaf.py": "X = 1\n",  # a folder without __init__.py
    "src/openpi/training/__init__.py": "",
    "src/openpi/training/config.py": "if True:\n    C = 1\nelse:\n    D = 2\ntry:\n    import x as E\nexcept ImportError:\n    E = None\n",
}


def tree(tmp_path: pathlib.Path, files: dict[str, str]) -> trees.Tree:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return open_tree(tmp_path)


def laid(text: str, path: str = OURS) -> dict[str, OverlayFile]:
    return {path: OverlayFile(trees.PLAIN, text.encode())}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("from openpi.a import C", "openpi.a.C"),
        ("from openpi.a import B\nB.outside", ""),  # an attribute of a class: nobody asks that
        ("from openpi.a import B, C as D", "openpi.a.C"),
        ("def get():\n    from openpi.a import C\n    return C", "openpi.a.C"),
        ("import openpi.a as a\nx = a.C", "openpi.a.C"),
        ("from openpi import a\ndef f(x: a.C): ...", "openpi.a.C"),
        ("import openpi.a\nopenpi.a.C", "openpi.a.C"),
        ("from ..a import C", "openpi.a.C"),
        ("from . import config\nconfig.F", "openpi.training.config.F"),
        ("from .config import C, D, E, __name__", ""),
        ("from openpi import nothing", "openpi.nothing"),
        ("from openpi.plain import leaf, other", "openpi.plain.other"),
        ("import openpi.a as a, openpi.plain.leaf\na.A, a.B.x, a.f, a.os, a.Any, a.LATE, openpi.plain.leaf.X", ""),
        ("from openpi.lazy import anything\nfrom openpi.star import A, anything\nfrom openpi.broken import x", ""),
        ("try:\n    from openpi.a import C\nexcept ImportError:\n    C = None", ""),
        ("try:\n    from openpi.a import C\nfinally:\n    pass", "openpi.a.C"),
        ("import contextlib\nwith contextlib.suppress(ImportError):\n    from openpi.a import C", ""),
        ("import typing\nif typing.TYPE_CHECKING:\n    from openpi.a import C", ""),
        ("import openpi.a as a\ntry:\n    x = a.C\nexcept AttributeError:\n    x = 1", ""),
        ("import openpi.a as a\ndef f(a):\n    return a.C", ""),
        ("import openpi.a as a\na = a.A\na.C", ""),
        ("from openpi.training.more import X", ""),  # the overlay's own
        ("from openpi_client import anything", ""),
    ],
)  # fmt: skip
def test_a_name_that_a_module_does_not_bind_is_missing(tmp_path, code, name):
    overlay = laid(code) | laid("", "src/openpi/training/more.py")
    wanted = [f"overlay/{OURS} uses {name}, which upstream lacks"] if name else []
    assert missing(overlay, tree(tmp_path, UPSTREAM)) == wanted


def test_a_module_that_is_missing_is_told_once(tmp_path):
    overlay = laid("import openpi.b as b\nfrom openpi.b import C\nb.D\n")
    assert missing(overlay, tree(tmp_path, UPSTREAM)) == [f"overlay/{OURS} imports openpi.b, which upstream lacks"]


@pytest.mark.parametrize(
    ("code", "is_taken"),
    [
        ('TrainConfig(name="mine")', True),
        ('TrainConfig("mine", exp_name="x")', True),
        ('_config.TrainConfig("mine")', True),
        ('dataclasses.replace(TrainConfig("other"), name="mine")', True),
        ('TrainConfig(name="other", exp_name="mine")', False),
        ('TrainConfig("other", "mine")', False),
        ('# TrainConfig\nDataConfig(name="mine")', False),
    ],
)
def test_a_config_of_upstreams_may_not_have_our_name(tmp_path, code, is_taken):
    overlay = laid('NAMES = ["mine"]\n', "src/openpi/training/overlay_configs/robot_config.py")
    found = taken(overlay, tree(tmp_path, UPSTREAM | {"src/openpi/training/misc/more.py": code}))
    wanted = ["src/openpi/training/misc/more.py has a config named mine, as the overlay does"]
    assert found == (wanted if is_taken else [])


def test_the_pinned_upstream_has_all_that_the_overlay_takes(any_upstream):
    tree = trees.GitTree(any_upstream.repo, any_upstream.commit, trees.Origin("git", any_upstream.commit, ""))
    assert objection(overlay_files.read_overlay(), tree) is None


# What each commit changes, and what is said of it: in a file, a text for another; None for a file that goes.
CASES = {
    "a config's name": (CONFIG, 'name="debug_pi05"', 'name="pi05_so101_lora"', "a config named pi05_so101_lora"),
    "a class": (CONFIG, "SimpleDataConfig", "PlainDataConfig", "uses openpi.training.config.SimpleDataConfig"),
    "a function": ("src/openpi/transforms.py", "make_bool_mask", "bool_mask", "uses openpi.transforms.make_bool_mask"),
    "a module": ("src/openpi/models/pi0_config.py", "", None, "imports openpi.models.pi0_config"),
    "a file of its own": (POLICY, "", "# theirs\n", f"overlay/{POLICY}: upstream has a file at that path"),
}


@pytest.fixture(scope="module")
def history(tmp_path_factory, mirror_011) -> MadeHistory:
    """A release, and commits that each make it another upstream in one way and mend it again."""
    made = MadeHistory(tmp_path_factory.mktemp("needs") / "clone")
    made.from_mirror(mirror_011, "2025-12-02", "the second release")
    for name, (path, old, new, _) in CASES.items():
        text = None if path == POLICY else made.text(path)
        made.change("2025-12-03", name, {path: text.replace(old, new) if old else new})
        made.change("2025-12-03", "as before", {path: text})
    return made


def test_apply_the_rebase_check_and_the_bump_say_the_same(history, project_011, tmp_path, monkeypatch):
    monkeypatch.setattr(trial_build, "ROOT", tmp_path)
    project_011.edit("upstream.lock", "15a9616a00943ada6c20a0f158e3adb39df2ccac", history.commits[0])
    rows = project_011.json("rebase_check", "--upstream", history.path, "--all")["commits"]
    assert [row["overlay"] for row in rows if row["subject"] in ("as before", "the second release")] == [""] * 6
    bad = {row["subject"]: row for row in rows if row["subject"] in CASES}
    assert list(bad) == list(CASES)
    clone = tmp_path / "clone"
    git(None, "clone", "--quiet", str(history.path), str(clone))
    for name, (*_, words) in CASES.items():
        assert words in bad[name]["overlay"], name
        assert bad[name]["ok"] is False
        git(clone, "checkout", "--quiet", bad[name]["commit"])
        done = project_011.just("apply", "--upstream", clone, "--check", "--json", "--out", tmp_path / "out")
        assert done.returncode == 1, show(done)
        said = json.loads(done.stdout)
        assert said["ok"] is False
        assert said["overlay"] == bad[name]["overlay"]
        assert [(p["name"], p["verdict"]) for p in said["patches"]] == [
            (p["name"], p["verdict"]) for p in bad[name]["patches"]
        ]
        assert {p["verdict"] for p in said["patches"]} == {"applied", "upstream"}
        opened = open_history(history.path)
        commit = opened.commit(bad[name]["commit"])
        with (
            pytest.raises(Refused) as refused,
            trial_build.build(opened, commit, read_lock(project_011.root / "upstream.lock")),
        ):
            pass
        assert in_words(refused.value) == said["overlay"]


def test_apply_shows_the_patches_and_then_what_speaks_against_the_overlay(history, project_011, tmp_path):
    clone = tmp_path / "clone"
    git(None, "clone", "--quiet", str(history.path), str(clone))
    (clone / POLICY).write_text("# theirs\n")
    done = project_011.just("apply", "--upstream", clone, "--out", tmp_path / "out")
    assert done.returncode == 1, show(done)
    for part in (
        "shape-skip",
        "applied",
        f"refused: overlay/{POLICY}",
        "expected:",
        "found:",
        "do:",
        "nothing was written",
    ):
        assert part in done.stdout, part
    assert not (tmp_path / "out").exists()
