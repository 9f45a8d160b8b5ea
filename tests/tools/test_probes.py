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


_IN_TRY = """
def load():
    try:
        import old as m
    except ImportError:
        import a.b.c as m
    return m
"""


@pytest.mark.parametrize(
    "text",
    [
        "import a.b.c\na.b.c.d()\n",
        "import a.b.c as x\nx.d()\n",
        "import os, a.b.c\nprint(a)\n",
        "from a.b.c import d\nd()\n",
        "from a.b import c\nc\n",
        "from a.b import d, c as x\ndef f():\n    return x\n",
        "if True:\n    import a.b.c as x\nx\n",
        _IN_TRY + "load()\n",
        _IN_TRY + "def f():\n    def g():\n        return load\n",
        "class C:\n    def f(self):\n        import a.b.c as x\n        return x\nC().f()\n",
        "class C:\n    def __init__(self):\n        import a.b.c as x\n        self.x = x\nC()\n",
    ],
)
def test_imports(text: str):
    assert Imports("a.b.c").holds(ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import a.b\na.b\n",
        "import a.b.c.d\na\n",
        "import a.b.cc\na\n",
        "from a.b import d\nd\n",
        "from .a.b import c\nc\n",
        "'a.b.c'\n",
        # Imported, and not used: the name is another's, or set, or used where it is not bound.
        "import a.b.c as x\n",
        "import a.b.c as x\ny = 1\nx = y\n",
        "from a.b.c import d as x\nd = 1\nprint(d)\n",
        "from a.b.c import *\n",
        "def f():\n    import a.b.c as x\ndef g(x):\n    return x\nf(), g()\n",
        # In a function that nobody calls.
        _IN_TRY,
        _IN_TRY.replace("return m", "return m or load()"),
        "class C:\n    def f(self):\n        import a.b.c as x\n        return x\n",
        "class C:\n    def f(self):\n        import a.b.c as x\n        return x\nC()\n",
    ],
)
def test_does_not_import(text: str):
    assert not Imports("a.b.c").holds(ast.parse(text))


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (_IN_TRY + "load()\n", True),
        ("import old.more\n" + _IN_TRY + "load()\n", True),
        ("try:\n    import old\nexcept ImportError:\n    import a.b.c as old\nold\n", True),
        ("import old\n" + _IN_TRY + "load()\n", False),
        ("import os, old as o\n" + _IN_TRY + "load()\n", False),
        ("from old import x\n" + _IN_TRY + "load()\n", False),
        ("", False),
    ],
)
def test_imports_instead_of_another(text: str, holds: bool):  # noqa: FBT001
    assert Imports("a.b.c", instead_of="old").holds(ast.parse(text)) is holds


def test_imports_instead_of_a_module_in_a_package():
    probe = Imports("a.b.c", instead_of="old.place")
    assert not probe.holds(ast.parse("from old import place\n" + _IN_TRY + "load()\n"))
    assert probe.holds(ast.parse("from old import other\n" + _IN_TRY + "load()\n"))


@pytest.mark.parametrize(
    "text",
    [
        "def x(): pass\nx()\n",
        "async def x(): pass\nf(x)\n",
        "def f():\n    return [x()]\nclass x: pass\n",
        "y = 1\n@d\nclass x: pass\nclass z(x): pass\n",
    ],
)
def test_defines(text: str):
    assert Defines("x").holds(ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\nx\n",
        "import x\nx\n",
        "def f():\n    def x(): pass\n    x()\n",
        "if y:\n    class x: pass\nx\n",
        # Used nowhere but in itself.
        'class x: "TODO"\n',
        "def x():\n    return x()\n",
        "class x: pass\n'x'\nxx()\n",
    ],
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
        # As people write it: only guards stand beside the comparison, or around it.
        "        if hasattr(v, 's') and hasattr(old, 's') and v.shape != old.shape:\n            continue\n",
        "        if isinstance(v, A) and (old is not None and v.shape != old.shape):\n            continue\n",
        "        if k or (k in old and (k or v.shape != old.shape)):\n            continue\n",
        "        if not (k not in old or old is None) and v.shape != old.shape:\n            continue\n",
        "        if k not in old:\n            f()\n        elif v.shape != old.shape:\n            continue\n",
        "        try:\n            if v.shape != old.shape:\n                continue\n        finally:\n            pass\n",
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
        # Only some of them passed over.
        "        if k.endswith('bias') and v.shape != old[k].shape:\n            continue\n",
        "        if k in old and strict and v.shape != old[k].shape:\n            continue\n",
        "        if k.endswith('bias'):\n            if v.shape != old[k].shape:\n                continue\n",
        "        if k == 'bias':\n            f()\n        elif v.shape != old[k].shape:\n            continue\n",
        "        if k not in old and v.shape != old[k].shape:\n            continue\n",
        "        if k in old:\n            f()\n        elif v.shape != old[k].shape:\n            continue\n",
        "        if v.shape != old[k].shape and v.shape != old.shape:\n            continue\n",
        "        if not hasattr(v, 's') and v.shape != old.shape:\n            continue\n",
        "        if not (k in old and hasattr(v, 's')) and v.shape != old.shape:\n            continue\n",
        "        if (k in old or strict) and v.shape != old.shape:\n            continue\n",
        "        if old is None and v.shape != old[k].shape:\n            continue\n",
        "        def f():\n            for _ in k:\n                if v.shape != old.shape:\n                    continue\n",
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
    assert [str(p) for p in (Imports("a"), Imports("a", instead_of="z"), Defines("b"), SKIP)] == [
        "it imports a",
        "it imports a and not always z",
        "it defines b and uses it",
        "merge passes over what has _.shape != _.shape",
    ]
