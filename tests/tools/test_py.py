"""`just py` is `python` in the build: arguments, exit code and folder as they are, and upstream's scripts checked first."""

import json
import os
import sys

import pytest

from tests.tools.project import show
from tools import inside
from tools import py
from tools.builds import build
from tools.refusal import Refused
from tools.upstream import python_env

REPORT = "import json, os, sys; print(json.dumps([sys.argv, os.getcwd(), os.environ['PYTHONPATH']])); sys.exit(7)"


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A stand-in for the build, with an interpreter and with scripts that say how they were called."""
    folder = tmp_path / "open pi"
    (folder / "scripts").mkdir(parents=True)
    for name in ("checked.py", "train.py", "mine.py"):
        (folder / "scripts" / name).write_text(REPORT)
    monkeypatch.setattr(build, "BUILD", folder)
    monkeypatch.setattr(build, "read", lambda out: None)
    monkeypatch.setattr(inside, "python_for", lambda tree: sys.executable)
    return folder


def called(capfd, *args: str):
    assert py.run_in_tree(list(args)) == 7
    return json.loads(capfd.readouterr().out)


def test_it_runs_in_the_tree_with_its_packages_first(tree, capfd, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    argv, folder, path = called(capfd, "scripts/mine.py", "--help", "a b", "", "*")
    assert argv == ["scripts/mine.py", "--help", "a b", "", "*"]
    assert os.path.samefile(folder, tree)
    assert path.split(os.pathsep) == [f"{tree}/src", f"{tree}/packages/openpi-client/src"]


@pytest.mark.parametrize("options", [[], ["-u"], ["-X", "dev", "-W", "ignore", "-B"]])
@pytest.mark.parametrize("spelt", ["scripts/train.py", "./scripts/train.py", "scripts/../scripts/train.py", "absolute"])
def test_a_script_of_upstream_is_checked_first(tree, capfd, options, spelt):
    name = str(tree / "scripts/train.py") if spelt == "absolute" else spelt
    assert called(capfd, *options, name, "debug")[0] == ["scripts/checked.py", name, "debug"]


def test_what_is_no_script_of_upstream_is_left_alone(tree):
    for line in (["scripts/mine.py", "scripts/train.py"], ["-m", "scripts/train.py"], ["-c", "1"], ["-"], ["-V"], []):
        assert py._with_questions(line) == line  # noqa: SLF001


def test_what_a_signal_ended_is_said(tree, capfd):
    (tree / "scripts/mine.py").write_text("import os; os.kill(os.getpid(), 9)")
    assert py.run_in_tree(["scripts/mine.py"]) == 137
    assert "ended by SIGKILL" in capfd.readouterr().err


def test_help_is_ours_only_where_nothing_else_is_asked(project_011):
    assert "usage: just py" in project_011.just("py").stdout
    assert "usage: just py" in project_011.just("py", "--help").stdout
    # No build: the arguments are not ours to judge, so this is said and not a wrong usage.
    for args in (["scripts/train.py", "--help"], ["-c", "1", "--json"], ["--no-such-option"]):
        done = project_011.just("py", *args)
        assert done.returncode == 1, show(done)
        assert "do:       make it: just apply" in done.stderr


def test_which_interpreter(tmp_path, monkeypatch):
    monkeypatch.setattr(python_env, "VENV", tmp_path / "upstream-venv")
    with pytest.raises(Refused) as error:
        inside.python_for(tmp_path)
    assert error.value.found == "none"
    assert "just upstream-env" in error.value.todo
    assert inside.environment(tmp_path)["JAX_ENABLE_COMPILATION_CACHE"] == "false"
    (tmp_path / "upstream-venv").mkdir()
    with pytest.raises(Refused) as error:
        inside.python_for(tmp_path)
    assert "half made" in error.value.found
    # What uv made in the tree is upstream's own, and may use a GPU.
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").touch()
    assert inside.python_for(tmp_path) == tmp_path / ".venv/bin/python"
    assert "JAX_ENABLE_COMPILATION_CACHE" not in inside.environment(tmp_path)
