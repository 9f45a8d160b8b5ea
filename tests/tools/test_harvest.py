"""`just harvest` carries edits of overlay files back, and throws neither side away."""

import pytest

from tests.tools.project import show
from tests.tools.project import snapshot

POLICY = "src/openpi/policies/so101_policy.py"


@pytest.fixture
def built(project_011):
    project_011.just("apply")
    return project_011


def edit(built, path: str = POLICY) -> str:
    text = (built.build / path).read_text() + "\n\nMINE = 1\n"
    (built.build / path).write_text(text)
    return text


def test_an_edit_is_carried_back_and_apply_is_content_then(built):
    text = edit(built)
    assert built.just("apply").returncode == 1
    done = built.just("harvest")
    assert done.returncode == 0, show(done)
    assert f"overlay/{POLICY}" in done.stdout
    assert (built.root / "overlay" / POLICY).read_text() == text
    assert built.json("status")["state"] == "behind"
    assert built.just("apply").returncode == 0
    assert built.json("status")["state"] == "clean"


def test_check_only_says_what_would_be_carried(built):
    edit(built)
    before = snapshot(built.root / "overlay")
    assert f"overlay/{POLICY}" in built.just("harvest", "--check").stdout
    assert snapshot(built.root / "overlay") == before


def test_nothing_to_carry_is_said(built):
    assert "nothing to carry back" in built.just("harvest").stdout


def test_a_new_file_is_carried_when_it_is_named_by_either_path(built):
    for name in ("one", "two"):
        (built.build / f"src/openpi/policies/{name}_policy.py").write_text("X = 1\n")
    assert built.just("harvest", "src/openpi/policies/one_policy.py").returncode == 0
    assert built.just("harvest", "two_policy.py", cwd=built.build / "src/openpi/policies").returncode == 0
    assert (built.root / "overlay/src/openpi/policies/one_policy.py").read_text() == "X = 1\n"
    assert (built.root / "overlay/src/openpi/policies/two_policy.py").read_text() == "X = 1\n"
    assert built.just("apply").returncode == 0


def test_where_a_file_is_named_nothing_is_said_of_others(built):
    edit(built)
    (built.build / "src/openpi/policies/one_policy.py").write_text("X = 1\n")
    (built.build / "src/openpi/transforms.py").write_text("x = 1\n")
    done = built.just("harvest", "src/openpi/policies/one_policy.py")
    assert done.stdout == "carried  overlay/src/openpi/policies/one_policy.py\n"
    assert built.json("harvest", POLICY)["left"] == []


def test_a_change_on_both_sides_is_refused(built):
    edit(built)
    with open(built.root / "overlay" / POLICY, "a") as file:
        file.write("# theirs\n")
    before = snapshot(built.root / "overlay")
    done = built.just("harvest")
    assert done.returncode == 1
    assert "merge the two by hand" in done.stderr
    assert snapshot(built.root / "overlay") == before


def test_an_edit_of_upstreams_own_file_is_no_harvest(built):
    (built.build / "src/openpi/transforms.py").write_text("x = 1\n")
    done = built.just("harvest")
    assert done.returncode == 0
    assert "src/openpi/transforms.py" in done.stdout
    assert "patch" in done.stdout
    done = built.just("harvest", "src/openpi/transforms.py")
    assert done.returncode == 1
    assert not (built.root / "overlay/src/openpi/transforms.py").exists()


@pytest.mark.parametrize("path", [".git/config", ".venv/a.py", "src/openpi/__pycache__/a.pyc", "checkpoints/x"])
def test_what_no_overlay_holds_is_refused(built, path):
    (built.build / path).parent.mkdir(parents=True, exist_ok=True)
    (built.build / path).touch()
    done = built.just("harvest", path)
    assert done.returncode == 1, show(done)
    assert not (built.root / "overlay" / path).exists()


@pytest.mark.parametrize("path", ["no/such.py", "../../upstream.lock", "/etc/hostname"])
def test_a_file_outside_the_build_is_refused(built, path):
    done = built.just("harvest", path)
    assert done.returncode == 1
    assert "a file in the build" in done.stderr


def test_python_that_does_not_compile_is_refused_and_nothing_is_carried(built):
    edit(built)
    (built.build / "src/openpi/policies/joyarm_policy.py").write_text("def (:\n")
    before = snapshot(built.root / "overlay")
    done = built.just("harvest")
    assert done.returncode == 1
    assert "joyarm_policy.py, line 1" in done.stderr
    assert snapshot(built.root / "overlay") == before


def test_a_file_removed_in_the_build_is_not_removed_from_the_overlay(built):
    (built.build / POLICY).unlink()
    done = built.just("harvest")
    assert done.returncode == 1
    assert (built.root / "overlay" / POLICY).exists()


def test_json_lists_what_was_carried_and_what_was_left(built):
    edit(built)
    (built.build / "README.md").write_text("mine")
    assert built.json("harvest") == {"ok": True, "carried": [POLICY], "left": ["README.md"]}
