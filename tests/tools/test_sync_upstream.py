"""`just sync-upstream` takes git, or else the mirror, says which, and leaves the store whole whatever happens."""

import dataclasses
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.tools.project import Project
from tests.tools.project import snapshot
from tests.tools.small_upstream import add_commit
from tests.tools.small_upstream import host
from tests.tools.small_upstream import lock_text
from tests.tools.small_upstream import make_lock
from tests.tools.small_upstream import make_repo
from tests.tools.small_upstream import make_sdist
from tools.command import ROOT
from tools.git import git
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import remote
from tools.upstream import store as stores
from tools.upstream.sync import sync
from tools.upstream.whole import is_whole

GONE = "git://127.0.0.1:9/openpi"  # nothing listens there


@pytest.fixture(autouse=True)
def small_index(tmp_path, monkeypatch):
    """All that pip may look into: a folder with the archive of a small mirror."""
    archive, mirror = make_sdist(tmp_path / "index")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", archive.parent.as_uri())
    return archive, mirror


@pytest.fixture
def repo(tmp_path):
    """A small upstream with two commits, the second of which is locked."""
    make_repo(tmp_path / "upstream")
    return tmp_path / "upstream"


@pytest.fixture
def lock(repo, small_index):
    """A lock whose git host is not there."""
    return make_lock(GONE, git(repo, "rev-parse", "HEAD").decode().strip(), small_index[1])


@pytest.fixture
def store(tmp_path):
    """Where the store will be."""
    return tmp_path / "bü ild" / "upstream.git"


def _offline(monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", "")


def test_git_comes_first(lock, repo, store, capfd):
    with host(repo) as url:
        synced = sync(dataclasses.replace(lock, url=url), store, wait_s=600)
    assert synced == stores.Synced(store, lock.commit, "git", lock.commit, "2026-01-02", "")
    assert url in capfd.readouterr().err
    assert git(store, "show", f"{synced.commit}:day.txt") == b"2026-01-02"


def test_the_mirror_where_git_is_not_there(lock, store, capfd):
    synced = sync(lock, store)
    assert (synced.source, synced.id, synced.date) == ("sdist", "small-openpi 1.0", "2025-12-02")
    said = capfd.readouterr().err
    assert GONE in said
    assert "taking the mirror" in said
    assert git(store, "show", f"{synced.commit}:src/openpi/__init__.py") == b"X = 1\n"


def test_the_mirror_where_git_never_answers(lock, store, capfd):
    with host(None) as url:
        synced = sync(dataclasses.replace(lock, url=url), store, wait_s=0.5)
    assert synced.source == "sdist"
    assert "no answer within 0.5 s" in capfd.readouterr().err


@pytest.mark.parametrize("then_close", [False, True])
def test_the_mirror_where_git_stops_in_the_middle(lock, repo, store, monkeypatch, then_close):
    monkeypatch.setattr(remote, "_QUIET_S", 0.5)
    with host(repo, answers=1, then_close=then_close) as url:
        assert sync(dataclasses.replace(lock, url=url), store, wait_s=600).source == "sdist"


@pytest.mark.parametrize("source", [None, "git"])
def test_a_local_clone(lock, repo, store, source, monkeypatch):
    before = snapshot(repo)
    monkeypatch.chdir(repo.parent)
    assert sync(lock, store, url="upstream", source=source).commit == lock.commit
    assert snapshot(repo) == before


def test_a_second_call_needs_no_network(lock, repo, store, monkeypatch, capfd):
    first = sync(lock, store, url=str(repo))
    _offline(monkeypatch)
    shutil.rmtree(repo)
    before = snapshot(store.parent)
    capfd.readouterr()
    assert sync(lock, store) == sync(lock, store, source="git") == sync(lock, store, url=GONE) == first
    assert "already" in capfd.readouterr().err
    assert snapshot(store.parent) == before


def test_a_path_that_is_not_there_is_wrong_usage_even_when_nothing_is_to_be_fetched(lock, repo, store):
    sync(lock, store, url=str(repo))
    with pytest.raises(WrongUsage):
        sync(lock, store, url="nowhere")


def test_a_second_call_after_the_mirror_needs_no_network(lock, store, monkeypatch, capfd):
    first = sync(lock, store)
    _offline(monkeypatch)
    monkeypatch.setenv("PATH", os.path.dirname(shutil.which("git")))
    capfd.readouterr()
    assert sync(lock, store) == sync(lock, store, source="sdist") == first
    assert "--source git" in capfd.readouterr().err


def test_git_after_the_mirror(lock, repo, store):
    assert sync(lock, store).source == "sdist"
    assert sync(lock, store, url=str(repo)).source == "git"
    assert sync(lock, store).source == "git"
    assert sync(lock, store, source="sdist").source == "sdist"


def test_git_alone_is_refused_where_it_is_not_there(lock, store):
    with pytest.raises(Refused) as caught:
        sync(lock, store, source="git")
    assert GONE in caught.value.where
    assert "--url" in caught.value.todo
    assert stores.find_locked(store, lock) is None


def test_neither_git_nor_mirror(lock, store, monkeypatch):
    _offline(monkeypatch)
    with pytest.raises(Refused) as caught:
        sync(lock, store)
    assert GONE in caught.value.found
    assert "small-openpi" in caught.value.found
    assert "--url" in caught.value.todo
    assert is_whole(store)
    assert sorted(p.name for p in store.parent.iterdir()) == ["upstream.git", "upstream.git.lock"]


def test_the_mirror_alone_where_it_is_not_there(lock, store, monkeypatch):
    _offline(monkeypatch)
    with pytest.raises(Refused) as caught:
        sync(lock, store, source="sdist")
    assert "small-openpi 1.0" in caught.value.where


@pytest.mark.parametrize("source", [None, "sdist"])
def test_a_wrong_hash_of_the_mirror(lock, store, source):
    wrong = dataclasses.replace(lock, mirror=dataclasses.replace(lock.mirror, sha256="0" * 64))
    with pytest.raises(Refused) as caught:
        sync(wrong, store, source=source)
    assert caught.value.where == "the archive of small-openpi 1.0"
    assert lock.mirror.sha256 in caught.value.found
    assert stores.find_locked(store, wrong) is None


def test_a_truncated_archive_of_the_right_hash(lock, store, small_index):
    """The lock itself names an archive that is cut short, so pip and the hash let it pass."""
    archive, mirror = small_index
    content = archive.read_bytes()[:-30]
    archive.write_bytes(content)
    cut = dataclasses.replace(lock, mirror=dataclasses.replace(mirror, sha256=hashlib.sha256(content).hexdigest()))
    with pytest.raises(Refused):
        sync(cut, store)
    assert stores.find_locked(store, cut) is None


def test_a_commit_that_upstream_does_not_have(lock, repo, store):
    """The host answers, so the lock is wrong; the mirror would hide that."""
    with host(repo) as url, pytest.raises(Refused) as caught:
        sync(dataclasses.replace(lock, url=url, commit="e" * 40), store, wait_s=600)
    assert "e" * 40 in caught.value.where
    assert "main" in caught.value.found


def test_a_commit_of_another_day(lock, repo, store):
    with pytest.raises(Refused) as caught:
        sync(dataclasses.replace(lock, date="2026-01-03"), store, url=str(repo))
    assert (caught.value.expected, caught.value.found) == ("2026-01-02", "2026-01-03")


def test_a_folder_that_is_no_clone(lock, tmp_path, store):
    (tmp_path / "plain").mkdir()
    with pytest.raises(Refused) as caught:
        sync(lock, store, url=str(tmp_path / "plain"))
    assert "not appear to be a git repository" in caught.value.found


def test_a_partial_clone(lock, repo, tmp_path, store):
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(None, "clone", "--quiet", "--bare", "--filter=blob:none", repo.as_uri(), str(tmp_path / "partial"))
    before = snapshot(tmp_path / "partial")
    with pytest.raises(Refused) as caught:
        sync(lock, store, url=str(tmp_path / "partial"))
    assert "--refetch --no-filter" in caught.value.todo
    assert snapshot(tmp_path / "partial") == before


def test_ref(lock, repo, store, capfd):
    newer = add_commit(repo, "2026-02-01")
    git(repo, "branch", "next")
    git(repo, "reset", "--quiet", "--hard", lock.commit)
    for ref in ("next", newer, newer[:9]):
        synced = sync(lock, store, url=str(repo), ref=ref)
        assert (synced.commit, synced.id, synced.date, synced.source) == (newer, newer, "2026-02-01", "git")
        for fact in ("30 days newer", f"just apply --upstream {newer}", "lock is unchanged"):
            assert fact in synced.note
    assert "already" not in capfd.readouterr().err.replace("already; nothing is fetched", "", 1)
    assert stores.find_locked(store, lock) is None
    assert sync(lock, store, url=str(repo), ref="main").note == ""
    with pytest.raises(Refused) as caught:
        sync(lock, store, url=str(repo), ref="nope")
    assert "main, next" in caught.value.found


def test_a_ref_is_taken_by_its_name_and_not_reckoned_with(lock, repo, store):
    sync(lock, store, url=str(repo), ref=lock.commit)
    with pytest.raises(Refused):
        sync(lock, store, url=str(repo), ref=f"{lock.commit}~0")


def test_a_ref_that_moves_is_fetched_again(lock, repo, store):
    sync(lock, store, url=str(repo), ref="main")
    newer = add_commit(repo, "2026-02-01")
    assert sync(lock, store, url=str(repo), ref="main").commit == newer


def test_a_ref_is_never_answered_by_the_mirror(lock, store):
    with pytest.raises(Refused) as caught:
        sync(lock, store, ref="main")
    assert GONE in caught.value.where


@pytest.mark.parametrize("options", [{"ref": "main"}, {"url": "."}])
def test_the_mirror_has_no_ref_and_no_url(lock, store, options):
    with pytest.raises(WrongUsage):
        sync(lock, store, source="sdist", **options)
    assert not store.exists()


def test_a_damaged_store_is_made_anew(lock, repo, store, capfd):
    sync(lock, store, url=str(repo))
    blob = git(store, "rev-parse", f"{lock.commit}:day.txt").decode().strip()
    file = store / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-4] + b"rot!")
    assert stores.find_locked(store, lock), "the quick look does not read what is in the files"
    assert sync(lock, store, url=str(repo)).commit == lock.commit
    assert is_whole(store, lock.commit)
    assert "damaged" in capfd.readouterr().err


def _command(*arguments: str | pathlib.Path) -> list[str]:
    """A sync in a process of its own: url, store and, in JSON, the lock's text come as arguments."""
    code = (
        "import pathlib, sys; sys.path.insert(0, sys.argv[1]);"
        "from tools import command, lock; from tools.upstream.sync import sync;"
        "path, store, url, source = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4], sys.argv[5];"
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"  # as in the foreground of a shell
        "sys.argv[1:] = [];"
        "work = lambda: print(sync(lock.read_lock(path), store, url=url or None, source=source).commit);"
        "command.run(lambda: work() or 0, 'just sync-upstream')"
    )
    return [sys.executable, "-P", "-c", code, str(ROOT), *map(str, arguments)]


def _large(repo, lock, tmp_path):
    """Makes the upstream large enough for a sync to take a while; returns the file of a lock that names it."""
    commit = add_commit(repo, "2026-01-02", **{f"data/{n}": os.urandom(40_000) for n in range(100)})
    path = tmp_path / "large.lock"
    path.write_text(lock_text(dataclasses.replace(lock, commit=commit)))
    return path, dataclasses.replace(lock, commit=commit)


@pytest.mark.parametrize("source", ["git", "sdist"])
def test_killed_at_any_moment(lock, repo, store, tmp_path, source, small_index):
    if source == "sdist":
        _, mirror = make_sdist(small_index[0].parent, {f"data/{n}": os.urandom(20_000) for n in range(50)})
        lock = dataclasses.replace(lock, mirror=mirror)
    path, lock = _large(repo, lock, tmp_path)
    line = _command(path, store, repo if source == "git" else "", source)

    def begin() -> tuple[subprocess.Popen, float]:
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for said in process.stderr:  # it may wait first, for what a killed one has left at work
            if said.startswith(("fetching", "downloading")):
                return process, time.monotonic()
        raise AssertionError("it did not begin")

    process, began = begin()
    process.communicate()
    whole_s = time.monotonic() - began  # a guess for the next ones: a machine that is busy now takes another time then
    assert process.returncode == 0
    shutil.rmtree(store.parent)
    for share, kind in [(0.0, "INT"), (0.2, "KILL"), (0.4, "INT"), (0.55, "KILL"), (0.7, "INT"), (0.85, "KILL")]:
        process, _ = begin()
        time.sleep(whole_s * share)
        process.send_signal(signal.Signals[f"SIG{kind}"])
        out, said = process.communicate(timeout=600)
        assert "Traceback" not in said or out  # it had come to its end, and Python was on its way out
        found = stores.find_locked(store, lock)
        assert found is None or is_whole(store, found.commit)
        if found:
            shutil.rmtree(store)
    synced = sync(lock, store, url=str(repo) if source == "git" else None, source=source)
    assert is_whole(store)
    assert synced.source == source
    assert sorted(p.name for p in store.parent.iterdir()) == ["upstream.git", "upstream.git.lock"]


def test_a_pip_that_outlives_a_killed_sync_keeps_the_store(lock, repo, store, tmp_path, monkeypatch):
    """It still writes into its folder: a sync that cleared that folder away under it would find it there again."""
    path = tmp_path / "this.lock"
    path.write_text(lock_text(lock))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_FIND_LINKS", "")
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
        killed = subprocess.Popen(
            _command(path, store, "", "sdist"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        silent.settimeout(600)
        asking, _ = silent.accept()  # pip is there, and waits for an answer
        with asking:
            killed.kill()
            killed.wait()
            waiting = subprocess.Popen(
                _command(path, store, repo, "git"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
            assert b"waiting for another sync" in waiting.stderr.readline()
            left = [p for p in store.parent.iterdir() if p.name.startswith(".upstream.git.")]
            assert len(left) == 1
    out, _ = waiting.communicate(timeout=600)  # nobody listens any more: pip gives up
    assert out.decode().strip() == lock.commit
    assert sorted(p.name for p in store.parent.iterdir()) == ["upstream.git", "upstream.git.lock"]


def test_a_folder_that_is_still_written_into_is_cleared(store):
    left = store.parent / ".upstream.git.left"
    left.mkdir(parents=True)
    code = (
        "import pathlib, sys, time\n"
        "pathlib.Path(sys.argv[1], '0').touch()\n"
        "until = time.monotonic() + 0.5\n"
        "n = 0\n"
        "while time.monotonic() < until: n += 1; pathlib.Path(sys.argv[1], str(n)).touch()"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(left)], stderr=subprocess.DEVNULL):
        while not any(left.iterdir()):
            time.sleep(0.001)
        with stores.locked(store):
            pass
    assert not left.exists()


def test_killed_again_and_again_on_one_store(lock, repo, store, tmp_path):
    """What is fetched after a kill, into the same store, is whole too."""
    path, lock = _large(repo, lock, tmp_path)
    for moment_s in (0.15, 0.25, 0.3, 0.35):
        process = subprocess.Popen(
            _command(path, store, repo, "git"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moment_s)
        process.kill()
        process.wait()
    assert sync(lock, store, url=str(repo)).commit == lock.commit
    assert is_whole(store)


def test_two_at_once(lock, repo, store, tmp_path):
    path, lock = _large(repo, lock, tmp_path)
    line = _command(path, store, repo, "git")
    both = [subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    answers = [process.communicate(timeout=600) for process in both]
    assert [out.strip() for out, _ in answers] == [lock.commit] * 3, answers
    assert sum("fetching OpenPI" in err for _, err in answers) == 1


def _small_files_only() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


@pytest.mark.parametrize("source", ["git", "sdist"])
def test_a_disk_that_takes_no_more(lock, repo, store, tmp_path, source, small_index):
    """Files may not grow beyond 20 kB, which stops git and pip as a full disk does."""
    _, mirror = make_sdist(small_index[0].parent, {"large": os.urandom(100_000)})
    path, lock = _large(repo, dataclasses.replace(lock, mirror=mirror), tmp_path)
    line = _command(path, store, repo if source == "git" else "", source)
    done = subprocess.run(line, capture_output=True, text=True, preexec_fn=_small_files_only, check=False)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    assert all(part in done.stderr for part in ("refused:", "expected:", "found:", "do:"))
    assert stores.find_locked(store, lock) is None
    subprocess.run(line, capture_output=True, text=True, check=True)
    assert is_whole(store)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 300 kB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", "size=300k", "none", str(folder)]
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or subprocess.run(line, check=False).returncode != 0:
        pytest.skip("only root on Linux can make a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("source", ["git", "sdist"])
@pytest.mark.parametrize("harm", ["full", "read-only"])
def test_a_disk_that_is_full_or_read_only(lock, repo, tmp_path, small_disk, small_index, source, harm):
    _, mirror = make_sdist(small_index[0].parent, {"large": os.urandom(400_000)})
    path, lock = _large(repo, dataclasses.replace(lock, mirror=mirror), tmp_path)
    if harm == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    store = small_disk / "upstream.git"
    line = _command(path, store, repo if source == "git" else "", source)
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    word = "No space left" if harm == "full" else "Read-only"
    assert word in done.stderr.partition("found:")[2], done.stderr
    if source == "git":
        assert f"refused: {small_disk}" in done.stderr
    assert stores.find_locked(store, lock) is None
    assert not list(small_disk.glob(".upstream.git.*"))


@pytest.fixture
def project(tmp_path, lock, repo):
    """A copy of the tools with a lock of the small upstream."""
    root = tmp_path / "prö ject"
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "upstream.lock").write_text(lock_text(lock))
    return Project(root)


def test_command_takes_a_clone_from_where_one_stands(project, repo, lock):
    done = project.just("sync_upstream", "--url", "../upstream", cwd=project.root)
    assert done.returncode == 0, done
    assert f"{lock.commit} of 2026-01-02: the locked commit" in done.stdout
    assert stores.find_locked(project.root / "build" / "upstream.git", lock).source == "git"


def test_command_says_that_it_took_the_mirror(project, lock):
    done = project.just("sync_upstream", "--json")
    assert done.returncode == 0, done
    answer = json.loads(done.stdout)
    assert list(answer) == ["ok", "source", "id", "commit", "date", "note"]
    assert (answer["ok"], answer["source"], answer["id"]) == (True, "sdist", "small-openpi 1.0")
    assert "31 days older" in answer["note"]
    assert answer["note"] in done.stderr
    done = project.just("sync_upstream")
    assert "small-openpi 1.0" in done.stdout
    assert f"not the locked commit {lock.commit[:12]}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--source", "git"], 1, GONE),
        (["--url", "nowhere"], 2, "nowhere"),
        (["--url", "upstream.lock"], 2, "a file at"),
        (["--url", "tools"], 1, "tools"),
        (["--url", "../upstream", "--ref", "nope"], 1, "nope"),
        (["--source", "sdist", "--ref", "main"], 2, "--ref main"),
        (["--source", "svn"], 2, "svn"),
        (["--nope"], 2, "nope"),
    ],
)
def test_command_refuses(project, arguments, code, word):
    done = project.just("sync_upstream", *arguments, cwd=project.root)
    assert done.returncode == code, done
    assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_command_with_a_bad_lock(project):
    project.edit("upstream.lock", "[mirror]", "[mirror")
    done = project.just("sync_upstream", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["where"] == str(project.root / "upstream.lock")
    assert not (project.root / "build").exists()
