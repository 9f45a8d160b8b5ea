"""`just export` and `just diff`: the series for people who have no use for our tools."""

import os
import subprocess

import pytest

from tests.tools.project import show
from tests.tools.project import snapshot
from tools.git import git


@pytest.fixture
def built(project):
    project.just("apply")
    return project


def test_applied_to_the_pristine_commit_it_gives_the_same_tree(built, tmp_path):
    done = built.just("export", tmp_path / "out")
    assert done.returncode == 0, show(done)
    files = done.stdout.split()
    assert [os.path.basename(f)[:4] for f in files] == [f"{n:04}" for n in range(1, len(files) + 1)]
    pristine = git(built.build, "rev-list", "--max-parents=0", "HEAD").decode().strip()
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--no-checkout", str(built.build), str(clone)], check=True)
    git(clone, "checkout", "-q", "--detach", pristine)
    me = ("-c", "user.name=me", "-c", "user.email=me@home")
    git(clone, *me, "am", "--quiet", *files)
    assert git(clone, "rev-parse", "HEAD^{tree}") == git(built.build, "rev-parse", "HEAD^{tree}")
    ours = git(built.build, "log", "--format=%B", "HEAD").decode().strip()
    assert git(clone, "log", "--format=%B", "HEAD").decode().strip() == ours


def test_the_same_bytes_whatever_the_machine_says(built, tmp_path):
    built.just("export", tmp_path / "a")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[diff]\n noprefix = true\n algorithm = patience\n[format]\n signature = me\n")
    other = {"HOME": str(home), "TZ": "Pacific/Auckland", "LANG": "de_DE.UTF-8", "GIT_AUTHOR_NAME": "x"}
    built.just("export", tmp_path / "b", env=other)
    a, b = snapshot(tmp_path / "a"), snapshot(tmp_path / "b")
    assert len(a) >= 4
    assert a == b


def test_an_earlier_export_is_replaced_as_a_whole(built, tmp_path):
    out = tmp_path / "out"
    assert built.just("export", out).returncode == 0
    (out / "0001-Lay-the-overlay.patch").rename(out / "0099-gone-since.patch")
    (tmp_path / "link").symlink_to(out)
    assert built.just("export", tmp_path / "link").returncode == 0
    assert not (out / "0099-gone-since.patch").exists()
    assert (out / "0001-Lay-the-overlay.patch").exists()
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("name", ["thesis.tex", "my-fix.patch", "0001-my-fix.patch"])
def test_a_folder_with_anything_else_is_left_alone(built, tmp_path, name):
    assert built.just("export", tmp_path / "out").returncode == 0
    (tmp_path / "out" / name).write_text("From me\n")
    before = snapshot(tmp_path / "out")
    done = built.just("export", tmp_path / "out")
    assert done.returncode == 1
    assert name in done.stderr
    assert snapshot(tmp_path / "out") == before


def test_edits_in_the_build_are_not_exported_in_silence(built, tmp_path):
    (built.build / "README.md").write_text("mine")
    done = built.just("export", tmp_path / "out")
    assert done.returncode == 1
    assert "README.md" in done.stderr
    assert not (tmp_path / "out").exists()


def test_diff_shows_the_whole_change_and_what_the_user_did_since(built):
    (built.build / "README.md").write_text("mine\n")
    text = built.just("diff").stdout
    assert "+    *overlay_configs.get_overlay_configs()," in text
    assert "+++ b/src/openpi/policies/so101_policy.py" in text
    assert "+mine" in text
    mine = built.just("diff", "--patches-only").stdout
    assert "so101_policy.py" not in mine
    assert "get_overlay_configs" in mine
    assert "README.md" in built.just("diff", "--stat").stdout


def test_diff_into_a_closed_pipe_is_no_error(built):
    line = f"cd '{built.root}' && PYTHONPATH=. {os.sys.executable} -P -m tools.diff | head -1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("diff --git")
    assert done.stderr == ""


def test_json_lists_the_same(built, tmp_path):
    answer = built.json("export", tmp_path / "out")
    assert answer["files"] == sorted(str(path) for path in (tmp_path / "out").iterdir())
    assert answer["gives"] == git(built.build, "rev-parse", "HEAD").decode().strip()
    files = {file["path"]: file for file in built.json("diff", "--patches-only")["files"]}
    assert files["src/openpi/training/config.py"] == {
        "path": "src/openpi/training/config.py", "added": 2, "removed": 0,
    }  # fmt: skip
    assert "src/openpi/policies/so101_policy.py" not in files
