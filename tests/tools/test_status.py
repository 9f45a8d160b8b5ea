"""`just status` says clean, edited (which files) or behind (what)."""

import pathlib
import shlex
import shutil
import subprocess

import pytest

from tests.tools.project import show
from tools.git import git


@pytest.fixture
def built(project_011):
    project_011.just("apply")
    return project_011


def test_no_build_is_said_so(project_011):
    done = project_011.just("status")
    assert done.returncode == 1
    assert "just apply" in done.stderr
    assert '"ok": false' in project_011.just("status", "--json").stdout


def test_a_fresh_build_is_clean(built):
    done = built.just("status")
    assert done.returncode == 0, show(done)
    assert done.stdout.startswith("clean: ")
    answer = built.json("status")
    assert answer["ok"] is True
    assert answer["state"] == "clean"
    assert answer["commit"] == git(built.build, "rev-parse", "HEAD").decode().strip()


def test_what_the_user_adds_beside_it_is_no_edit(built):
    (built.build / "my_notes.txt").write_text("mine")
    (built.build / "checkpoints").symlink_to("/")
    assert built.json("status")["state"] == "clean"


def test_a_new_source_file_is_named_with_what_to_do_about_it(built):
    path = "src/openpi/policies/mine_policy.py"
    (built.build / path).write_text("X = 1\n")
    done = built.just("status", cwd=built.root)
    assert done.returncode == 0, show(done)
    assert f"  new       {path}\n" in done.stdout
    assert "just harvest PATH" in done.stdout
    command = done.stdout.splitlines()[-1].rpartition(": ")[2].replace("PATH", path)
    subprocess.run(shlex.split(command), cwd=built.root, check=True)
    assert path in built.just("diff", "--stat").stdout
    assert built.json("status")["new"] == [path]
    assert built.just("harvest", path).returncode == 0
    assert built.json("status")["new"] == []
    assert built.json("status")["state"] == "behind"


def test_edited_names_the_files_changed_removed_or_made_executable(built):
    (built.build / "README.md").unlink()
    (built.build / "pyproject.toml").chmod(0o755)
    (built.build / "src/openpi/transforms.py").write_text("")
    done = built.just("status")
    assert done.returncode == 1
    assert built.json("status")["state"] == "edited"
    assert built.json("status")["edited"] == ["README.md", "pyproject.toml", "src/openpi/transforms.py"]
    assert "docs/patches.md" in done.stdout
    assert "just harvest" not in done.stdout  # it carries none of these
    overlaid = built.build / "src/openpi/policies/so101_policy.py"
    overlaid.write_text(overlaid.read_text() + "\n# mine\n")
    assert "just harvest" in built.just("status").stdout


def test_behind_names_what_moved(built):
    built.edit("patches/shape-skip.toml", "why =", "# a word more\nwhy =")
    (built.root / "overlay/src/openpi/new.py").write_text("")
    (built.root / "overlay/src/openpi/policies/joyarm_policy.py").unlink()
    built.edit("upstream.lock", "15a9616a00943ada6c20a0f158e3adb39df2ccac", "0" * 40)
    answer = built.json("status")
    assert answer["state"] == "behind"
    text = "\n".join(answer["behind"])
    assert "the lock names 000000000000 now" in text
    assert "patch shape-skip: changed" in text
    assert "overlay src/openpi/new.py: new" in text
    assert "overlay src/openpi/policies/joyarm_policy.py: gone" in text
    assert built.just("status").returncode == 1


def test_edited_and_behind_at_once(built):
    (built.build / "README.md").write_text("")
    (built.root / "overlay/src/openpi/new.py").write_text("")
    assert built.json("status")["state"] == "edited and behind"


@pytest.mark.parametrize("kind", ["plain", "git"])
def test_a_build_of_a_fork_is_clean_until_the_fork_moves(built, tmp_path, kind):
    fork, out = tmp_path / "my fork", tmp_path / "out"
    shutil.copytree(built.build, fork, ignore=shutil.ignore_patterns(".git"))
    if kind == "git":
        commit_all(fork)
    options = ["--upstream", "../my fork", "--out", "../out", "--skip", "shape-skip"]
    done = built.just("apply", *options, cwd=built.root)
    assert done.returncode == 0, show(done)
    done = built.just("status", "--out", out, cwd=built.root)
    assert done.returncode == 0, show(done)
    assert done.stdout.startswith("clean, made of ../my fork: ")
    built.edit("upstream.lock", "15a9616a00943ada6c20a0f158e3adb39df2ccac", "0" * 40)
    assert built.just("status", "--out", out).returncode == 0, "the lock is nothing to it"

    (fork / "README.md").write_text("moved on")
    if kind == "git":
        commit_all(fork)
    done = built.just("status", "--out", out, cwd=built.root)
    assert done.returncode == 1
    assert "behind    ../my fork, of which it was made, has changed since" in done.stdout
    again = "just apply --upstream '../my fork' --out ../out --skip shape-skip"
    assert done.stdout.splitlines()[-1] == f"bring it up to date: {again}"
    assert built.just("apply", *shlex.split(again)[2:], cwd=built.root).returncode == 0
    assert built.just("status", "--out", out, cwd=built.root).returncode == 0

    (built.root / "overlay/src/openpi/new.py").write_text("")
    assert f": {again}\n" in built.just("status", "--out", out, cwd=built.root).stdout
    (out / "README.md").write_text("mine")
    overlaid = out / "src/openpi/policies/so101_policy.py"
    overlaid.write_text(overlaid.read_text() + "\n# mine\n")
    assert "back: just harvest --out ../out\n" in built.just("status", "--out", out, cwd=built.root).stdout
    assert f": {again} --force\n" in built.just("status", "--out", out, cwd=built.root).stdout
    shutil.rmtree(fork)
    assert "cannot be read any more: nothing there" in built.just("status", "--out", out).stdout


def commit_all(folder: pathlib.Path) -> None:
    """All files of a folder as a commit of a repository there."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all", "--force")
    who = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    git(folder, "commit", "--quiet", "--message=x", extra_env=who)


def test_a_build_of_a_commit_that_was_named_is_clean(built):
    commit = git(built.root / "build/upstream.git", "rev-list", "--all", "--max-count=1").decode().strip()
    assert built.just("apply", "--upstream", commit).returncode == 0
    done = built.just("status")
    assert done.returncode == 0, show(done)
    assert done.stdout.startswith(f"clean, made of {commit}: ")


def test_a_stamp_that_was_cut_is_no_build(built):
    stamp = built.build / ".git" / "overlay-stamp.json"
    stamp.write_bytes(stamp.read_bytes()[:100])
    done = built.just("status")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_another_order_of_the_series_is_behind(built):
    series = (built.root / "patches/series").read_text()
    names = [line for line in series.splitlines() if not line.startswith("#")]
    (built.root / "patches/series").write_text("\n".join(reversed(names)) + "\n")
    assert built.json("status")["behind"] == ["the series has another order"]
