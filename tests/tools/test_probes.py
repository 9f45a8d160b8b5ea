"""The questions that find out whether upstream does itself what a patch is for."""

import ast
import textwrap

import pytest

from tools.probes import Defines
from tools.probes import Imports
from tools.probes import SkipsWhen

SKIP = SkipsWhen("merge", "_.shape != _.shape")


def _merge(body: str) -> ast.Module:
    return ast.parse(f"def merge(new, old):\n    for k, v in new.items():\n{body}")


@pytest.mark.parametrize(
    "text",
    [
        "import a.b.c\n",
        "import a.b.c as x\n",
        "import os, a.b.c\n",
        "from a.b.c import d\n",
        "from a.b import c\n",
        "from a.b import d, c as x\n",
        "def f():\n    try:\n        import a.b.c as m\n    except ImportError:\n        pass\n",
    ],
)
def test_imports(text: str):
    assert Imports("a.b.c").holds(ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import a.b\n",
        "import a.b.c.d\n",
        "import a.b.cc\n",
        "from a.b import d\n",
        "from .a.b import c\n",
        "'a.b.c'\n",
    ],
)
def test_does_not_import(text: str):
    assert not Imports("a.b.c").holds(ast.parse(text))


@pytest.mark.parametrize(
    "text", ["def x(): pass\n", "async def x(): pass\n", "class x: pass\n", "y = 1\n@d\nclass x: pass\n"]
)
def test_defines(text: str):
    assert Defines("x").holds(ast.parse(text))


@pytest.mark.parametrize(
    "text", ["", "x = 1\n", "import x\n", "def f():\n    def x(): pass\n", "if y:\n    class x: pass\n"]
)
def test_does_not_define(text: str):
    assert not Defines("x").holds(ast.parse(text))


@pytest.mark.parametrize(
    "body",
    [
        "        if v.shape != old[k].shape:\n            continue\n",
        "        if v.shape != f(old)[k].shape:\n            log(k)\n            continue\n",
        "        if k in old and v.shape != old[k].shape:\n            continue\n",
        "        if k in old:\n            if k or v.shape != old.shape:\n                old.pop()\n                continue\n",
    ],
)
def test_skips(body: str):
    assert SKIP.holds(_merge(body))


@pytest.mark.parametrize(
    "body",
    [
        "        pass\n",
        # The opposite: the item is refused, not passed over.
        "        if v.shape != old[k].shape:\n            raise ValueError\n",
        "        if v.shape != old[k].shape:\n            if strict:\n                raise ValueError\n            continue\n",
        # Passed over for another reason, or when the shapes are the same.
        "        if v.shape == old[k].shape:\n            continue\n",
        "        if not v.shape != old[k].shape:\n            continue\n",
        "        if v.dtype != old[k].dtype:\n            continue\n",
        "        if v.shape != old[k].shape != 1:\n            continue\n",
        "        if f(v.shape != old[k].shape):\n            continue\n",
        # Not passed over.
        "        if v.shape != old[k].shape:\n            log(k)\n        continue\n",
        "        if v.shape != old[k].shape:\n            pass\n        else:\n            continue\n",
        "        if v.shape != old[k].shape:\n            log(k)\n",
    ],
)
def test_does_not_skip(body: str):
    assert not SKIP.holds(_merge(body))


def test_skips_only_in_the_function():
    text = "def other(new, old):\n    for v in new:\n        if v.shape != old.shape:\n            continue\n"
    assert not SKIP.holds(ast.parse(text))
    assert SkipsWhen("other", "_.shape != _.shape").holds(ast.parse(text))
    assert not SKIP.holds(ast.parse("class C:\n" + textwrap.indent(text.replace("other", "merge"), "    ")))


def test_refuses_a_test_that_is_no_expression():
    with pytest.raises(ValueError, match="test: expected"):
        SkipsWhen("f", "x =")


def test_says_what_it_asks():
    assert [str(p) for p in (Imports("a"), Defines("b"), SKIP)] == [
        "it imports a",
        "it defines b",
        "merge passes over what has _.shape != _.shape",
    ]
