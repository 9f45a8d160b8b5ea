"""What every command's help says of an option that may be left out."""

import pathlib
import sys

import pytest

from tools.command import run


def example(path: pathlib.Path | None = None, word: str | None = None, *, often: int = 3, json: bool = False) -> int:
    """Do nothing.

    Args:
        path: A place.
        word: A word.
        often: How many times.
        json: Say it in JSON.
    """
    assert (path, word, often, json) == (None, None, 3, False)
    return 0


def test_it_names_the_kind_and_no_default_where_there_is_none(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["just example", "--help"])
    with pytest.raises(SystemExit) as ended:
        run(example, "just example")
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "usage: just example [-h] [--path PATH] [--word TEXT] [--often INT] [--json]" in said
    assert "None" not in said
    assert "False" not in said
    assert "(default: 3)" in said


def test_what_is_left_out_is_none(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["just example"])
    with pytest.raises(SystemExit) as ended:
        run(example, "just example")
    assert ended.value.code == 0
