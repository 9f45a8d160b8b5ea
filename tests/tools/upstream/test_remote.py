"""A git remote is named, asked and fetched from; one that does not answer is left in time, and none is written to."""

import os
import re
import subprocess
import time

import pytest

from tests.tools.project import snapshot
from tests.tools.small_upstream import host
from tests.tools.small_upstream import make_repo
from tools.git import git
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import remote
from tools.upstream import store
from tools.upstream.whole import is_whole


def _fetch(source, path, commit, **options):
    with store.locked(path) as held:
        store.open_store(path)
        return remote.fetch(source, path, commit, held=held, **({"wait_s": 600} | options))


@pytest.mark.parametrize("url", ["https://host.invalid/x.git", "ssh://git@host.invalid/x", "git@host.invalid:x/y.git"])
def test_urls(url):
    assert remote.remote(url) == remote.Remote(url)


@pytest.mark.parametrize(
    "text", ["nowhere", "./nowhere", "/nowhere/at/all", "-u", "--upload-pack=touch x", "file:///no", ""]
)
def test_neither_url_nor_folder(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if text:
        with pytest.raises(WrongUsage) as caught:
            remote.remote(text)
        assert text in caught.value.where


def test_paths(tmp_path, monkeypatch):
    folder = tmp_path / "a %41 clöne"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    expected = remote.Remote(folder.resolve().as_uri(), folder.resolve())
    for text in (str(folder), "a %41 clöne", "./a %41 clöne", "~/a %41 clöne", folder.as_uri()):
        assert remote.remote(text) == expected


def test_a_file_is_no_clone(tmp_path, monkeypatch):
    (tmp_path / "host:x").touch()
    monkeypatch.chdir(tmp_path)
    for text in ("host:x", "./host:x", str(tmp_path / "host:x")):
        with pytest.raises(WrongUsage, match="host:x"):
            remote.remote(text)


def test_resolve():
    one, two = "1" * 40, "2" * 40
    refs = {
        "HEAD": one,
        "refs/heads/main": one,
        "refs/tags/v1": two,
        "refs/remotes/origin/x": two,
        "refs/heads/both": one,
    }
    assert remote.resolve(refs, "main") == one
    assert remote.resolve(refs, "HEAD") == one
    assert remote.resolve(refs, "v1") == two
    assert remote.resolve(refs, "refs/tags/v1") == two
    assert remote.resolve(refs, "origin/x") == two
    assert remote.resolve(refs, "nope") is None
    assert remote.resolve(refs | {"refs/tags/both": one}, "both") == one
    with pytest.raises(Refused):
        remote.resolve(refs | {"refs/tags/both": two}, "both")


def test_a_tag_gives_its_commit(tmp_path):
    commits = make_repo(tmp_path / "r")
    git(tmp_path / "r", "-c", "user.name=t", "-c", "user.email=t", "tag", "-m", "t", "v1", commits[0])
    refs = remote.list_refs(remote.remote(str(tmp_path / "r")), wait_s=600)
    assert remote.resolve(refs, "v1") == commits[0]
    assert remote.resolve(refs, "main") == commits[1]


@pytest.mark.parametrize("name", ["plain", "with späce %20"])
def test_a_local_clone_is_only_read(tmp_path, name):
    commits = make_repo(tmp_path / name)
    before = snapshot(tmp_path / name)
    path = tmp_path / "s" / "upstream.git"
    source = remote.remote(str(tmp_path / name))
    assert remote.list_refs(source, wait_s=0)["refs/heads/main"] == commits[1]  # the limit is for hosts
    assert _fetch(source, path, commits[0]) == commits[0]
    assert _fetch(source, path, commits[1][:8]) == commits[1]
    assert _fetch(source, path, "e" * 40) is None
    assert snapshot(tmp_path / name) == before
    assert store.look(path, store.git_ref(commits[0])) == (commits[0], "2026-01-01")
    assert store.look(path, store.git_ref(commits[1])) == (commits[1], "2026-01-02")
    assert is_whole(path)


def test_a_commit_on_no_branch_of_a_local_clone(tmp_path):
    commits = make_repo(tmp_path / "r")
    git(tmp_path / "r", "update-ref", "refs/heads/main", commits[0])
    git(tmp_path / "r", "config", "uploadpack.allowAnySHA1InWant", "false")
    git(tmp_path / "r", "config", "protocol.version", "0")
    assert _fetch(remote.remote(str(tmp_path / "r")), tmp_path / "s.git", commits[1]) == commits[1]


def test_a_shallow_clone_and_a_linked_work_tree(tmp_path):
    commits = make_repo(tmp_path / "r")
    git(None, "clone", "--quiet", "--depth=1", (tmp_path / "r").as_uri(), str(tmp_path / "shallow"))
    git(tmp_path / "r", "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), commits[0])
    for name in ("shallow", "linked"):
        path = tmp_path / f"{name}.git"
        assert _fetch(remote.remote(str(tmp_path / name)), path, commits[1]) == commits[1]
        assert is_whole(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to someone else")
def test_a_local_clone_of_someone_else(tmp_path):
    commits = make_repo(tmp_path / "r")
    for path in (tmp_path / "r", *(tmp_path / "r").rglob("*")):
        os.chown(path, 12345, 12345)
    assert _fetch(remote.remote(str(tmp_path / "r")), tmp_path / "s.git", commits[0]) == commits[0]


def test_a_host_that_serves_only_branches(tmp_path, capfd):
    """It serves what a branch points at by its hash; for an older commit every branch is searched."""
    commits = make_repo(tmp_path / "r")
    with host(tmp_path / "r") as url:
        source = remote.remote(url)
        assert remote.list_refs(source, wait_s=600)["refs/heads/main"] == commits[1]
        path = tmp_path / "s.git"
        assert _fetch(source, path, commits[1]) == commits[1]
        assert "every branch" not in capfd.readouterr().err
        assert _fetch(source, path, commits[0]) == commits[0]
        assert "every branch" in capfd.readouterr().err
        assert _fetch(source, path, "e" * 40) is None
    assert store.look(path, store.git_ref(commits[0])) == (commits[0], "2026-01-01")
    # None of the history came along.
    assert git(path, "rev-list", "--count", "--all") == b"2\n"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_host_that_never_answers_is_left_in_time():
    with host(None) as url, pytest.raises(remote.Unreachable, match=re.escape("no answer within 0.5 s")):
        remote.list_refs(remote.remote(url), wait_s=0.5)


def test_nothing_of_git_is_left_running_after_a_wait():
    """Its helper for http holds the connection; it ends with it."""
    with host(None) as url:
        with pytest.raises(remote.Unreachable):
            remote.list_refs(remote.remote(url.replace("git://", "http://") + "/some-name-of-ours"), wait_s=0.5)
        until = time.monotonic() + 600
        while b"some-name-of-ours" in subprocess.check_output(["ps", "-A", "-ww", "-o", "args"]):
            assert time.monotonic() < until, "git's helper is still running"
            time.sleep(0.05)


def test_a_host_that_stops_in_the_middle(tmp_path, monkeypatch):
    commits = make_repo(tmp_path / "r")
    monkeypatch.setattr(remote, "_QUIET_S", 0.5)
    with host(tmp_path / "r", answers=1) as url:
        assert remote.list_refs(remote.remote(url), wait_s=600)
        with pytest.raises(remote.Unreachable, match=r"0\.5 s"):
            _fetch(remote.remote(url), tmp_path / "s.git", commits[1])
    assert is_whole(tmp_path / "s.git")


@pytest.mark.parametrize("url", ["git://127.0.0.1:9/x", "http://127.0.0.1:9/x", "https://nowhere.invalid/x"])
def test_a_host_that_is_not_there(url):
    with pytest.raises(remote.Unreachable):
        remote.list_refs(remote.remote(url), wait_s=600)


def test_no_git_on_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(remote.Unreachable, match="git is not installed"):
        remote.list_refs(remote.Remote("https://host.invalid/x"), wait_s=600)
