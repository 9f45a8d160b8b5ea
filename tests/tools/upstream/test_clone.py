"""The history that is fetched into `build/`: one fetch at a time."""

import os
import subprocess

import pytest

from tools.refusal import Refused
from tools.upstream import clone
from tools.upstream import remote
from tools.upstream import store


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
