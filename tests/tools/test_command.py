"""What every command's help says of an option that may be left out."""

import dataclasses
import inspect
import pathlib
import re
import subprocess
import sys
from typing import Annotated

import pytest
import tyro

from tools.bench.__main__ import bench
from tools.bench.__main__ import names
from tools.command import ROOT
from tools.command import run

HELPS = [("tools.bench",), ("tools.new_robot",), ("tools.test",), ("tools.harvest",), ("tools.dataset.preview",)]
HELPS += [("tools.dataset.edit", verb) for verb in ("merge", "rename", "split")]


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
    assert "usage: just example [-h] [--path PATH] [--word TEXT] [--often N] [--json]" in said
    assert "None" not in said
    assert "False" not in said
    assert "(default: 3)" in said


def example_of_words(
    one: Annotated[str, tyro.conf.Positional],
    paths: Annotated[list[str], tyro.conf.Positional] = [],  # noqa: B006
    /,
    *,
    skip: list[str] = [],  # noqa: B006
    license: Annotated[str | None, tyro.conf.arg(metavar="NAME")] = None,
) -> int:
    """Do nothing.

    Args:
        one: A word.
        paths: Places.
        skip: What to leave out.
        license: A name.
    """
    return [one, *paths, *skip] != ["a", "b", "c", "d"] or license is not None


def test_a_word_is_called_by_its_name_and_a_list_that_is_empty_has_no_default(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["just example", "--help"])
    with pytest.raises(SystemExit):
        run(example_of_words, "just example")
    said = capsys.readouterr().out
    assert "usage: just example [-h] ONE [PATH ...] [--skip NAME] [--license NAME]" in said
    assert "(repeatable)" in said
    assert "default" not in said
    monkeypatch.setattr(sys, "argv", ["just example", "a", "b", "c", "--skip", "d"])
    with pytest.raises(SystemExit) as ended:
        run(example_of_words, "just example")
    assert ended.value.code == 0


@dataclasses.dataclass
class Rename:
    """Rename it.

    Args:
        old: A name.
        json: Say it in JSON.
    """

    old: tyro.conf.Positional[str]
    json: bool = False


@dataclasses.dataclass
class Drop:
    """Drop it."""


def example_of_verbs(verb: Annotated[Rename | Drop, tyro.conf.arg(name="")]) -> int:
    """Do nothing.

    Args:
        verb: What to do.
    """
    return verb != Rename("a")


def test_the_verbs_of_a_command_say_it_the_same_way(monkeypatch, capsys):
    for words, code in (["rename", "--help"], 0), (["rename", "a"], 0), (["drop"], 1):
        monkeypatch.setattr(sys, "argv", ["just example", *words])
        with pytest.raises(SystemExit) as ended:
            run(example_of_verbs, "just example")
        assert ended.value.code == code
    said = capsys.readouterr().out
    assert "usage: just example rename [-h] OLD [--json]" in said
    assert "default" not in said


@pytest.mark.parametrize("module", HELPS, ids=" ".join)
def test_no_help_shows_a_type_for_a_name(module):
    done = subprocess.run(
        [sys.executable, "-P", "-m", *module, "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not re.search(r"\bSTR\b|\bINT\b|\bFLOAT\b|\(default: (None|False|)\)", done.stdout)


def test_the_help_of_bench_names_each():
    assert sorted(re.findall(r"^    ([a-z]+)    ", inspect.getdoc(bench), re.MULTILINE)) == names()


def test_what_is_left_out_is_none(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["just example"])
    with pytest.raises(SystemExit) as ended:
        run(example, "just example")
    assert ended.value.code == 0
