"""What a dataset's text may be, and what is printed of it: one line, no traceback, commands that can be pasted."""

import io
import json
import shlex
import sys

import pytest

from tools.dataset.jsonl import to_json
from tools.dataset.jsonl import to_jsonl
from tools.dataset.plain import just
from tools.dataset.plain import moves
from tools.dataset.plain import plain
from tools.dataset.plain import say


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("half \ud83d", "half \\ud83d"),
        ("caf\udce9.txt", "caf\\udce9.txt"),
        ("two\nlines", "two\\nlines"),
        ("bottle, Flasche, びん", "bottle, Flasche, びん"),
    ],
)
def test_what_cannot_be_shown_is_named(text, shown):
    assert plain(text) == shown


def test_what_is_printed_is_of_the_terminals_letters(monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\n")
    monkeypatch.setattr(sys, "stdout", out)
    say("caf\u00e9\n\ud83d " + 500 * "x")
    out.flush()
    assert out.buffer.getvalue() == b"caf\\xe9\n\\ud83d " + 500 * b"x" + b"\n"


@pytest.mark.parametrize("path", ["plain", "a b", "a'b", "$HOME", "a;b", "*"])
def test_a_command_can_be_pasted(path):
    command = just("edit-dataset delete", path, "--episodes", "3", "7-9")
    assert shlex.split(command) == ["just", "edit-dataset", "delete", path, "--episodes", "3", "7-9"]


def test_json_keeps_letters_and_names_halves_of_them():
    assert to_json({"task": "Gläser"}) == '{"task": "Gläser"}'.encode()
    assert to_jsonl([{"task": "Gläser"}, {"task": "\ud83d"}]) == '{"task": "Gläser"}\n{"task": "\\ud83d"}\n'.encode()
    assert json.loads(to_json({"x": "\ud83d"}, indent=4)) == {"x": "\ud83d"}
    with pytest.raises(ValueError, match="JSON"):
        to_jsonl([{"x": float("nan")}])


@pytest.mark.parametrize(
    ("episodes", "said"),
    [
        ([0, 1, 2], "0-2"),
        ([0, 1, 2, 4, 5, 9], "0-2, 4-5 as 3-4, 9 as 5"),
        ([3], "3 as 0"),
        ([], ""),
    ],
)
def test_which_episode_becomes_which_is_said_in_ranges(episodes, said):
    assert moves(episodes) == said


def test_a_line_of_ranges_is_never_endless():
    assert moves(range(0, 2000, 2)).endswith("22 as 11, and 988 more ranges")
