"""A patch file that is wrong is refused with the file, the key, and what would be right."""

import pytest

from tools.plan.patch_file import codemod_names
from tools.plan.patch_file import read_patch
from tools.plan.patches import read_series
from tools.refusal import Refused

GOOD = """
title = "Change a thing"
why = "Because it is needed."
remove_when = "upstream does it"
upstream = "https://github.com/Physical-Intelligence/openpi/issues/1"

[[edit]]
file = "src/openpi/a.py"
codemod = "wrap_call"
call = "make"
wrapper = "ours.wrap"
within = ["build"]

[[upstream_has]]
file = "src/openpi/a.py"
probe = "defines"
name = "wrap"
behind = "make"
within = ["build"]
"""


def read(tmp_path, text):
    path = tmp_path / "a-patch.toml"
    path.write_text(text)
    return read_patch(path)


def test_a_good_patch_is_read_whole(tmp_path):
    patch = read(tmp_path, GOOD)
    assert patch.name == "a-patch"
    edit = patch.edits[0]
    assert (edit.file, edit.codemod, edit.count) == ("src/openpi/a.py", "wrap_call", 1)
    assert (edit.change.call, edit.change.wrapper, edit.change.within) == ("make", "ours.wrap", ("build",))
    assert patch.upstream_has[0].probe.name == "wrap"
    assert patch.message().startswith(
        "a-patch: Change a thing\n\nBecause it is needed.\n\nRemove when: upstream does it"
    )


WRONG = {
    "bad TOML": (GOOD + "\n[[edit", "TOML"),
    "no title": (GOOD.replace('title = "Change a thing"', ""), "title"),
    "an empty why": (GOOD.replace("Because it is needed.", " "), "why"),
    "a number for a text": (GOOD.replace('"upstream does it"', "7"), "remove_when"),
    "an unknown key": (GOOD.replace("title", 'colour = "red"\ntitle', 1), "colour"),
    "no edit": (GOOD.split("[[edit]]", maxsplit=1)[0] + "edit = []\n", "at least one"),
    "an unknown codemod": (GOOD.replace('"wrap_call"', '"wrap_class"'), "add_import, add_starred_element"),
    "a module beside the codemods": (GOOD.replace('"wrap_call"', '"tree"'), "wrap_call"),
    "an unknown parameter": (GOOD.replace('call = "make"', 'call = "make"\nspeed = "high"'), "speed"),
    "a missing parameter": (GOOD.replace('wrapper = "ours.wrap"\n', ""), "wrapper"),
    "a parameter of another type": (GOOD.replace('["build"]', '"build"', 1), "a list of strings"),
    "a list of numbers": (GOOD.replace('["build"]', "[1]", 1), "a list of strings"),
    "a value that cannot be": (GOOD.replace('"ours.wrap"', '"ours wrap"'), "a dotted name"),
    "a count of nothing": (GOOD.replace('call = "make"', 'call = "make"\ncount = 0'), "at least 1"),
    "a count that is true": (GOOD.replace('call = "make"', 'call = "make"\ncount = true'), "at least 1"),
    "an unknown probe": (GOOD.replace('"defines"', '"mentions"'), "defines, imports, skips_when"),
    "a probe without its parameter": (GOOD.replace('name = "wrap"', ""), "name"),
    "a name that is none": (
        GOOD.replace('name = "wrap"', 'name = "wrap"\nused_by = ["a b"]'),
        "a list of dotted names",
    ),
    "a table that is no list": (GOOD.replace("[[upstream_has]]", "[upstream_has]"), "upstream_has"),
    "edits that are no tables": (GOOD.split("[[edit]]", maxsplit=1)[0] + 'edit = ["a"]\n', "[[edit]] tables"),
    "an alias that is a keyword": (
        GOOD.replace(
            'codemod = "wrap_call"\ncall = "make"\nwrapper = "ours.wrap"\nwithin = ["build"]',
            'codemod = "add_import"\nmodule = "a.b"\nalias = "class"',
        ),
        "add_import",
    ),
    "no file": (GOOD.replace('file = "src/openpi/a.py"\ncodemod', "codemod"), "file"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_patch_is_refused_with_its_place(tmp_path, what):
    text, said = WRONG[what]
    with pytest.raises(Refused) as refusal:
        read(tmp_path, text)
    shown = str(refusal.value)
    assert said in shown
    assert "a-patch.toml" in refusal.value.where
    assert all(part in shown for part in ("expected:", "found:", "do:"))


@pytest.mark.parametrize(
    ("series", "files", "said"),
    [
        ("a\nb\n", ["a"], "b has no file b.toml"),
        ("a\n", ["a", "b"], "b.toml is not named"),
        ("a\n# a comment\n\na\n", ["a"], "a is named twice"),
    ],
)
def test_series_and_files_must_agree(tmp_path, series, files, said):
    (tmp_path / "series").write_text(series)
    for name in files:
        (tmp_path / f"{name}.toml").write_text(GOOD)
    with pytest.raises(Refused, match="series") as refusal:
        read_series(tmp_path)
    assert said in refusal.value.found


def test_a_missing_series_is_refused(tmp_path):
    with pytest.raises(Refused):
        read_series(tmp_path)


def test_the_series_is_read_in_its_order():
    names = [patch.name for patch in read_series()]
    assert names == ["overlay-configs", "shape-skip", "image-decoding", "lerobot-layout"]


def test_support_modules_are_no_codemods():
    names = codemod_names()
    assert {"add_import", "add_starred_element", "insert_first_statement", "wrap_call"} <= set(names)
    assert not {"tree", "scope", "__init__"} & set(names)
