"""An import of another module under the same names, in place; other people's own choices are left alone."""

import pytest

from tests.codemods.harness import already
from tests.codemods.harness import changes
from tests.codemods.harness import refused
from tools.codemods.redirect_import import RedirectImport

SAME = RedirectImport("old.place.data", "pkg.data")
OTHER = RedirectImport("old.place.data", "pkg.find")


@pytest.mark.parametrize(
    ("before", "found", "lines"),
    [
        ("", "none", []),
        ("import old.place.dataset as d\n", "none", [1]),
        ("import old.place.data.sub as d\n", "none", [1]),
        ("from .old.place.data import x\n", "none", []),
        ("'import old.place.data as d'  # import old.place.data as d\n", "none", []),
        # Inside something: somebody chooses there.
        ("def f():\n    import old.place.data as d\n", "only inside another statement", [2]),
        ("try:\n    import old.place.data as d\nexcept ImportError:\n    d = None\n", "only inside", [2]),
        ("if x:\n    from old.place import data\n", "only inside", [2]),
        # The names could not stay.
        ("import old.place.data\n", "bind the same names", [1]),
        ("import old.place.data as d, old.place.data\n", "2 of them", [1]),
        ("from old.place.data import *\n", "bind the same names", [1]),
        ("from old.place import data, other\n", "bind the same names", [1]),
        # Too many, or both.
        ("import old.place.data as d\nfrom old.place.data import x\n", "2 of them", [1, 2]),
        ("import old.place.data as d\nimport pkg.data as e\n", "imports pkg.data beside it", [2, 1]),
        ("from pkg import data\nfrom old.place import data\n", "imports pkg.data beside it", [1, 2]),
    ],
)
def test_refuses(before: str, found: str, lines: list[int]):
    refused(SAME, before, found, lines)


def test_refuses_an_alias_that_could_not_be_told_from_ours():
    refused(OTHER, "from old.place import data as data\n", "repeats the name", [1])
    refused(SAME, "from old.place import data as data\n", "repeats the name", [1])


def test_refuses_another_count():
    refused(SAME, "import old.place.data as d\n", "1 of them", [1], count=2)


@pytest.mark.parametrize("params", [("a", "b.c"), ("a.b", "c"), ("a.b", ""), ("a.b", "a.b"), ("a.b", "c d.e")])
def test_refuses_parameters_that_make_no_sense(params: tuple):
    with pytest.raises(ValueError, match="expected"):
        RedirectImport(*params)


@pytest.mark.parametrize("before", ["import pkg.data as d\n", "from pkg.data import x\n", "from pkg import data\n"])
def test_is_there_already(before: str):
    already(SAME, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import old.place.data as d\n", "import pkg.data as d\n"),
        ("import  old.place.data  as  d  # c\n", "import  pkg.data  as  d  # c\n"),
        ("import os, old.place.data as d, sys\n", "import os, pkg.data as d, sys\n"),
        ("x = 'ä'; import old.place.data as d\n", "x = 'ä'; import pkg.data as d\n"),
        ("from old.place.data import a, b as c\n", "from pkg.data import a, b as c\n"),
        ("from old.place.data import (\n    a,  # a\n    b,\n)\n", "from pkg.data import (\n    a,  # a\n    b,\n)\n"),
        ("from old.place import data\n", "from pkg import data\n"),
        ("from old.place import (data)  # c\n", "from pkg import (data)  # c\n"),
        ("from old.place import data as d\n", "from pkg import data as d\n"),
        # Those inside something stay as they are, and so do others of the same parent.
        (
            "import old.place.data as d\nfrom old.place import more\ndef f():\n    import old.place.data as d\n",
            "import pkg.data as d\nfrom old.place import more\ndef f():\n    import old.place.data as d\n",
        ),
    ],
)
def test_redirects(before: str, after: str):
    changes(SAME, before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from old.place import data\n", "from pkg import find as data\n"),
        ("from old.place import data as d\n", "from pkg import find as d\n"),
        ("from old.place import data as find\n", "from pkg import find\n"),
        ("import old.place.data as data\n", "import pkg.find as data\n"),
    ],
)
def test_keeps_the_bound_name(before: str, after: str):
    changes(OTHER, before, after)


def test_redirects_as_many_as_it_is_told():
    before = "import old.place.data as d\nfrom old.place.data import x\n"
    changes(SAME, before, "import pkg.data as d\nfrom pkg.data import x\n", count=2)


def test_injects_the_module():
    assert SAME.injects() == ["import pkg.data"]
