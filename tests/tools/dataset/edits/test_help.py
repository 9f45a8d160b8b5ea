"""Every verb's own help has an example that can be pasted, and the list of verbs a line for each."""

import subprocess
import sys

import pytest

from tools.command import ROOT

VERBS = ("merge", "split", "delete", "recompress", "rename", "drop")


def help_of(*args: str) -> str:
    line = [sys.executable, "-P", "-m", "tools.dataset.edit", *args, "--help"]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_shows_an_example(verb):
    assert f"Example:\n    just edit-dataset {verb} ~/datasets/" in help_of(verb)


def test_the_list_has_each_verb_once_and_examples_once():
    said = help_of()
    for verb in VERBS:
        assert said.count(f"• {verb} ") == 1
        assert said.count(f"just edit-dataset {verb} ") == 1


@pytest.mark.parametrize(
    ("word", "found", "todo"),
    [
        ("merg", "no such verb: merg; perhaps merge", "just edit-dataset merge a b"),
        ("Delete", "no such verb: Delete; perhaps delete", "just edit-dataset delete a b"),
        ("frobnicate", "no such verb: frobnicate", "just edit-dataset --help"),
    ],
)
def test_a_word_that_is_no_verb_is_wrong_usage_and_the_nearest_is_named(word, found, todo):
    line = [sys.executable, "-P", "-m", "tools.dataset.edit", word, "a", "b"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"found:    {found}\n" in done.stderr
    assert done.stderr.endswith(f"do:       {todo}\n")
