"""The environment of upstream is made once, kept while its lists are the same, and never lost to a failure."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys

import pytest

from tools import upstream_env
from tools.builds import build
from tools.command import ROOT
from tools.refusal import Refused
from tools.upstream import python_env

# Small ones, so that this takes seconds; the second list goes in without what it asks for.
LISTS = ("iniconfig==2.3.1\n", "pytest-xdist==3.8.0\n")

pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the environment needs Python 3.11")


@pytest.fixture
def requirements(tmp_path) -> pathlib.Path:
    """A folder with the two lists."""
    folder = tmp_path / "requirements"
    folder.mkdir()
    write(folder, *LISTS)
    return folder


def write(folder: pathlib.Path, with_deps: str, without_deps: str) -> None:
    (folder / "upstream-cpu.txt").write_text(with_deps)
    (folder / "upstream-cpu-nodeps.txt").write_text(without_deps)


def packages(venv: pathlib.Path) -> set[str]:
    line = [python_env.python_of(venv), "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check"]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    return {line for line in done.stdout.splitlines() if not line.startswith(("pip=", "setuptools="))}


def age(venv: pathlib.Path) -> int:
    return (venv / "pyvenv.cfg").stat().st_mtime_ns


def test_made_kept_remade_and_never_lost(tmp_path, requirements, capfd):
    venv = tmp_path / "büild dir" / "upstream-venv"
    # Missing: made, with both lists and nothing that the second asks for.
    assert python_env.make(venv, requirements) == python_env.python_of(venv)
    assert packages(venv) == {"iniconfig==2.3.1", "pytest-xdist==3.8.0"}
    assert capfd.readouterr().out == ""
    # In order: kept as it is.
    made = age(venv)
    python_env.make(venv, requirements)
    assert age(venv) == made
    # Killed while another was made: what was begun is thrown away, and the one that was there is back.
    venv.rename(venv.with_name("upstream-venv.old"))
    venv.mkdir()
    (venv / "half").touch()
    python_env.make(venv, requirements)
    assert age(venv) == made
    assert not (venv / "half").exists()
    assert not venv.with_name("upstream-venv.old").exists()
    # Killed while it removed the old one: the new one was whole, and is what stays.
    venv.with_name("upstream-venv.old").mkdir()
    python_env.make(venv, requirements)
    assert age(venv) == made
    assert not venv.with_name("upstream-venv.old").exists()
    venv.with_name("upstream-venv.old").mkdir()
    # What cannot be had leaves the one that was there, and says so; it is not taken for the one that is wanted.
    write(requirements, "no-such-package-anywhere-at-all==99\n", LISTS[1])
    with pytest.raises(Refused, match="upstream-venv") as error:
        python_env.make(venv, requirements)
    assert error.value.todo.startswith("check the network")
    assert age(venv) == made
    assert not python_env.in_order(venv, requirements)
    # A change of either list: made again.
    write(requirements, LISTS[0], "execnet==2.1.2\n")
    python_env.make(venv, requirements)
    assert packages(venv) == {"iniconfig==2.3.1", "execnet==2.1.2"}
    assert not venv.with_name("upstream-venv.old").exists()


def test_a_pip_that_outlives_a_killed_process_is_waited_for(tmp_path, requirements):
    """It still writes into the environment: one that cleared that away under it would find files there again."""
    venv = tmp_path / "venv"
    code = (
        "import pathlib, sys; from tools.upstream import python_env; python_env.make(*map(pathlib.Path, sys.argv[1:]))"
    )
    line = [sys.executable, "-c", code, str(venv), str(requirements)]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        index = {"PIP_CONFIG_FILE": "/dev/null", "PIP_RETRIES": "0", "PIP_FIND_LINKS": ""}
        index["PIP_INDEX_URL"] = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        killed = subprocess.Popen(line, cwd=ROOT, env=os.environ | index, **quiet)
        silent.settimeout(600)
        asking, _ = silent.accept()  # pip is there, and waits for an answer
        with asking:
            killed.kill()
            killed.wait()
            waiting = subprocess.Popen(line, cwd=ROOT, stderr=subprocess.PIPE)
            assert b"waiting for it" in waiting.stderr.readline()
            assert (venv / "bin/pip").exists()
    said = waiting.communicate(timeout=600)[1]  # nobody listens any more: pip gives up
    assert waiting.returncode == 0, said
    assert packages(venv) == {"iniconfig==2.3.1", "pytest-xdist==3.8.0"}


def test_one_that_was_interrupted_or_lost_its_interpreter_is_not_in_order(tmp_path, requirements):
    venv = tmp_path / "venv"
    assert not python_env.in_order(venv, requirements)
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").symlink_to(sys.executable)
    assert not python_env.in_order(venv, requirements)  # no stamp: pip had not come to its end
    (venv / "made-of").write_text(f"(3, 11)\n{LISTS[0]}{LISTS[1]}")
    assert python_env.in_order(venv, requirements)
    (venv / "bin/python").unlink()
    (venv / "bin/python").symlink_to("/nowhere/python3.11")
    assert not python_env.in_order(venv, requirements)


def test_without_the_python_that_it_needs(tmp_path, requirements, monkeypatch):
    monkeypatch.setattr(python_env, "_PYTHON", (3, 99))
    with pytest.raises(Refused) as error:
        python_env.make(tmp_path / "venv", requirements)
    assert "Python 3.99" in error.value.expected
    assert "no python3.99 on PATH" in error.value.found
    assert not (tmp_path / "venv").exists()


def test_what_fills_it_holds_its_lock_for_as_long_as_it_runs(tmp_path, requirements, monkeypatch):
    def run(line, *, pass_fds, **_):
        assert os.path.samestat(os.fstat(*pass_fds), (tmp_path / "venv.lock").stat())
        return subprocess.CompletedProcess(line, 1)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(Refused, match=r"venv"):
        python_env.make(tmp_path / "venv", requirements)


def test_uv_is_run_in_the_build_and_says_what_is_missing(tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(build, "BUILD", tmp_path / "openpi")
    with pytest.raises(Refused) as error:
        upstream_env.upstream_env(uv=True)
    assert error.value.todo == "make it: just apply"
    (tmp_path / "openpi").mkdir()
    (tmp_path / "openpi/pyproject.toml").touch()
    shell = shutil.which("sh")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(Refused) as error:
        upstream_env.upstream_env(uv=True)
    assert error.value.todo == "install uv, then run it again"
    (tmp_path / "bin").mkdir()
    uv = tmp_path / "bin/uv"
    uv.write_text(f'#!{shell}\necho "$PWD $* $GIT_LFS_SKIP_SMUDGE" >&2; exit $UV_CODE\n')
    uv.chmod(0o755)
    monkeypatch.setenv("UV_CODE", "0")
    assert upstream_env.upstream_env(uv=True) == 0
    assert f"{os.path.realpath(tmp_path / 'openpi')} sync 1" in capfd.readouterr().err
    monkeypatch.setenv("UV_CODE", "2")
    with pytest.raises(Refused) as error:
        upstream_env.upstream_env(uv=True)
    assert "uv exited with 2" in error.value.found
