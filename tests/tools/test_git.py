"""A repository that is only read may name commands in its configuration: none is run, and nothing is written there."""

from collections.abc import Callable
import os
import pathlib
import subprocess

import pytest

from tests.tools.project import snapshot
from tests.tools.small_upstream import make_repo
from tools.git import GitError
from tools.git import fetch_arguments
from tools.git import git
from tools.refusal import Refused
from tools.upstream import remote
from tools.upstream import store
from tools.upstream import trees
from tools.upstream.open_tree import open_tree

FILE = "src/openpi/__init__.py"


@pytest.fixture
def trap(tmp_path) -> pathlib.Path:
    """A command that leaves a mark when it is run; see `sprung`."""
    path = tmp_path / "trap.sh"
    path.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\ncat\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def sprung(tmp_path) -> Callable[[], bool]:
    """Was the trap run?"""
    return (tmp_path / "sprung").exists


@pytest.fixture
def fork(tmp_path) -> pathlib.Path:
    make_repo(tmp_path / "fork")
    return tmp_path / "fork"


def read_all(fork: pathlib.Path, tmp_path: pathlib.Path) -> None:
    """Everything that a command does with a tree that the user names."""
    tree = open_tree(fork)
    tree.read(list(tree.modes()))
    head = git(fork, "rev-parse", "HEAD").decode().strip()
    path = tmp_path / "build" / "upstream.git"
    source = remote.remote(str(fork))
    with store.locked(path) as held:
        store.open_store(path)
        remote.list_refs(source, wait_s=600)
        remote.fetch(source, path, head, wait_s=600, held=held)
    git(path, *fetch_arguments(fork.as_uri(), "HEAD", local=True, options=("--depth=1",)))


COMMANDS = [
    "core.alternateRefsCommand", "core.askPass", "core.editor", "core.fsmonitor", "core.gitProxy", "core.hooksPath",
    "core.pager", "core.sshCommand", "credential.helper", "diff.external", "diff.trap.command", "diff.trap.textconv",
    "filter.trap.clean", "filter.trap.process", "filter.trap.smudge", "gpg.program", "gpg.ssh.program", "merge.trap.driver",
    "remote.origin.receivepack", "remote.origin.uploadpack", "remote.origin.vcs", "submodule.a.update",
    "uploadpack.packObjectsHook",
]  # fmt: skip


def arm(fork: pathlib.Path, trap: pathlib.Path, keys: list[str], *, included: bool) -> None:
    """Names the trap under every key, in the configuration or in a file that it includes."""
    into = [f"--file={fork}/.git/more"] if included else []
    for key in keys:
        git(fork, "config", *into, key, f"!{trap}" if key == "submodule.a.update" else str(trap))
    git(fork, "config", "log.showSignature", "true")
    git(fork, "config", "submodule.recurse", "true")
    if included:
        git(fork, "config", "include.path", "more")
    (fork / ".git" / "info" / "attributes").write_text("* filter=trap diff=trap merge=trap\n")


@pytest.mark.parametrize("included", [False, True])
@pytest.mark.parametrize("state", ["clean", "touched", "edited"])
def test_no_command_of_the_configuration_is_run(fork, trap, sprung, tmp_path, state, included):
    arm(fork, trap, COMMANDS, included=included)
    if state != "clean":
        (fork / FILE).write_bytes(b"X = 2\n" if state == "edited" else b"X = 1\n")
        os.utime(fork / FILE, (0, 0))  # git would look into it again
    before = snapshot(fork)
    read_all(fork, tmp_path)
    assert not sprung()
    assert snapshot(fork) == before
    assert isinstance(open_tree(fork), trees.FolderTree if state == "edited" else trees.GitTree)


def test_the_trap_works(fork, trap, sprung):
    """Or the test above would prove nothing."""
    arm(fork, trap, ["filter.trap.clean"], included=False)
    (fork / FILE).write_bytes(b"X = 1\n")
    os.utime(fork / FILE, (0, 0))
    subprocess.run(["git", "status"], cwd=fork, check=True, capture_output=True)
    assert sprung()


def test_no_signature_is_looked_at(fork, trap, sprung, tmp_path):
    commit = git(fork, "cat-file", "commit", "HEAD")
    head, _, message = commit.partition(b"\n\n")
    signature = b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----"
    signed = git(fork, "hash-object", "-t", "commit", "-w", "--stdin", stdin=head + signature + b"\n\n" + message)
    git(fork, "update-ref", "HEAD", signed.decode().strip())
    arm(fork, trap, ["gpg.program"], included=False)
    read_all(fork, tmp_path)
    assert git(fork, "log", "-1", "--format=%H") == signed
    assert not sprung()


@pytest.fixture
def partial(fork, tmp_path, trap) -> pathlib.Path:
    """A clone that lacks a file of its commit, and that would fetch it by running the trap."""
    path = tmp_path / "partial"
    git(fork, "config", "uploadpack.allowFilter", "true")
    git(None, "clone", "--quiet", "--bare", "--filter=blob:none", fork.as_uri(), str(path))
    git(path, "config", "remote.origin.uploadpack", str(trap))
    return path


@pytest.mark.parametrize("known", ["old git", "new git"])
def test_a_partial_clone_is_refused_and_not_filled(partial, sprung, monkeypatch, known):
    if known == "old git":  # it does not know the variable, and asks the remote
        monkeypatch.setattr("tools.git._NO_FETCH", {"GIT_ALLOW_PROTOCOL": "none"})
    before = snapshot(partial)
    with pytest.raises(Refused) as refusal:
        open_tree(partial)
    assert "a partial clone" in refusal.value.found
    assert refusal.value.todo == f"git -C {partial} fetch --refetch --no-filter"
    assert not sprung()
    assert snapshot(partial) == before


@pytest.mark.parametrize("known", ["old git", "new git"])
def test_serving_a_partial_clone_does_not_fill_it(partial, sprung, tmp_path, monkeypatch, known):
    if known == "old git":
        monkeypatch.setattr("tools.git.SERVE", "env GIT_ALLOW_PROTOCOL=none git upload-pack")
        monkeypatch.setattr("tools.git._NO_FETCH", {"GIT_ALLOW_PROTOCOL": "none"})
    before = snapshot(partial)
    git(None, "init", "--quiet", "--bare", str(tmp_path / "own.git"))
    fetch = fetch_arguments(partial.as_uri(), "HEAD", local=True, options=("--depth=1",))
    with pytest.raises(GitError):
        git(tmp_path / "own.git", *fetch)
    assert not sprung()
    assert snapshot(partial) == before


def test_the_advice_for_a_partial_clone_helps(partial):
    git(partial, "config", "--unset", "remote.origin.uploadpack")
    git(partial, "fetch", "--refetch", "--no-filter")
    tree = open_tree(partial)
    assert tree.read([FILE]) == {FILE: b"X = 1\n"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to someone else")
def test_a_repository_of_someone_else_is_read_and_fetched_from(fork, tmp_path):
    for path in (fork, *fork.rglob("*")):
        os.chown(path, 12345, 12345)
    read_all(fork, tmp_path)


def test_only_what_is_named_is_fetched(fork, tmp_path):
    git(fork, "branch", "other", "HEAD~1")
    git(fork, "update-ref", "refs/tags/v1", "HEAD")
    git(None, "init", "--quiet", "--bare", str(tmp_path / "own.git"))
    git(tmp_path / "own.git", *fetch_arguments(fork.as_uri(), "+HEAD:refs/heads/here", local=True))
    names = git(tmp_path / "own.git", "for-each-ref", "--format=%(refname)").decode().split()
    assert names == ["refs/heads/here"]
    assert not (tmp_path / "own.git" / "FETCH_HEAD").exists()


def test_the_users_own_helpers_are_kept_for_the_network(monkeypatch, fork):
    """A proxy or a credential helper of theirs must go on working; nothing else of their configuration counts."""
    monkeypatch.setenv("HOME", str(fork))
    (fork / ".gitconfig").write_text("[test]\n own = yes\n")
    assert git(fork, "config", "--get", "test.own", network=True) == b"yes\n"
    with pytest.raises(GitError):
        git(fork, "config", "--get", "test.own")
