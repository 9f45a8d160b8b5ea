"""The history that is fetched into `build/`: one fetch at a time."""

import os
import subprocess

import pytest

from tools.git import git
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import clone
from tools.upstream import remote
from tools.upstream import store


def test_a_clone_of_something_else_is_refused(tmp_path):
    who = {f"GIT_{role}_{what}": "x" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=x", extra_env=who)
    with pytest.raises(WrongUsage) as error:
        clone.open_clone(str(tmp_path), "", pulls=False)
    assert error.value.found == "no OpenPI here: src/openpi is missing"
    (tmp_path / "src/openpi").mkdir(parents=True)
    (tmp_path / "src/openpi/a.py").touch()
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=x", extra_env=who)
    assert clone.open_clone(str(tmp_path), "", pulls=False).repo == tmp_path


def test_a_fetch_holds_the_lock_for_as_long_as_it_runs(tmp_path, monkeypatch):
    def run(line, *, pass_fds, **_):
        assert os.path.samestat(os.fstat(*pass_fds), (tmp_path / "history.git.lock").stat())
        return subprocess.CompletedProcess(line, 1, b"", b"stopped")

    monkeypatch.setattr(clone, "FETCHED", tmp_path / "history.git")
    monkeypatch.setattr(remote, "list_refs", lambda *_, **__: {})
    monkeypatch.setattr(store, "make_bare", lambda _: None)
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(Refused) as error:
        clone.open_clone("https://host.invalid/openpi.git", "", pulls=False)
    assert error.value.found == "stopped"
