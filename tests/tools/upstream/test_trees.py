"""A tree reads the same from git and from disk, and reading never writes."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys

import pytest

from tests.tools.project import snapshot
from tools.git import git
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import trees
from tools.upstream.open_tree import open_tree

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
    from_git = open_tree(clone)
    assert isinstance(from_git, trees.GitTree)
    read = everything(from_git)
    assert {path: read[path][1] for path in FILES} == FILES
    assert read["run.sh"] == (trees.EXECUTABLE, b"#!/bin/sh\n")
    assert read["link"] == (trees.LINK, b"src/openpi/a.py")
    (clone / "docs" / "mine.md").write_text("an edit makes it read from disk")
    (clone / "run.log").write_text("ignored")
    from_disk = open_tree(clone)
    assert isinstance(from_disk, trees.FolderTree)
    seen = everything(from_disk)
    assert seen.pop("docs/mine.md") == (trees.PLAIN, b"an edit makes it read from disk")
    assert seen == read


def test_what_is_removed_on_disk_is_not_read(clone):
    (clone / "src/openpi/empty").unlink()
    assert "src/openpi/empty" not in open_tree(clone).modes()


def test_a_bare_repository_is_read_at_its_head(clone, tmp_path):
    subprocess.run(["git", "clone", "-q", "--bare", str(clone), str(tmp_path / "bare.git")], check=True)
    tree = open_tree(tmp_path / "bare.git")
    assert tree.origin.id == git(clone, "rev-parse", "HEAD").decode().strip()
    assert tree.read(["src/openpi/a.py"]) == {"src/openpi/a.py": b"x = 1\n"}


def test_a_folder_inside_another_repository_is_a_plain_folder(clone):
    inner = clone / "third" / "openpi"
    (inner / "src/openpi").mkdir(parents=True)
    (inner / "src/openpi/b.py").write_text("y = 2\n")
    (inner / "checkpoints").mkdir()
    (inner / "checkpoints" / "huge").write_text("10 GB")
    tree = open_tree(inner)
    assert list(tree.modes()) == ["src/openpi/b.py"]
    assert tree.origin.id.startswith("sha256:")


def test_the_id_of_a_folder_follows_its_content(clone):
    (clone / "new").write_text("1")
    first = open_tree(clone).origin.id
    assert open_tree(clone).origin.id == first
    (clone / "new").write_text("2")
    assert open_tree(clone).origin.id != first


def test_reading_writes_nothing(clone):
    (clone / "src/openpi/a.py").touch()  # would make git refresh its index
    before = snapshot(clone)
    everything(open_tree(clone))
    assert snapshot(clone) == before


def test_paths_that_are_not_there_are_left_out(clone):
    assert open_tree(clone).read(["no/such", "src/openpi"]) == {}


@pytest.mark.parametrize(
    ("name", "kind"), [("nothing", WrongUsage), ("clone ü/run.sh", WrongUsage), ("clone ü/docs", Refused)]
)
def test_what_is_no_tree_is_refused(clone, name, kind):
    with pytest.raises(Refused) as refusal:
        open_tree(clone.parent / name)
    assert name in refusal.value.where
    assert type(refusal.value) is kind


@pytest.mark.parametrize("kind", ["plain", "git", "inside a repository"])
def test_a_folder_without_openpi_is_refused_before_it_is_gone_through(tmp_path, kind):
    wrong = tmp_path / "wrong"
    (wrong / "deep").mkdir(parents=True)
    os.mkfifo(wrong / "deep" / "pipe")  # refused by its name, were it listed
    if kind != "plain":
        git(wrong if kind == "git" else tmp_path, "init", "-q")
    with pytest.raises(Refused) as refusal:
        open_tree(wrong)
    assert refusal.value.found == "no OpenPI here: src/openpi is missing"
    (wrong / "my fork" / "src" / "openpi").mkdir(parents=True)
    (wrong / "my fork" / "pyproject.toml").touch()
    for path in (wrong, wrong / "my fork" / "src"):
        with pytest.raises(Refused) as refusal:
            open_tree(path)
        assert refusal.value.todo.endswith(f"perhaps {wrong / 'my fork'}")


def test_a_tree_is_named_by_where_it_is(plain):
    tree = open_tree(plain / ".." / plain.name)
    assert tree.origin.note == f"the files under {plain}"


@pytest.fixture
def plain(clone) -> pathlib.Path:
    """The same files without git."""
    shutil.rmtree(clone / ".git")
    return clone


DEEP = [
    "src/openpi/data/a.py",
    "src/openpi/assets/x",
    "examples/y/build/b",
    "examples/y/.venv",
    "c/wandb/venv/d",
]


@pytest.mark.parametrize("edited", ["edited", "plain"])
def test_only_at_the_top_is_a_name_the_users_own(clone, edited):
    """Below, a folder of such a name is source."""
    for path in DEEP:
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).write_text(path)
    for path in (".venv/lib", "assets/a", "wandb/b", "src/openpi/__pycache__/a.pyc"):
        (clone / path).parent.mkdir(parents=True)
        (clone / path).write_text("not source")
    os.symlink("/somewhere/large", clone / "checkpoints")
    if edited == "plain":
        shutil.rmtree(clone / ".git")
        for path in ("data/huge", "build/b", "venv/c"):
            (clone / path).parent.mkdir()
            (clone / path).write_text("not source")
    assert set(open_tree(clone).modes()) == {*FILES, "run.sh", "link", ".gitignore", *DEEP}


@pytest.mark.parametrize("kind", ["edited", "plain"])
def test_links_to_folders_are_links_and_what_lies_behind_them_is_not_read(clone, kind):
    (clone / "docs").rename(clone.parent / "elsewhere")
    os.symlink("../elsewhere", clone / "docs")
    if kind == "plain":
        shutil.rmtree(clone / ".git")
    tree = open_tree(clone)
    assert [path for path in tree.modes() if path.startswith("docs")] == ["docs"]
    assert tree.read(["docs"]) == {"docs": b"../elsewhere"}


def test_a_folder_where_a_file_was(clone):
    (clone / "run.sh").unlink()
    (clone / "run.sh").mkdir()
    (clone / "run.sh" / "now").write_text("a folder")
    assert [path for path in open_tree(clone).modes() if path.startswith("run.sh")] == ["run.sh/now"]


def test_the_users_own_things_are_no_edit(clone):
    os.symlink("/somewhere/large", clone / "checkpoints")
    (clone / "assets").mkdir()
    (clone / "assets" / "norm_stats.json").write_text("{}")
    assert isinstance(open_tree(clone), trees.GitTree)


def test_what_git_tracks_is_source_whatever_its_name(clone):
    (clone / "assets").mkdir()
    (clone / "assets" / "logo").write_text("tracked")
    git(clone, "add", "assets")
    assert "assets/logo" in open_tree(clone).modes()


def test_a_submodules_git_file_is_no_source(plain):
    (plain / "third_party" / "aloha").mkdir(parents=True)
    (plain / "third_party" / "aloha" / ".git").write_text("gitdir: ../../.git/modules/aloha\n")
    (plain / "third_party" / "aloha" / "a.py").write_text("a = 1\n")
    modes = open_tree(plain).modes()
    assert "third_party/aloha/a.py" in modes
    assert not any(".git" in path.split("/") for path in modes)


@pytest.mark.parametrize("harm", ["socket", "pipe"])
def test_what_is_no_file_is_named_and_not_opened(plain, harm, monkeypatch):
    monkeypatch.chdir(plain)  # the name of a socket has room for a short path only
    if harm == "pipe":
        os.mkfifo("src/odd")
    else:
        with socket.socket(socket.AF_UNIX) as odd:
            odd.bind("src/odd")
    with pytest.raises(Refused) as refusal:
        open_tree(plain)
    assert refusal.value.where.endswith("src/odd")
    assert harm in refusal.value.found


def test_a_tracked_file_that_became_a_pipe_is_named(clone):
    (clone / "src/openpi/a.py").unlink()
    os.mkfifo(clone / "src/openpi/a.py")
    with pytest.raises(Refused, match=r"a\.py"):
        open_tree(clone)


@pytest.mark.skipif(sys.platform == "darwin", reason="a Mac has no such names")
@pytest.mark.parametrize("kind", ["git", "edited", "plain"])
def test_a_name_that_is_not_utf8_is_refused(clone, kind):
    (clone / "docs" / os.fsdecode(b"caf\xe9.md")).write_text("x")
    if kind == "git":
        commit(clone)
    if kind == "plain":
        shutil.rmtree(clone / ".git")
    with pytest.raises(Refused) as refusal:
        open_tree(clone)
    assert "caf\\xe9.md" in refusal.value.found


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_not_taken_for_empty(plain):
    (plain / "docs").chmod(0)
    try:
        with pytest.raises(PermissionError):
            open_tree(plain)
    finally:
        (plain / "docs").chmod(0o755)


def test_a_missing_blob_is_refused(clone):
    blob = git(clone, "rev-parse", "HEAD:src/openpi/a.py").decode().strip()
    (clone / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(Refused) as refusal:
        open_tree(clone)
    assert blob in refusal.value.found
    assert "src/openpi/a.py" in refusal.value.found
    head = git(clone, "rev-parse", "HEAD").decode().strip()
    with pytest.raises(Refused, match="clone"):
        trees.GitTree(clone, head, trees.Origin("git", head, "")).read(["src/openpi/a.py"])


def test_a_clone_that_git_cannot_read_is_no_plain_folder(clone):
    (clone / ".git" / "HEAD").unlink()
    with pytest.raises(Refused) as refusal:
        open_tree(clone)
    assert refusal.value.where.endswith(".git")


def test_an_object_that_stands_in_for_another_is_not_read(clone):
    """What is read must be what a fetch of the commit brings."""
    fake = git(clone, "hash-object", "-w", "--stdin", stdin=b"x = 2\n").decode().strip()
    true = git(clone, "rev-parse", "HEAD:src/openpi/a.py").decode().strip()
    git(clone, "update-ref", f"refs/replace/{true}", fake)
    assert open_tree(clone).read(["src/openpi/a.py"]) == {"src/openpi/a.py": b"x = 1\n"}


def commit(clone: pathlib.Path) -> None:
    who = {f"GIT_{who}_{what}": "me@home" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message=more", extra_env=who)
