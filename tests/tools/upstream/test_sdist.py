"""pip brings the mirror's archive, by hash, and runs nothing of it."""

import dataclasses
import hashlib
import re

import pytest

from tests.tools.small_upstream import file_member
from tests.tools.small_upstream import make_sdist
from tests.tools.small_upstream import pack
from tools.refusal import Refused
from tools.upstream import sdist


@pytest.fixture
def offered(tmp_path, monkeypatch):
    """The archive of a small package in a folder that is all pip may look into."""
    archive, mirror = make_sdist(tmp_path / "offered ü")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    # pip splits this variable at spaces, so a folder with one is named as a URL.
    monkeypatch.setenv("PIP_FIND_LINKS", archive.parent.as_uri())
    return archive, mirror


def _work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_wrong_hash_is_refused_with_both(tmp_path, offered):
    _, mirror = offered
    wrong = dataclasses.replace(mirror, sha256="0" * 64)
    with pytest.raises(Refused) as caught:
        sdist.download(wrong, _work(tmp_path))
    assert "0" * 64 in caught.value.expected
    assert mirror.sha256 in caught.value.found
    assert re.search("upstream.lock", caught.value.todo)


def test_changed_archive_is_refused(tmp_path, offered):
    archive, mirror = offered
    archive.write_bytes(archive.read_bytes()[:-20])
    with pytest.raises(Refused) as caught:
        sdist.download(mirror, _work(tmp_path))
    assert mirror.sha256 in caught.value.expected


def test_our_own_look_at_the_hash(offered):
    archive, mirror = offered
    sdist.check_hash(archive, mirror)
    archive.write_bytes(archive.read_bytes() + b"\0")
    with pytest.raises(Refused):
        sdist.check_hash(archive, mirror)


def test_nowhere_to_be_found(tmp_path, offered):
    _, mirror = offered
    with pytest.raises(sdist.NotFetched, match="small-openpi==2"):
        sdist.download(dataclasses.replace(mirror, version="2.0"), _work(tmp_path))


def test_no_index_at_all(tmp_path, offered, monkeypatch):
    _, mirror = offered
    monkeypatch.delenv("PIP_FIND_LINKS")
    with pytest.raises(sdist.NotFetched, match="small-openpi"):
        sdist.download(mirror, _work(tmp_path))


def test_brings_the_archive_and_runs_nothing_of_it(tmp_path, offered):
    archive, mirror = offered
    got = sdist.download(mirror, _work(tmp_path))
    assert got.read_bytes() == archive.read_bytes()


def test_a_users_own_code_is_not_run(tmp_path, offered, monkeypatch):
    """pip runs with the current folder off its path: a pip.py that lies there is not taken for pip."""
    archive, mirror = offered
    (tmp_path / "pip.py").write_text("raise SystemExit('taken for pip')")
    monkeypatch.chdir(tmp_path)
    assert sdist.download(mirror, _work(tmp_path)).read_bytes() == archive.read_bytes()


PROJECT = b'[build-system]\nrequires = []\nbuild-backend = "%s"\nbackend-path = ["."]\n'
SHAPES = {
    "a backend of its own": {"pyproject.toml": PROJECT % b"evil", "evil.py": None},
    "a backend of a known name of its own": {
        "pyproject.toml": PROJECT % b"hatchling.build",
        "hatchling/build.py": None,
    },
    "setup.py alone": {"setup.py": None},
    "setup.py and settings": {"setup.py": None, "pyproject.toml": b"[tool.black]\n"},
    "modules of Python's names": {"pyproject.toml": PROJECT % b"evil", "json.py": None, "pathlib.py": None},
    "a sitecustomize": {"pyproject.toml": PROJECT % b"evil", "sitecustomize.py": None, "usercustomize.py": None},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_code_of_an_archive_of_any_shape_is_run(tmp_path, offered, shape):
    archive, mirror = offered
    mark = tmp_path / "was-run"
    evil = f"open({str(mark)!r}, 'w').close()\nraise SystemExit('run')\n".encode()
    files = {f"small_openpi-1.0/{name}": content or evil for name, content in SHAPES[shape].items()}
    members = [file_member(name, content) for name, content in files.items()]
    archive.write_bytes(pack([*members, file_member("small_openpi-1.0/PKG-INFO", b"Name: small-openpi\n")]))
    mirror = dataclasses.replace(mirror, sha256=hashlib.sha256(archive.read_bytes()).hexdigest())
    got = sdist.download(mirror, _work(tmp_path))
    assert got.read_bytes() == archive.read_bytes()
    assert not mark.exists()
