"""A tree reads the same from git and from disk, and reading never writes."""

import os
import pathlib
import subprocess

import pytest

from tests.tools.project import snapshot
from tools import trees
from tools.git import git
from tools.refusal import Refused

FILES = {
    "src/openpi/a.py": b"x = 1\n",
    "src/openpi/empty": b"",
    "src/openpi/binary": bytes(range(256)) * 3,
    "docs/mit Leerzeichen é.md": b"text without an end",
}


@pytest.fixture
def clone(tmp_path) -> pathlib.Path:
    root = tmp_path / "clone ü"
    for path, content in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    (root / "run.sh").write_bytes(b"#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    os.symlink("src/openpi/a.py", root / "link")
    (root / ".gitignore").write_text("checkpoints/\n*.log\n")
    env = os.environ | {f"GIT_{who}_{what}": "me@home" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for line in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", *line], cwd=root, env=env, check=True)
    return root


def everything(tree: trees.Tree) -> dict[str, tuple[str, bytes]]:
    modes = tree.modes()
    contents = tree.read(list(modes))
    return {path: (mode, contents[path]) for path, mode in modes.items()}


def test_git_and_disk_give_the_same(clone):
    from_git = trees.open_tree(clone)
    assert isinstance(from_git, trees.GitTree)
    read = everything(from_git)
    assert {path: read[path][1] for path in FILES} == FILES
    assert read["run.sh"] == (trees.EXECUTABLE, b"#!/bin/sh\n")
    assert read["link"] == (trees.LINK, b"src/openpi/a.py")
    (clone / "docs" / "mine.md").write_text("an edit makes it read from disk")
    (clone / "run.log").write_text("ignored")
    from_disk = trees.open_tree(clone)
    assert isinstance(from_disk, trees.FolderTree)
    seen = everything(from_disk)
    assert seen.pop("docs/mine.md") == (trees.PLAIN, b"an edit makes it read from disk")
    assert seen == read


def test_what_is_removed_on_disk_is_not_read(clone):
    (clone / "src/openpi/empty").unlink()
    assert "src/openpi/empty" not in trees.open_tree(clone).modes()


def test_a_bare_repository_is_read_at_its_head(clone, tmp_path):
    subprocess.run(["git", "clone", "-q", "--bare", str(clone), str(tmp_path / "bare.git")], check=True)
    tree = trees.open_tree(tmp_path / "bare.git")
    assert tree.origin.id == git(clone, "rev-parse", "HEAD").decode().strip()
    assert tree.read(["src/openpi/a.py"]) == {"src/openpi/a.py": b"x = 1\n"}


def test_a_folder_inside_another_repository_is_a_plain_folder(clone):
    inner = clone / "third" / "openpi"
    (inner / "src/openpi").mkdir(parents=True)
    (inner / "src/openpi/b.py").write_text("y = 2\n")
    (inner / "checkpoints").mkdir()
    (inner / "checkpoints" / "huge").write_text("10 GB")
    tree = trees.open_tree(inner)
    assert list(tree.modes()) == ["src/openpi/b.py"]
    assert tree.origin.id.startswith("sha256:")


def test_the_id_of_a_folder_follows_its_content(clone):
    (clone / "new").write_text("1")
    first = trees.open_tree(clone).origin.id
    assert trees.open_tree(clone).origin.id == first
    (clone / "new").write_text("2")
    assert trees.open_tree(clone).origin.id != first


def test_reading_writes_nothing(clone):
    (clone / "src/openpi/a.py").touch()  # would make git refresh its index
    before = snapshot(clone)
    everything(trees.open_tree(clone))
    assert snapshot(clone) == before


def test_paths_that_are_not_there_are_left_out(clone):
    assert trees.open_tree(clone).read(["no/such", "src/openpi"]) == {}


@pytest.mark.parametrize("name", ["nothing", "clone ü/run.sh", "clone ü/docs"])
def test_what_is_no_tree_is_refused(clone, name):
    with pytest.raises(Refused) as refusal:
        trees.open_tree(clone.parent / name)
    assert name in refusal.value.where


def test_a_hostile_configuration_is_not_obeyed(clone, tmp_path):
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    trap.chmod(0o755)
    for key in ("core.fsmonitor", "core.hooksPath", "core.pager"):
        subprocess.run(["git", "config", key, str(trap)], cwd=clone, check=True)
    everything(trees.open_tree(clone))
    assert not (tmp_path / "sprung").exists()
