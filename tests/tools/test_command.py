"""What every command's help says of an option that may be left out."""

from collections.abc import Callable
import dataclasses
import inspect
import pathlib
import re
import subprocess
import sys
from typing import Annotated, Literal

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


def of_a_fork(*, upstream: str | None = None, kind: Literal["git", "sdist"] | None = None) -> int:
    """Do nothing."""
    assert upstream is None
    assert kind in (None, "git")
    return 0


def of_a_clone(*, url: str | None = None) -> int:
    """Do nothing."""
    raise AssertionError(url)


def ran(monkeypatch, capsys, function: Callable[..., int], *args: str) -> tuple[int, str]:
    """The exit code of a command line, and what it said on standard error."""
    monkeypatch.setattr(sys, "argv", ["just example", *args])
    with pytest.raises(SystemExit) as ended:
        run(function, "just example")
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize("given", [["--url", "x"], ["--url=x"]])
def test_the_name_that_another_command_has_for_an_option_is_told(monkeypatch, capsys, given):
    code, said = ran(monkeypatch, capsys, of_a_fork, *given)
    assert code == 2
    assert "Unrecognized options: --url" in said
    assert said.splitlines()[-1] == "perhaps --upstream"
    assert ran(monkeypatch, capsys, of_a_clone, "--upstream", "x")[1].splitlines()[-1] == "perhaps --url"


def test_an_option_that_is_spelt_wrong_is_told_and_one_that_nobody_has_is_not(monkeypatch, capsys):
    assert "--upstream" in ran(monkeypatch, capsys, of_a_fork, "--upstrem", "x")[1]
    assert "perhaps" not in ran(monkeypatch, capsys, of_a_fork, "--zebra", "x")[1].lower()


def test_a_word_of_a_few_is_one_of_these_and_never_none(monkeypatch, capsys):
    for wrong in ("hg", "None"):
        code, said = ran(monkeypatch, capsys, of_a_fork, "--kind", wrong)
        assert code == 2
        assert "Expected one of ('git', 'sdist')" in " ".join(said.replace("│", "").split())
    assert ran(monkeypatch, capsys, of_a_fork, "--kind", "git") == (0, "")


def test_what_is_left_out_is_none(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["just example"])
    with pytest.raises(SystemExit) as ended:
        run(example, "just example")
    assert ended.value.code == 0
