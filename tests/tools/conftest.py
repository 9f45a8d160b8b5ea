"""A copy of the project for a test to break: its own tools, overlay, patches and lock, with upstream synced already."""

import pathlib
import shutil

import pytest

from tests.tools.project import Project
from tools.command import ROOT


@pytest.fixture
def project(tmp_path, upstream_sdist, lock, mirrors) -> Project:
    """A copy of the project whose store holds the mirror that its lock names, for both versions of it."""
    copy = _copy(tmp_path / "project", upstream_sdist)
    mirror = mirrors[upstream_sdist.id.split()[-1]]
    if mirror.version != lock.mirror.version:
        copy.edit("upstream.lock", lock.mirror.sha256, mirror.sha256)
        copy.edit("upstream.lock", f'version = "{lock.mirror.version}"', f'version = "{mirror.version}"')
    return copy


@pytest.fixture
def project_011(tmp_path, mirror_011) -> Project:
    """A copy of the project whose store holds the locked mirror."""
    return _copy(tmp_path / "project", mirror_011)


def _copy(root: pathlib.Path, synced) -> Project:
    root.mkdir(parents=True)
    for name in ("tools", "overlay", "patches", "robots"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "upstream.lock", root)
    shutil.copytree(synced.repo, root / "build" / "upstream.git")
    return Project(root)
