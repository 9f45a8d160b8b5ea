"""Reading a history: the first-parent line, what is newest, heads, and clones that lack something."""

import itertools
import pathlib
import subprocess

import pytest

from tests.tools.project import snapshot
from tests.tools.small_upstream import add_commit
from tests.tools.small_upstream import make_repo
from tools.git import git
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import trees
from tools.upstream.history import History
from tools.upstream.history import open_history
from tools.upstream.history import refuse_what_is_missing
from tools.upstream.objects import Objects
from tools.upstream.objects import ObjectTree

WHO = {f"GIT_{who}_{what}": "x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture
def repo(tmp_path) -> tuple[pathlib.Path, list[str]]:
    path = tmp_path / "up stream ö"
    commits = make_repo(path, days=("2026-01-01", "2026-01-02", "2026-01-03"))
    return path, commits


def test_the_line_is_first_parent_oldest_first(repo):
    path, commits = repo
    git(path, "checkout", "--quiet", "-b", "side", commits[0])
    side = add_commit(path, "2026-02-01", **{"side.txt": b"1"})
    git(path, "checkout", "--quiet", "main")
    git(path, "merge", "--quiet", "--no-edit", "-Xours", "side", extra_env=WHO)
    history = open_history(path)
    line = history.line(history.newest())
    assert [c.id for c in line][:-1] == commits
    assert side not in {c.id for c in line}
    assert [c.date for c in line][:3] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert history.line(commits[2], after=commits[0]) == line[1:3]
    assert history.parents([c.id for c in line]) == {b.id: a.id for a, b in itertools.pairwise(line)}
    assert history.is_ancestor(side, line[-1].id)
    assert not history.is_ancestor(line[-1].id, side)


def test_newest_is_what_the_remote_has_beyond_head(repo, tmp_path):
    path, commits = repo
    clone = tmp_path / "clone"
    git(None, "clone", "--quiet", str(path), str(clone))
    git(clone, "reset", "--quiet", "--hard", commits[0])
    assert open_history(clone).newest() == commits[2]
    own = add_commit(clone, "2026-05-01", **{"mine.txt": b"1"})
    assert open_history(clone).newest() == own


def test_heads_are_pulls_and_branches_each_commit_once(repo):
    path, commits = repo
    git(path, "update-ref", "refs/pull/7/head", commits[1])
    git(path, "update-ref", "refs/heads/same", commits[1])
    git(path, "update-ref", "refs/tags/old", commits[0])
    found = {head.ref: head.id for head in open_history(path).heads()}
    assert sorted(found.values()) == sorted(commits[1:])
    assert commits[0] not in found.values()


def test_names_that_are_not_there_are_wrong_usage(repo, tmp_path):
    history = open_history(repo[0])
    assert history.resolve("main") == repo[1][2]
    for name in ("no-such", "--all", "0" * 40):
        with pytest.raises(WrongUsage) as refusal:
            history.resolve(name)
        assert name in refusal.value.where
    (tmp_path / "file").write_text("x")
    (tmp_path / "plain").mkdir()
    git(None, "init", "--quiet", str(tmp_path / "empty"))
    for place in ("file", "plain", "empty", "nothing"):
        with pytest.raises(WrongUsage):
            open_history(tmp_path / place)


def test_a_shallow_clone_serves_as_far_as_it_reaches(repo, tmp_path):
    path, commits = repo
    clone = tmp_path / "shallow"
    git(None, "clone", "--quiet", "--depth=2", path.resolve().as_uri(), str(clone))
    history = open_history(clone)
    assert [c.id for c in history.line(commits[2], after=commits[1])] == [commits[2]]
    with pytest.raises(Refused, match="shallow") as refusal:
        history.line(commits[2])
    assert f"oldest commit is {commits[1][:12]}" in refusal.value.found
    assert "git fetch --unshallow" in refusal.value.todo
    with pytest.raises(WrongUsage) as missing:
        history.resolve(commits[0])
    assert "shallow" in missing.value.found


def test_a_partial_clone_is_refused_and_fetches_nothing(repo, tmp_path):
    path, commits = repo
    git(path, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    line = ["git", "clone", "--quiet", "--bare", "--filter=blob:none", path.resolve().as_uri(), str(clone)]
    subprocess.run(line, check=True)
    before = snapshot(clone)
    history = open_history(clone)
    found = history.line(commits[2])
    with pytest.raises(Refused, match=str(clone)) as refusal:
        refuse_what_is_missing(history, found)
    assert "partial clone that lacks" in refusal.value.found
    assert snapshot(clone) == before
    refuse_what_is_missing(open_history(path), found)


def test_objects_show_a_tree_as_git_does(repo):
    path, commits = repo
    (path / "run.sh").write_bytes(b"#!/bin/sh\n")
    (path / "run.sh").chmod(0o755)
    (path / "link").symlink_to("README.md")
    newest = add_commit(path, "2026-04-01", **{"a/b/ü.bin": bytes(range(256)), "a/empty": b""})
    with Objects(path) as objects:
        for commit in (*commits, newest):
            mine = ObjectTree(objects, commit, "")
            git_own = trees.GitTree(path, commit, trees.Origin("git", commit, ""))
            assert mine.modes() == git_own.modes()
            names = [*mine.modes(), "not there", "a"]
            assert mine.read(names) == git_own.read(names)
        assert ObjectTree(objects, newest, "").blob("a") == ""
        with pytest.raises(Refused, match=r"clone"):
            objects.read("0" * 40)


def test_reading_writes_nothing(repo):
    path, commits = repo
    before = snapshot(path)
    history: History = open_history(path)
    with Objects(path) as objects:
        for commit in history.line(history.newest()):
            ObjectTree(objects, commit.id, commit.date).read(["README.md"])
    history.heads()
    history.log_of(["README.md"], commits[0], commits[2])
    assert snapshot(path) == before
