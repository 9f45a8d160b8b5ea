"""A work tree counts as edited exactly when a file of it is other than in the commit, whatever git would have run."""

import os
import pathlib

import pytest

from tests.tools.small_upstream import make_repo
from tools.git import git
from tools.upstream.trees import GitTree
from tools.upstream.trees import Origin
from tools.upstream.work_tree import WorkTree

FILE = "src/openpi/__init__.py"


@pytest.fixture
def folder(tmp_path) -> pathlib.Path:
    make_repo(tmp_path / "clone ü")
    return tmp_path / "clone ü"


def is_edited(folder: pathlib.Path) -> bool:
    head = git(folder, "rev-parse", "HEAD").decode().strip()
    return WorkTree(folder, folder / ".git").is_edited(GitTree(folder, head, Origin("git", head, "")).blobs())


def test_a_fresh_clone_is_not_edited(folder):
    os.utime(folder / FILE, (0, 0))
    assert not is_edited(folder)


def edit(folder):
    (folder / FILE).write_bytes(b"X = 2\n")  # of the same size


def remove(folder):
    (folder / FILE).unlink()


def make_executable(folder):
    (folder / FILE).chmod(0o755)


def put_a_folder_there(folder):
    (folder / "README.md").unlink()
    (folder / "README.md").mkdir()


def put_a_link_there(folder):
    (folder / "README.md").unlink()
    os.symlink("x", folder / "README.md")


def put_a_link_to_the_same_above(folder):
    (folder / "src").rename(folder / "elsewhere")
    os.symlink("elsewhere", folder / "src")
    git(folder, "add", "src")


def take_out_of_the_index(folder):
    git(folder, "rm", "--quiet", "--cached", FILE)


def stage(folder):
    edit(folder)
    git(folder, "add", FILE)
    (folder / FILE).write_bytes(b"X = 1\n")


def stage_and_keep(folder):
    edit(folder)
    git(folder, "add", FILE)


def hide(folder):
    git(folder, "update-index", "--assume-unchanged", FILE)
    edit(folder)


def conflict(folder):
    blob = git(folder, "rev-parse", f"HEAD:{FILE}").decode().strip()
    rows = f"0 {'0' * 40}\t{FILE}\n" + "".join(f"100644 {blob} {stage}\t{FILE}\n" for stage in (1, 2, 3))
    git(folder, "update-index", "--index-info", stdin=rows.encode())


EDITS = [
    edit, remove, make_executable, put_a_folder_there, put_a_link_there, put_a_link_to_the_same_above,
    take_out_of_the_index, stage, stage_and_keep, hide, conflict,
]  # fmt: skip


@pytest.mark.parametrize("change", EDITS)
def test_every_way_to_edit_is_seen(folder, change):
    change(folder)
    assert is_edited(folder)


def test_links_and_executables_are_as_committed(folder):
    os.symlink("nowhere", folder / "link")
    (folder / "run").write_bytes(b"")
    (folder / "run").chmod(0o755)
    git(folder, "add", "--all")
    who = {f"GIT_{who}_{what}": "me" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    git(folder, "commit", "--quiet", "--message=more", extra_env=who)
    assert not is_edited(folder)
    (folder / "link").unlink()
    os.symlink("elsewhere", folder / "link")
    assert is_edited(folder)
    (folder / "link").unlink()
    (folder / "link").write_text("nowhere")  # a file with the bytes that the link's blob has
    assert is_edited(folder)


def test_a_disk_without_executable_bits(folder):
    git(folder, "config", "core.fileMode", "false")
    make_executable(folder)
    assert not is_edited(folder)


def test_a_sparse_checkout_is_not_edited(folder):
    git(folder, "update-index", "--skip-worktree", FILE)
    remove(folder)
    assert not is_edited(folder)


def test_a_repository_with_the_longer_hashes(tmp_path):
    git(None, "init", "--quiet", "--object-format=sha256", str(tmp_path / "long"))
    (tmp_path / "long" / "a").write_bytes(b"a")
    git(tmp_path / "long", "add", "a")
    who = {f"GIT_{who}_{what}": "me" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    git(tmp_path / "long", "commit", "--quiet", "--message=one", extra_env=who)
    assert not is_edited(tmp_path / "long")


def test_untracked_files_are_listed_and_ignored_ones_not(folder):
    (folder / ".gitignore").write_text("*.log\n")
    for name in ("mine.py", "run.log", "docs/ü"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    os.symlink("anywhere", folder / "link")
    git(None, "init", "--quiet", str(folder / "another"))
    assert sorted(WorkTree(folder, folder / ".git").untracked()) == [".gitignore", "docs/ü", "link", "mine.py"]


def test_the_work_tree_is_where_we_look(folder, tmp_path):
    """The configuration may say that it is elsewhere."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").touch()
    git(folder, "config", "core.worktree", str(tmp_path / "elsewhere"))
    work = WorkTree(folder, folder / ".git")
    assert work.untracked() == []
    assert FILE in work.tracked()
