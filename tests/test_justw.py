"""`./justw` makes .venv when it has to, and never leaves less than there was."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import pytest

from tools.command import ROOT

# The one package that justw itself needs, so that making .venv takes seconds.
ONLY_JUST = next(
    line for line in (ROOT / "requirements/tools.txt").read_text().splitlines() if line.startswith("rust-just==")
)


@pytest.fixture
def clone(tmp_path) -> pathlib.Path:
    """A project with a space and a foreign letter in its path, whose one recipe says where it was called from."""
    root = tmp_path / "mein projekt ü"
    (root / "requirements").mkdir(parents=True)
    (root / "requirements/tools.txt").write_text(ONLY_JUST + "\n")
    shutil.copy(ROOT / "justw", root)
    recipe = 'set positional-arguments\n[no-cd]\nsay *args:\n    @printf "<%s>" "$PWD" "$@"; exit 7\n'
    (root / "justfile").write_text(recipe)
    return root


def justw(root: pathlib.Path, *args: str, **options) -> subprocess.CompletedProcess:
    env = os.environ | {"PYTHON": sys.executable} | options.pop("env", {})
    return subprocess.run([root / "justw", *args], capture_output=True, text=True, check=False, env=env, **options)


def test_it_makes_keeps_and_remakes_the_environment(clone, tmp_path):
    # Missing: made; arguments, exit code and the place where the user stands come through unharmed.
    first = justw(clone, "say", "a b", "*", "", cwd=tmp_path)
    assert first.returncode == 7, first.stderr
    assert first.stdout == f"<{tmp_path}><a b><*><>"
    assert "making .venv" in first.stderr
    # There: used as it is.
    made = (clone / ".venv/made-of").stat().st_mtime_ns
    second = justw(clone, "say", cwd=tmp_path)
    assert second.stderr.replace("error: ", "").count("making") == 0
    assert (clone / ".venv/made-of").stat().st_mtime_ns == made
    # Called through a link from elsewhere: the same project.
    (tmp_path / "link").symlink_to(clone / "justw")
    assert subprocess.run([tmp_path / "link", "--make-venv"], check=False, capture_output=True).stderr == b""
    # Requirements changed, interpreter gone, made half: made anew.
    (clone / "requirements/tools.txt").write_text(f"# a word\n{ONLY_JUST}\n")
    assert "making .venv" in justw(clone, "--make-venv").stderr
    (clone / ".venv/bin/python").unlink()
    (clone / ".venv/bin/python").symlink_to("/nowhere/python3.11")
    assert "making .venv" in justw(clone, "--make-venv").stderr
    (clone / ".venv/made-of").unlink()
    assert "making .venv" in justw(clone, "--make-venv").stderr
    # What cannot be had leaves the environment that was there.
    (clone / "requirements/tools.txt").write_text("no-such-package-anywhere-at-all==99\n")
    failed = justw(clone, "--make-venv", env={"PIP_NO_INDEX": "1"})
    assert failed.returncode != 0
    assert "do:       check the network" in failed.stderr
    assert (clone / ".venv/bin/just").exists()
    assert not (clone / ".venv.old").exists()


def test_killed_while_it_makes_a_new_one_the_old_one_is_not_lost(clone):
    assert justw(clone, "--make-venv").returncode == 0
    (clone / ".venv").rename(clone / ".venv.old")
    (clone / ".venv/bin").mkdir(parents=True)  # what a kill leaves behind
    (clone / "requirements/tools.txt").write_text("no-such-package-anywhere-at-all==99\n")
    assert justw(clone, "--make-venv", env={"PIP_NO_INDEX": "1"}).returncode != 0
    assert (clone / ".venv/bin/just").exists()
    assert not (clone / ".venv.lock").exists()


def test_two_at_once_take_turns(clone):
    two = [
        subprocess.Popen([clone / "justw", "--make-venv"], env=os.environ | {"PYTHON": sys.executable}, stderr=subprocess.PIPE)
        for _ in range(2)
    ]  # fmt: skip
    said = b"".join(process.communicate(timeout=600)[1] for process in two)
    assert [process.returncode for process in two] == [0, 0], said
    assert said.count(b"making .venv with") == 1
    assert justw(clone, "--make-venv").stderr == ""


def test_a_pip_that_outlives_a_killed_justw_is_waited_for(clone):
    """It still writes into .venv: one that cleared that away under it would find files there again."""
    env = os.environ | {"PYTHON": sys.executable}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = {"PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0", "PIP_FIND_LINKS": ""}
        index["PIP_INDEX_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        line = [clone / "justw", "--make-venv"]
        killed = subprocess.Popen(line, env=env | index, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        silent.settimeout(600)
        asking, _ = silent.accept()  # pip is there, and waits for an answer
        with asking:
            killed.kill()
            killed.wait()
            waiting = subprocess.Popen(line, env=env, stderr=subprocess.PIPE)
            assert b"waiting for process" in waiting.stderr.readline()
            time.sleep(5)  # longer than it waits where the lock names nobody
            assert (clone / ".venv/bin/pip").exists()
            assert waiting.poll() is None
    said = waiting.communicate(timeout=600)[1]  # nobody listens any more: pip gives up
    assert waiting.returncode == 0, said
    assert b"making .venv with" in said
    assert not (clone / ".venv.lock").exists()


def test_without_a_python_it_says_which_one_it_needs(clone):
    bare = clone / "bin"
    bare.mkdir()
    for tool in ("sh", "dirname", "cat", "cmp", "readlink", "mkdir", "rm"):
        (bare / tool).symlink_to(shutil.which(tool))
    done = subprocess.run(
        [clone / "justw"], env={"PATH": str(bare)}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 1
    assert "expected: Python 3.11 or newer" in done.stderr
    assert not (clone / ".venv").exists()


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="no way to become somebody else")
def test_in_a_folder_of_somebody_else_it_says_so_at_once(clone):
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders let nobody else in
        root = pathlib.Path(folder)
        shutil.copy(clone / "justw", root)
        root.chmod(0o555)
        become = ["setpriv", "--reuid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        line = [*become, "/bin/sh", str(root / "justw"), "--list"]
        env = os.environ | {"PYTHON": shutil.which("true")}  # a Python that the other user may run, for all it is asked
        done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=600, env=env)
        root.chmod(0o755)
    assert done.returncode == 1
    assert "which you may not write to" in done.stderr
