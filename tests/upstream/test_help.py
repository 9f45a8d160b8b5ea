"""Every script of the patched tree, upstream's and ours, answers --help."""

import logging
import pathlib
import runpy
import sys

import pytest

from tests.upstream.conftest import PATCHED

UPSTREAM = ("train.py", "compute_norm_stats.py", "serve_policy.py")
OURS = sorted(path.name for path in (pathlib.Path(__file__).parents[2] / "overlay" / "scripts").glob("*.py"))


@pytest.mark.parametrize("name", [*UPSTREAM, *OURS])
def test_help(name, monkeypatch, capsys):
    script = PATCHED / "scripts" / name
    assert script.is_file(), f"{name} was not laid into the tree"
    monkeypatch.setattr(logging, "basicConfig", lambda **options: None)  # it would log to what pytest closes
    monkeypatch.setattr(sys, "argv", [str(script), "--help"])
    with pytest.raises(SystemExit) as exit_:
        runpy.run_path(str(script), run_name="__main__")
    assert not exit_.value.code
    assert "usage: " in capsys.readouterr().out.lower()


def test_help_of_train_lists_the_robots(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["train.py", "--help"])
    with pytest.raises(SystemExit):
        runpy.run_path(str(PATCHED / "scripts" / "train.py"), run_name="__main__")
    shown = capsys.readouterr().out
    assert "pi05_so101_lora" in shown
    assert "pi05_joyarm_lora" in shown
