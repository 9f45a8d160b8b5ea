"""The questions that find out whether upstream does itself what a patch is for."""

import ast
import textwrap

import pytest

from tools.plan.probes import Defines
from tools.plan.probes import Imports
from tools.plan.probes import SkipsWhen

SKIP = SkipsWhen("merge", "new.items()", "_.shape != old[_].shape", "out[_] = old[_]")
KEEP = "out[k] = old[k]"


def _merge(body: str, after: str = "") -> ast.Module:
    return ast.parse(
        f"def merge(new, old):\n    out = {{}}\n    for k, v in new.items():\n{body}{after}    return out\n"
    )


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


X = Defines("x", "Data", ["make", "make_old"], ["load"])
LOAD = "def load(): return make()\n"


@pytest.mark.parametrize(
    "text",
    [
        "def make():\n    return x(Data())\n",
        "def make():\n    d = m.Data()\n    d.transform(x(1))\n    return d\n",
        "def make():\n    d = Data()\n    d = x(d)\n    if y:\n        return d\n    return More(d)\n",
        "def make():\n    if y:\n        return Fake()\n    d = Data()\n    return Many(d, [x(y)])\n",
        "def make():\n    d = Data()\n    if y:\n        return x(d)\n    else:\n        return x(d, 1)\n",
        "def make():\n    d = Data()\n    if not d:\n        raise E\n    return x(d)\n",
        "def make():\n    if y:\n        return x(Data(1))\n    d = Data()\n    with d:\n        return x(d)\n",
        "def make():\n    return step()\ndef make_old():\n    return x(Data())\ndef step(): return make_old()\n",
    ],
)
@pytest.mark.parametrize("definition", ["class x: pass\n", "@d\ndef x(y): pass\n"])
def test_defines(definition: str, text: str):
    assert X.holds(ast.parse(definition + text + LOAD))


@pytest.mark.parametrize(
    "text",
    [
        # Used nowhere, or not where it should be.
        "def make():\n    return Data()\n",
        "def make():\n    d = Data()\n    assert isinstance(d, x)\n    return d\n",
        "def make():\n    d = Data()\n    x(d)\n    return d\n",
        "def make():\n    return Data()\ndef debug():\n    return x(Data)\n",
        "def make():\n    d = x(y)\n    e = Data(d)\n    return e\n",
        # On some ways only.
        "def make():\n    d = Data()\n    if y:\n        d = x(d)\n    return d\n",
        "def make():\n    d = Data()\n    if y:\n        return d\n    return x(d)\n",
        "def make():\n    if y:\n        return Data(1)\n    d = Data()\n    return x(d)\n",
        "def make():\n    return x(1) if y else Data()\n",
        "def make():\n    d = Data()\n    for e in y:\n        d = x(d)\n    return d\n",
        "def make():\n    d = Data()\n    return lambda: x(d)\n",
        "def make():\n    def f():\n        return Data()\n    return f\n",
        # There are others, or the functions are not used.
        "def make():\n    return x(Data())\ndef other():\n    return Data()\n",
        "def make():\n    return x(Data())\ndef other():\n    return MyData()\n",
        "def make_old():\n    return x(Data())\n",
        "def other():\n    return x(Data())\n",
    ],
)
def test_defines_and_does_not_use(text: str):
    assert not X.holds(ast.parse("class x: pass\n" + text + LOAD))


@pytest.mark.parametrize(
    "definition",
    [
        "",
        "x = f\n",
        "import x\n",
        "if y:\n    class x: pass\n",
        "class x: pass\nx = y\n",
        "class x: pass\nclass x: pass\n",
    ],
)
def test_does_not_define(definition: str):
    assert not X.holds(ast.parse(definition + "def make():\n    return x(Data())\n" + LOAD))


@pytest.mark.parametrize(
    "condition",
    [
        "if v.shape != old[k].shape:",
        "if f(v).shape != old[k].shape:",
        "if k in old and v.shape != old[k].shape:",
        # As people write it: only guards stand beside the comparison.
        "if hasattr(v, 's') and hasattr(old[k], 's') and v.shape != old[k].shape:",
        "if isinstance(v, A) and (old[k] is not None and v.shape != old[k].shape):",
        "if k or (k in old and (k or v.shape != old[k].shape)):",
        "if not (k not in old or old is None) and v.shape != old[k].shape:",
    ],
)
def test_skips(condition: str):
    assert SKIP.holds(_merge(f"        {condition}\n            {KEEP}\n            continue\n"))


@pytest.mark.parametrize(
    "body",
    [
        "        if k in old:\n            if k or v.shape != old[k].shape:\n                {}\n                continue\n",
        "        if k not in old:\n            f()\n        elif v.shape != old[k].shape:\n            {}\n            continue\n",
        "        try:\n            if v.shape != old[k].shape:\n                {}\n                continue\n        finally:\n            pass\n",
        # Who has nothing to compare has left before.
        "        if k not in old:\n            continue\n        if v.shape != old[k].shape:\n            {}\n            continue\n",
        # A short name for what it is compared with.
        "        ref = old[k]\n        if v.shape != ref.shape:\n            {}\n            continue\n",
        "        ref = old[k]\n        if hasattr(ref, 's') and v.shape != ref.shape:\n            out[k] = ref\n            continue\n",
    ],
)
def test_skips_inside_what_only_guards(body: str):
    assert SKIP.holds(_merge(body.format(KEEP)))


@pytest.mark.parametrize(
    "branch",
    [
        "logger.info(k); {}; continue",
        "skipped.append(k); {}; continue",
        "n += 1; print(k, n); {}; continue",
    ],
)
def test_skips_and_tells(branch: str):
    body = f"        if v.shape != old[k].shape:\n            {branch.format(KEEP)}\n"
    assert SKIP.holds(_merge(body))
    assert SKIP.holds(
        _merge(body, "    if skipped and n:\n        logger.warning('Skipped %s', skipped)\n        print(n)\n")
    )


@pytest.mark.parametrize(
    ("branch", "after"),
    [
        # The opposite: the item is refused, not passed over.
        ("raise ValueError", ""),
        ("{}; raise ValueError; continue", ""),
        ("bad.append(k); {}; continue", "    if bad:\n        raise ValueError(bad)\n"),
        ("bad.append(k); {}; continue", "    check(bad)\n"),
        ("bad.append(k); {}; continue", "    assert not bad\n"),
        ("bad[k] = v; {}; continue", "    for k in bad:\n        del out[k]\n"),
        ("n += 1; {}; continue", "    if n:\n        return None\n"),
        ("{}; continue", "    for k in out:\n        if k:\n            raise ValueError\n"),
        # Nothing is kept in its place, or something else, or somewhere else.
        ("continue", ""),
        ("out[k] = v; continue", ""),
        ("out[k] = None; continue", ""),
        ("other[k] = old[k]; continue", ""),
        ("{}; out[k] = v; continue", ""),
        ("{}; out.pop(k); continue", ""),
        ("{}; del out[k]; continue", ""),
        ("x = old[k]; continue", ""),
        # Not passed over.
        ("{}", ""),
        ("{}; pass", ""),
        ("{}; break", ""),
    ],
)
def test_does_not_skip_though_it_asks(branch: str, after: str):
    assert not SKIP.holds(_merge(f"        if v.shape != old[k].shape:\n            {branch.format(KEEP)}\n", after))


@pytest.mark.parametrize(
    "condition",
    [
        # Passed over for another reason, or when the shapes are the same.
        "if v.shape == old[k].shape:",
        "if not v.shape != old[k].shape:",
        "if v.dtype != old[k].dtype:",
        "if v.shape != old[k].shape != 1:",
        "if v.shape != other[k].shape:",
        "if f(v.shape != old[k].shape):",
        # Only some of them passed over.
        "if k.endswith('bias') and v.shape != old[k].shape:",
        "if k in old and strict and v.shape != old[k].shape:",
        "if k in lora and v.shape != old[k].shape:",
        "if isinstance(k, Lora) and v.shape != old[k].shape:",
        "if lora is not None and v.shape != old[k].shape:",
        "if k not in old and v.shape != old[k].shape:",
        "if v.shape != old[k].shape and v.shape != old[0].shape:",
        "if not hasattr(v, 's') and v.shape != old[k].shape:",
        "if not (k in old and hasattr(v, 's')) and v.shape != old[k].shape:",
        "if (k in old or strict) and v.shape != old[k].shape:",
        "if old is None and v.shape != old[k].shape:",
    ],
)
def test_does_not_skip_all(condition: str):
    assert not SKIP.holds(_merge(f"        {condition}\n            {KEEP}\n            continue\n"))


@pytest.mark.parametrize(
    "body",
    [
        "        pass\n",
        "        if k.endswith('bias'):\n            if v.shape != old[k].shape:\n                {}\n                continue\n",
        "        if k in lora:\n            if v.shape != old[k].shape:\n                {}\n                continue\n",
        "        if k == 'bias':\n            f()\n        elif v.shape != old[k].shape:\n            {}\n            continue\n",
        "        if k in old:\n            f()\n        elif v.shape != old[k].shape:\n            {}\n            continue\n",
        "        def f():\n            for _ in k:\n                if v.shape != old[k].shape:\n                    {}\n                    continue\n",
        "        if v.shape != old[k].shape:\n            {}\n        continue\n",
        "        if v.shape != old[k].shape:\n            pass\n        else:\n            {}\n            continue\n",
        # Some have left before, or the loop that goes on is another.
        "        if k in lora:\n            continue\n        if v.shape != old[k].shape:\n            {}\n            continue\n",
        "        if k:\n            f()\n        else:\n            break\n        if v.shape != old[k].shape:\n            {}\n            continue\n",
        "        for _ in x:\n            if v.shape != old[k].shape:\n                {}\n                continue\n",
        "        if v.shape != old[k].shape:\n            if x: continue\n            {}\n            continue\n",
        # The short name is given twice, and may stand for another.
        "        ref = old[k]\n        ref = x[k]\n        if v.shape != ref.shape:\n            {}\n            continue\n",
    ],
)
def test_does_not_skip(body: str):
    assert not SKIP.holds(_merge(body.format(KEEP)))


_LOOP = "{0}for k, v in {1}:\n{0}    if v.shape != old[k].shape:\n{0}        out[k] = old[k]\n{0}        continue\n"


@pytest.mark.parametrize(
    "body",
    [
        _LOOP.format("    ", "lora.items()"),
        _LOOP.format("    ", "new"),
        _LOOP.format("    ", "new.items()") * 2,
        "    if strict:\n" + _LOOP.format("        ", "new.items()"),
        "    def f():\n" + _LOOP.format("        ", "new.items()"),
    ],
)
def test_does_not_skip_in_that_loop(body: str):
    assert not SKIP.holds(ast.parse(f"def merge(new, old):\n{body}    return out\n"))
    assert SKIP.holds(ast.parse("def merge(new, old):\n" + _LOOP.format("    ", "new.items()")))
    assert SKIP.holds(ast.parse("def merge(new, old):\n    with x:\n" + _LOOP.format("        ", "new.items()")))


def test_skips_where_somebody_comes():
    text = "def merge(new, old):\n" + _LOOP.format("    ", "new.items()") + "    return out\n"
    probe = SkipsWhen(SKIP.function, SKIP.over, SKIP.test, SKIP.instead, ["load"])
    assert probe.holds(ast.parse(text + "def load():\n    return merge(1, 2)\n"))
    assert not probe.holds(ast.parse(text + "def load():\n    return merge2(1, 2)\n"))
    assert not probe.holds(ast.parse(text))


def test_skips_only_in_the_function():
    text = "def other(new, old):\n" + _LOOP.format("    ", "new.items()")
    assert not SKIP.holds(ast.parse(text))
    assert SkipsWhen("other", SKIP.over, SKIP.test, SKIP.instead).holds(ast.parse(text))
    assert not SKIP.holds(ast.parse("class C:\n" + textwrap.indent(text.replace("other", "merge"), "    ")))


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("over", ("f", "x =", "x", "y")),
        ("test", ("f", "x", "x =", "y")),
        ("instead", ("f", "x", "y", "z =")),
        ("used_by", ("f", "x", "y", "z", "g")),
    ],
)
def test_refuses_parameters_that_make_no_sense(field: str, params: tuple):
    with pytest.raises(ValueError, match=f"{field}: expected"):
        SkipsWhen(*params)


def test_says_what_it_asks():
    assert [str(p) for p in (Imports("a"), Imports("a", instead_of="z"), Defines("b", "d", ["f"]), SKIP)] == [
        "it imports a",
        "it imports a and not always z",
        "it defines b and uses it behind each d",
        "merge passes over what has _.shape != old[_].shape",
    ]
