"""The store holds a tree whole or not at all, names it the same on every machine, and is only read where it is read."""

import dataclasses
import datetime
import multiprocessing
import os
import shutil

import pytest

from tests.tools.project import snapshot
from tests.tools.small_upstream import add_commit
from tests.tools.small_upstream import make_lock
from tests.tools.small_upstream import make_repo
from tools.git import git
from tools.lock import Mirror
from tools.refusal import Refused
from tools.upstream import store
from tools.upstream.store import File
from tools.upstream.whole import is_whole

MIRROR = Mirror("small-openpi", "1.0", "b" * 64, "a" * 40, "2025-12-02", ("One file is added.",))
FILES = {
    "a.py": File("100644", b"x = 1\n"),
    "b/run ü.sh": File("100755", b"#!/bin/sh\n"),
    'b/"quoted" ': File("100644", b""),
    "b/link": File("120000", b"../a.py"),
    "binary": File("100644", bytes(range(256))),
}


def _import(path, files=FILES):
    with store.locked(path):
        store.open_store(path)
        return store.import_files(
            path, files, ref=store.sdist_ref(MIRROR.sha256), date="2025-12-02", message="small-openpi 1.0\n"
        )


@pytest.fixture
def upstream(tmp_path):
    """A store in a folder with a space and an umlaut, which holds a commit and a mirror, and the lock that names both."""
    commits = make_repo(tmp_path / "upstream")
    path = tmp_path / "bü ild" / "upstream.git"
    _import(path)
    _fetch(tmp_path / "upstream", path, commits[-1])
    return path, make_lock("https://host.invalid/", commits[-1], MIRROR)


def _fetch(repo, path, commit):
    git(path, "fetch", "--quiet", "--depth=1", repo.as_uri(), f"{commit}:{store.git_ref(commit)}")


def test_import_gives_the_same_commit_everywhere(tmp_path, monkeypatch):
    first = _import(tmp_path / "one.git")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "somebody")
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    reordered = dict(reversed(FILES.items()))
    assert _import(tmp_path / "two.git", reordered) == _import(tmp_path / "two.git") == first
    assert first == "b5a9d20fa0cdfe19d58d90e408fa0f565470f90e"


def test_import_keeps_names_modes_and_bytes(tmp_path):
    path = tmp_path / "upstream.git"
    commit = _import(path)
    rows = git(path, "ls-tree", "-r", "-z", commit).decode().split("\0")[:-1]
    found = {}
    for row in rows:
        facts, name = row.split("\t")
        mode, _, blob = facts.split(" ")
        found[name] = File(mode, git(path, "cat-file", "blob", blob))
    assert found == FILES
    said = git(path, "show", "--no-patch", "--format=%an <%ae>|%cn|%aI|%cI|%P|%B", commit).decode().strip()
    date = "2025-12-02T00:00:00+00:00"
    name, mail = "openpi-overlay", "openpi-overlay@users.noreply.github.com"
    assert said == f"{name} <{mail}>|{name}|{date}|{date}||small-openpi 1.0"


def test_second_import_replaces_the_first(tmp_path):
    path = tmp_path / "upstream.git"
    _import(path)
    only = {"c": File("100644", b"")}
    assert git(path, "ls-tree", "-r", "--name-only", _import(path, only)) == b"c\n"


def test_the_locked_commit_comes_first(upstream):
    path, lock = upstream
    assert store.find_locked(path, lock) == store.Synced(path, lock.commit, "git", lock.commit, lock.date, "")
    assert store.find_locked(path, lock, source="sdist").id == "small-openpi 1.0"


def test_the_mirror_tells_how_it_differs(upstream):
    path, lock = upstream
    there = store.find_locked(path, dataclasses.replace(lock, commit="c" * 40, date="2026-01-02"))
    assert (there.source, there.date) == ("sdist", "2025-12-02")
    assert there.commit == git(path, "rev-parse", store.sdist_ref(MIRROR.sha256)).decode().strip()
    for fact in ("not the locked commit", "c" * 12, "a" * 12, "31 days older", "2025-12-02", "One file is added."):
        assert fact in there.note
    newer = store.find_locked(path, dataclasses.replace(lock, date="2025-12-01", commit="c" * 40))
    assert "1 days newer" in newer.note


def test_what_is_not_there(upstream, tmp_path):
    path, lock = upstream
    other = dataclasses.replace(lock, commit="c" * 40, mirror=dataclasses.replace(MIRROR, sha256="d" * 64))
    assert store.find_locked(path, other) is None
    assert store.find_locked(path, dataclasses.replace(other, mirror=MIRROR), source="git") is None
    assert store.find_locked(path, dataclasses.replace(other, commit=lock.commit), source="sdist") is None
    assert store.find_locked(tmp_path / "nothing.git", lock) is None
    assert store.find_locked(tmp_path, lock) is None
    (tmp_path / "file").touch()
    assert store.find_locked(tmp_path / "file", lock) is None


def test_the_locked_commit_of_another_day(upstream):
    path, lock = upstream
    with pytest.raises(Refused) as caught:
        store.find_locked(path, dataclasses.replace(lock, date="2026-01-03"))
    assert (caught.value.expected, caught.value.found) == ("2026-01-02", "2026-01-03")


def test_looking_writes_nothing(upstream):
    path, lock = upstream
    before = snapshot(path.parent)
    store.find_locked(path, lock)
    store.find_locked(path, dataclasses.replace(lock, commit="c" * 40))
    is_whole(path)
    assert snapshot(path.parent) == before


def _packs(path):
    return [p for p in path.glob("objects/**/*") if p.is_file()]


@pytest.mark.parametrize("harm", ["no HEAD", "no objects", "cut objects", "no folder", "a file", "empty", "foreign"])
def test_damage_is_seen_and_mended(upstream, tmp_path, harm):
    path, lock = upstream
    if harm == "no HEAD":
        (path / "HEAD").unlink()
    elif harm == "no objects":
        shutil.rmtree(path / "objects")
    elif harm == "cut objects":
        for object_file in _packs(path):
            object_file.chmod(0o644)
            object_file.write_bytes(object_file.read_bytes()[:40])
    else:
        shutil.rmtree(path)
        if harm == "a file":
            path.write_text("in the way")
        elif harm == "empty":
            path.mkdir()
        elif harm == "foreign":
            shutil.copytree(tmp_path / "upstream", path)
    assert not is_whole(path)
    assert store.find_locked(path, lock) is None
    commit = _import(path)
    assert is_whole(path)
    assert store.find_locked(path, lock).commit == commit
    assert sorted(p.name for p in path.parent.iterdir()) == ["upstream.git", "upstream.git.lock"]


def test_one_rotten_byte_is_seen(tmp_path):
    path = tmp_path / "upstream.git"
    commit = _import(path, {"a": File("100644", os.urandom(4000)), "b": File("100644", b"b")})
    assert is_whole(path, commit)
    largest = max(_packs(path), key=lambda p: p.stat().st_size)
    largest.chmod(0o644)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 1
    largest.write_bytes(content)
    assert not is_whole(path, commit)


def test_other_content_under_the_name_of_a_blob_is_seen(upstream):
    """Well-formed, so git itself reads it without a complaint."""
    path, lock = upstream
    names = ("day.txt", "README.md")
    blobs = [git(path, "rev-parse", f"{lock.commit}:{name}").decode().strip() for name in names]
    day, readme = (path / "objects" / blob[:2] / blob[2:] for blob in blobs)
    day.chmod(0o644)
    day.write_bytes(readme.read_bytes())
    assert store.look(path, store.git_ref(lock.commit))
    assert not is_whole(path, lock.commit)


def test_a_missing_blob_is_seen_without_reading_all(upstream):
    path, lock = upstream
    blob = git(path, "rev-parse", f"{lock.commit}:day.txt").decode().strip()
    loose = path / "objects" / blob[:2] / blob[2:]
    assert loose.exists()
    loose.unlink()
    assert store.look(path, store.git_ref(lock.commit)) is None
    assert store.find_locked(path, lock).source == "sdist"


def test_opening_a_good_store_keeps_it(upstream):
    path, _ = upstream
    before = snapshot(path)
    with store.locked(path):
        store.open_store(path)
    assert snapshot(path) == before


def test_what_a_killed_sync_left_is_cleared(upstream, tmp_path):
    path, lock = upstream
    left = [
        path / "shallow.lock",
        path / "refs" / "upstream" / "git" / "x.lock",
        path / "objects" / "pack" / "tmp_pack_x",
    ]
    for file in left:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    (path.parent / ".upstream.git.abc" / "new").mkdir(parents=True)
    commit = add_commit(tmp_path / "upstream", "2026-01-05")
    with store.locked(path):
        store.open_store(path)
        _fetch(tmp_path / "upstream", path, commit)
    assert not any(file.exists() for file in left)
    assert sorted(p.name for p in path.parent.iterdir()) == ["upstream.git", "upstream.git.lock"]
    assert store.find_locked(path, lock).source == "git"


def _hold(path, held, go_on):
    with store.locked(path):
        held.set()
        go_on.wait(600)


def test_a_second_writer_waits(tmp_path, capfd):
    path = tmp_path / "upstream.git"
    context = multiprocessing.get_context("spawn")
    held, go_on = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(path, held, go_on))
    other.start()
    assert held.wait(600)
    waiter = context.Process(target=_import, args=(path,))
    waiter.start()
    said = ""
    while "waiting for another sync" not in said:
        waiter.join(0.05)
        assert waiter.is_alive(), said
        said += capfd.readouterr().err
    waiter.join(0.5)
    assert waiter.is_alive()
    assert not path.exists()
    go_on.set()
    other.join(600)
    waiter.join(600)
    assert waiter.exitcode == 0
    assert is_whole(path)


def test_the_real_mirrors(upstream_sdist):
    names = git(upstream_sdist.repo, "ls-tree", "-r", "--name-only", upstream_sdist.commit).decode().split("\n")
    assert {"src/openpi/training/config.py", "scripts/train.py", "PKG-INFO"} <= set(names)
    assert datetime.date.fromisoformat(upstream_sdist.date) == datetime.date(2025, 10, 18)
    # The same on every machine, and the tree is that of the unpacked archive, as plain git writes it.
    known = {
        "rlinf-openpi 0.1.0": "65af956e02175689269ffd3e5522e10df04c6519",
        "rlinf-openpi 0.1.1": "1c0f5a3f2b4340e6ab1c55cf58a6324890590852",
    }
    assert known[upstream_sdist.id] == upstream_sdist.commit


def test_the_real_commit(upstream_git, lock):
    assert (upstream_git.commit, upstream_git.date, upstream_git.note) == (lock.commit, lock.date, "")
    assert is_whole(upstream_git.repo)
