"""The real upstream trees, fetched once a machine into `build/test-upstream/` and shared by all tests that follow.

The two mirrors come from the package index; the locked commit comes from a clone that `OPENPI_UPSTREAM` names, and what
needs it is skipped where that is not set. The stores are for reading: a test that writes copies one.
"""

from collections.abc import Callable
import dataclasses
import os
import pathlib

import pytest

from tools.command import ROOT
from tools.git import git
from tools.lock import Lock
from tools.lock import Mirror
from tools.lock import read_lock
from tools.upstream.store import Synced
from tools.upstream.sync import sync

_STORES = ROOT / "build" / "test-upstream"
_SHA256_010 = "17513a99d56fda52ec9e6e8394cb33535ab4a329a1dc5af36714f9aab2d4474b"
_SET = "set OPENPI_UPSTREAM to a clone of OpenPI to run this on the locked commit too"


@pytest.fixture(scope="session")
def lock() -> Lock:
    """The project's own lock."""
    return read_lock(ROOT / "upstream.lock")


@pytest.fixture(scope="session")
def mirrors(lock) -> dict[str, Mirror]:
    """The two mirrors by version; from 0.1.0 to 0.1.1 the loader learnt to find both layouts of LeRobot."""
    older = dataclasses.replace(lock.mirror, version="0.1.0", sha256=_SHA256_010, differs=())
    return {"0.1.0": older, lock.mirror.version: lock.mirror}


@pytest.fixture(scope="session")
def mirror_010(lock, mirrors) -> Synced:
    """The tree of the mirror 0.1.0."""
    return _mirror(lock, mirrors["0.1.0"])


@pytest.fixture(scope="session")
def mirror_011(lock, mirrors) -> Synced:
    """The tree of the mirror 0.1.1, which the lock names."""
    return _mirror(lock, mirrors["0.1.1"])


@pytest.fixture(scope="session", params=["0.1.0", "0.1.1"])
def upstream_sdist(request, lock, mirrors) -> Synced:
    """The tree of each mirror in turn."""
    return _mirror(lock, mirrors[request.param])


@pytest.fixture(scope="session")
def upstream_git(lock) -> Synced:
    """The tree of the locked commit, from the clone that OPENPI_UPSTREAM names."""
    return _locked_commit(lock)


@pytest.fixture(scope="session", params=["0.1.0", "0.1.1", "git"])
def any_upstream(request, lock, mirrors) -> Synced:
    """The tree of each mirror and of the locked commit in turn."""
    return _locked_commit(lock) if request.param == "git" else _mirror(lock, mirrors[request.param])


@pytest.fixture(scope="session")
def upstream_text(mirror_010) -> Callable[[str], str]:
    """Reads a file of the 0.1.0 tree: `upstream_text("src/openpi/training/config.py")`."""
    return lambda path: git(mirror_010.repo, "cat-file", "blob", f"{mirror_010.commit}:{path}").decode()


def _mirror(lock: Lock, mirror: Mirror) -> Synced:
    return sync(dataclasses.replace(lock, mirror=mirror), _STORES / f"{mirror.version}.git", source="sdist")


def _locked_commit(lock: Lock) -> Synced:
    clone = os.environ.get("OPENPI_UPSTREAM")
    if not clone:
        pytest.skip(_SET)
    return sync(lock, _STORES / "locked.git", url=str(pathlib.Path(clone).expanduser()), source="git")
