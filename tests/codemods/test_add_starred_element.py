"""A starred element at the end of a written-out list, in the list's own layout; anything less clear is refused."""

import ast

from hypothesis import given
from hypothesis import strategies as st
import libcst as cst
import pytest

from tests.codemods.harness import already
from tests.codemods.harness import changes
from tests.codemods.harness import refused
from tools.codemods import NoPlace
from tools.codemods.add_starred_element import AddStarredElement

STAR = AddStarredElement("_ALL", "more.get()")


@pytest.mark.parametrize(
    ("before", "found", "lines"),
    [
        # No list of that name at the top level.
        ("", "no such name", []),
        ("_ALLE = []\nOTHER = []\n", "no such name", [1]),
        ("def f():\n    _ALL = []\n", "no such name", [2]),
        ("class C:\n    _ALL = []\n", "no such name", [2]),
        ("'_ALL = []'  # _ALL = []\n", "no such name", []),
        ("x._ALL = []\n", "no such name", []),
        ("_ALL: list\n", "line 1", None),
        ("from .configs import _ALL\n", "from .configs", [1]),
        ("from pkg.configs import _ALL\n", "from pkg.configs", [1]),
        ("import configs as _ALL\n", "line 1", [1]),
        ("def _ALL(): pass\n", "line 1", [1]),
        ("if x:\n    _ALL = []\nelse:\n    _ALL = [1]\n", "line 2", [2, 4]),
        ("try:\n    _ALL = []\nfinally:\n    pass\n", "line 2", [2]),
        ("_ALL, b = [], []\n", "line 1", [1]),
        ("with x as _ALL: pass\n", "line 1", [1]),
        # Not written out.
        ("_ALL = [x for x in y]\n", "a list comprehension: [x for x in y]", [1]),
        ("_ALL = build()\n", "what a call returns: build()", [1]),
        ("_ALL = sorted([1, 2])\n", "what a call returns", [1]),
        ("_ALL = list(x)\n", "what a call returns", [1]),
        ("_ALL = list(*[x])\n", "what a call returns", [1]),
        ("_ALL = list(())\n", None, [1]),
        ("_ALL = list(x for x in y)\n", "what a call returns", [1]),
        ("_ALL = other\n", "another name's value: other", [1]),
        ("_ALL = other._ALL\n", "another module's value: other._ALL", [1]),
        ("_ALL = (1, 2)\n", "a tuple", [1]),
        ("_ALL = {1: 2}\n", "without a written-out list", [1]),
        ("_ALL = [1] * 2\n", "without a written-out list", [1]),
        ("_ALL = a + b\n", "without a written-out list", [1]),
        ("_ALL = [1] if x else [2]\n", "without a written-out list", [1]),
        ("_ALL = " + "a" * 80 + "()\n", "...", [1]),
        # More than one, or something that may take it out again.
        ("_ALL = []\n_ALL = [1]\n", "2 of them", [1, 2]),
        ("_ALL = [1]\nif x:\n    _ALL = []\n", "line 3", [3]),
        ("_ALL = [1]\nfor _ALL in x: pass\n", "line 2", [2]),
        ("_ALL = [1]\ndel _ALL\n", "line 2", [2]),
        ("_ALL = [1]\nfrom x import _ALL\n", "line 2", [2]),
        ("_ALL = [1]\n_ALL *= 0\n", "line 2", [2]),
        ("_ALL = [1]\n_ALL[:] = []\n", "may take elements out", [2]),
        ("_ALL = [1]\n_ALL[-1] = 2\n", "may take elements out", [2]),
        ("_ALL = [1]\ndel _ALL[-1]\n", "may take elements out", [2]),
        ("_ALL = [1]\nx = _ALL.pop()\n", "may take elements out", [2]),
        ("_ALL = [1]\nif x:\n    _ALL.clear()\n", "may take elements out", [3]),
        ("_ALL = [1]\n_ALL.remove(1)\n", "may take elements out", [2]),
        ("_ALL = [1]\nx = [_ALL := []]\n", "line 2", [2]),
        ("_ALL = [1]\ndef f():\n    global _ALL\n    _ALL = []\n", "line 3", [3]),
        # There in another way: adding it once more would have it twice.
        ("_ALL = [1]\n_ALL += more.get()\n", "in another way", [2]),
        ("_ALL = [1]\n_ALL.extend(more . get ( ))\n", "in another way", [2]),
        ("_ALL = [1]\n_ALL += [*more.get()]\n", "in another way", [2]),
    ],
)
def test_refuses(before: str, found: str | None, lines: list[int] | None):
    refused(STAR, before, found or "", lines)


USED = AddStarredElement("_ALL", "more.get()", ["get"])
GET = "def get(name):\n    return _BY_NAME[name]\n"


@pytest.mark.parametrize(
    ("more", "found", "lines"),
    [
        ("", "the file has no get", [1]),
        ("get = 1\n", "line 2 makes get something else", [2]),
        (GET, "get reads neither", [2]),
        ("_BY_NAME = {c.n: c for c in _OTHER}\n" + GET, "get reads neither", [3]),
        # Some of it.
        (
            "_BY_NAME = {c.n: c for c in _ALL if c}\n" + GET,
            "line 2 may leave elements of _ALL out of _BY_NAME, which get reads",
            [2],
        ),
        ("_BY_NAME = {c.n: c for c in _ALL[:-1]}\n" + GET, "line 2 may leave elements of _ALL out", [2]),
        ("_BY_NAME = {c.n: c for c in list(_ALL)[1:]}\n" + GET, "line 2 may leave elements of _ALL out", [2]),
        ("_BY_NAME = {c.n: c for b in x for c in _ALL}\n" + GET, "line 2 may leave elements of _ALL out", [2]),
        ("_BY_NAME = filter(f, _ALL)\n" + GET, "line 2 may leave elements of _ALL out", [2]),
        ("_BY_NAME = by_name(_ALL)\n" + GET, "line 2 may leave elements of _ALL out", [2]),
        ("_BY_NAME = [_ALL]\n" + GET, "line 2 may leave elements of _ALL out", [2]),
        ("_BY_NAME = _ALL and _ALL[0]\n" + GET, "line 2 may leave elements of _ALL out", [2]),
        ("_BY_NAME, x = dict(_ALL), 1\n" + GET, "line 2 may leave elements of _ALL out", [2]),
        ("if x:\n    _BY_NAME = dict(_ALL)\n" + GET, "line 3 may leave elements of _ALL out", [3]),
        ("_SOME = [c for c in _ALL if c]\n_BY_NAME = dict(_SOME)\n" + GET, "get reads neither", [4]),
        ("_BY_NAME = dict(_ALL)\n_BY_NAME = {}\n" + GET, "_BY_NAME, which get reads, is bound 2 times", [3]),
        ("_BY_NAME = dict(_ALL)\ndel _BY_NAME['x']\n" + GET, "line 3 may take elements out of _BY_NAME", [3]),
        (
            "_BY_NAME = dict(_ALL)\ndef f():\n    _BY_NAME.popitem()\n" + GET,
            "line 4 may take elements out of _BY_NAME",
            [4],
        ),
        ("_EACH = [*_ALL]\n_EACH.pop()\n_BY_NAME = dict(_EACH)\n" + GET, "get reads neither", [5]),
        # In the function.
        (
            "_BY_NAME = dict(_ALL)\ndef get(n):\n    return {k: v for k, v in _BY_NAME.items() if v}[n]\n",
            "line 4 may leave",
            [4],
        ),
        ("_BY_NAME = dict(_ALL)\ndef get(n):\n    return make(n)\n    return _BY_NAME[n]\n", "get reads neither", [3]),
        (
            "def get(name):\n    return [c for c in _ALL if c.ok]\n",
            "line 3 may leave elements of _ALL out of what get reads",
            [3],
        ),
        ("def get(name):\n    return _ALL[0]\n", "line 3 may leave elements of _ALL out of what get reads", [3]),
        ("_BY_NAME = dict(_ALL)\ndef get(_BY_NAME):\n    return _BY_NAME\n", "get reads neither", [3]),
        ("_BY_NAME = dict(_ALL)\n" + GET + GET, "get is bound 2 times", [5]),
        # Taken out inside a function, or by another name.
        ("_BY_NAME = dict(_ALL)\ndef f():\n    del _ALL[3:]\n" + GET, "line 4 may take elements out", [4]),
        (
            "_BY_NAME = dict(_ALL)\nclass A:\n    def f(self):\n        g = lambda: _ALL.pop()\n" + GET,
            "line 5 may take",
            [5],
        ),
        (
            "_BY_NAME = dict(_ALL)\ndef f():\n    x = _ALL\n    x.pop()\n" + GET,
            "line 5 may take elements out of x",
            [5],
        ),
        ("ALL = _ALL\nALL.clear()\n_BY_NAME = dict(_ALL)\n" + GET, "line 3 may take elements out of ALL", [3]),
    ],
)
def test_refuses_a_list_that_does_not_come_to_its_reader(more: str, found: str, lines: list[int]):
    refused(USED, "_ALL = [a]\n" + more, found, lines)
    assert not USED.holds(ast.parse("_ALL = [a, *more.get()]\n" + more))


@pytest.mark.parametrize(
    "more",
    [
        "_BY_NAME = {c.n: c for c in _ALL}\n" + GET,
        "_BY_NAME: dict = dict((c.n, c) for c in sorted(_ALL, key=f))\n" + GET,
        "_BY_NAME = {**{c.n: c for c in _ALL}, 'x': 1}\n" + GET,
        "_BY_NAME = {c.n: c for c in [x, *_ALL] + more}\n_BY_NAME |= {'x': 1}\n_BY_NAME['y'] = 2\n" + GET,
        "_BY_NAME = {c.n: d for c in _ALL.copy() for d in c.all}\n" + GET,
        "_EACH = tuple(_ALL)\n_BY_NAME = {c.n: c for c in reversed(_EACH)}\n" + GET,
        "ALL = _ALL\n_BY_NAME = {c.n: c for c in ALL}\n" + GET,
        "_BY_NAME = dict(_ALL)\n" + GET.replace("get", "find") + "def get(name):\n    return find(name) or x\n",
        "def get(name):\n    for c in _ALL:\n        if c.n == name:\n            return c\n",
        "def get(name):\n    return {c.n: c for c in _ALL}[name]\n",
        "_BY_NAME = dict(_ALL)\ndef f(_ALL, x):\n    _ALL.pop()\n    x._ALL.pop()\n    f(lambda _ALL: _ALL.clear())\n"
        + GET,
    ],
)
def test_a_list_that_comes_to_its_reader(more: str):
    changes(USED, "_ALL = [a]\n" + more, "_ALL = [a, *more.get()]\n" + more)


def test_refuses_a_file_that_libcst_takes_and_python_does_not():
    refused(STAR, "_ALL = ['\\N{no such name}']\n", "unknown Unicode", [])


def test_refuses_another_count():
    refused(STAR, "_ALL = [1]\n", "1 of them, where the patch expects 2", [1], count=2)


@pytest.mark.parametrize("element", ["", "a b", "x)", "for", "*a"])
def test_refuses_an_element_that_is_no_expression(element: str):
    with pytest.raises(ValueError, match="element: expected"):
        AddStarredElement("x", element)


@pytest.mark.parametrize(
    "before",
    [
        "_ALL = [*more.get()]\n",
        "_ALL = [*more.get(), 1]\n",
        "_ALL: list = [1, * more . get( )]\n",
        "_ALL = [*more.get()] + [1]\n",
        "_ALL = list((1, *more.get()))\n",
        "_ALL = [*more.get()]\n_ALL.append(1)\n",
    ],
)
def test_is_there_already(before: str):
    already(STAR, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # On one line.
        ("_ALL = [a, b]\n", "_ALL = [a, b, *more.get()]\n"),
        ("_ALL = [a,b,]\n", "_ALL = [a,b, *more.get(),]\n"),
        ("_ALL = [ a , b , ]\n", "_ALL = [ a , b , *more.get(), ]\n"),
        ("_ALL = [ a ]  # c\n", "_ALL = [ a, *more.get() ]  # c\n"),
        ("_ALL = []\n", "_ALL = [*more.get()]\n"),
        ("_ALL = [ ]\n", "_ALL = [ *more.get()]\n"),
        ("_ALL=[x]\n", "_ALL=[x, *more.get()]\n"),
        # One element a line, with and without a trailing comma.
        ("_ALL = [\n    a,\n    b,\n]\n", "_ALL = [\n    a,\n    b,\n    *more.get(),\n]\n"),
        ("_ALL = [\n    a,\n    b\n]\n", "_ALL = [\n    a,\n    b,\n    *more.get()\n]\n"),
        ("_ALL = [\n\ta,\n\tb,\n\t]\n", "_ALL = [\n\ta,\n\tb,\n\t*more.get(),\n\t]\n"),
        ("_ALL = [\n  a\n, b\n,]\n", "_ALL = [\n  a\n, b\n, *more.get(),]\n"),
        # Comments stay where they are.
        (
            "_ALL = [\n    a,\n    b,  # b\n    # end\n\n]\n",
            "_ALL = [\n    a,\n    b,  # b\n    # end\n\n    *more.get(),\n]\n",
        ),
        (
            "_ALL = [\n    a,\n    b  # b\n    # end\n]\n",
            "_ALL = [\n    a,\n    b,  # b\n    # end\n    *more.get()\n]\n",
        ),
        (
            "_ALL = [  # all\n    # a is\n    a, # a\n# left\n]\n",
            "_ALL = [  # all\n    # a is\n    a, # a\n# left\n    *more.get(),\n]\n",
        ),
        ("_ALL = [a  # a\n]\n", "_ALL = [a,  # a\n    *more.get()\n]\n"),
        # The bracket on the last element's line.
        ("_ALL = [a,\n        b]\n", "_ALL = [a,\n        b,\n        *more.get()]\n"),
        ("_ALL = [a,  # a\n        b]\n", "_ALL = [a,  # a\n        b,\n        *more.get()]\n"),
        ("_ALL = [\n    a, b]\n", "_ALL = [\n    a, b, *more.get()]\n"),
        ("_ALL = [\n    a, b,\n    c, d,\n]\n", "_ALL = [\n    a, b,\n    c, d,\n    *more.get(),\n]\n"),
        ("_ALL = [a, b\n]\n", "_ALL = [a, b,\n    *more.get()\n]\n"),
        ("_ALL = [a, \\\n  b \\\n  ]\n", "_ALL = [a, \\\n  b, *more.get() \\\n  ]\n"),
        # Empty over several lines.
        ("_ALL = [\n]\n", "_ALL = [\n    *more.get(),\n]\n"),
        ("_ALL = [  # none\n    # yet\n]\n", "_ALL = [  # none\n    # yet\n    *more.get(),\n]\n"),
        # Elements that are calls over several lines, and other starred ones.
        (
            "_ALL = [\n    C(\n        x=[1,\n        2],\n    ),\n    *other.get(),\n]\n",
            "_ALL = [\n    C(\n        x=[1,\n        2],\n    ),\n    *other.get(),\n    *more.get(),\n]\n",
        ),
        # Annotated, one of several targets, in parentheses, behind a semicolon.
        ("_ALL: list[C] = [a]\n", "_ALL: list[C] = [a, *more.get()]\n"),
        ("_ALL: list[C]\n_ALL = [a]\n", "_ALL: list[C]\n_ALL = [a, *more.get()]\n"),
        ("x = _ALL = [a]\n", "x = _ALL = [a, *more.get()]\n"),
        ("_ALL = ([a])\n", "_ALL = ([a, *more.get()])\n"),
        ("x = 1; _ALL = [a]; y = 2\n", "x = 1; _ALL = [a, *more.get()]; y = 2\n"),
        # list(...)
        ("_ALL = list([a])\n", "_ALL = list([a, *more.get()])\n"),
        ("_ALL = list([])\n", "_ALL = list([*more.get()])\n"),
        ("_ALL = list((a,))\n", "_ALL = list((a, *more.get(),))\n"),
        ("_ALL = list((a, b))\n", "_ALL = list((a, b, *more.get()))\n"),
        ("_ALL = list((\n    a,\n    b,\n))\n", "_ALL = list((\n    a,\n    b,\n    *more.get(),\n))\n"),
        ("_ALL = list(((\n    a,  # a\n    b\n)))\n", "_ALL = list(((\n    a,  # a\n    b,\n    *more.get()\n)))\n"),
        # Sums: the last list that is written out.
        ("_ALL = [a] + f()\n", "_ALL = [a, *more.get()] + f()\n"),
        ("_ALL = f() + [a]\n", "_ALL = f() + [a, *more.get()]\n"),
        ("_ALL = [a] + [b] + g\n", "_ALL = [a] + [b, *more.get()] + g\n"),
        ("_ALL = [a] + ([b] + g)\n", "_ALL = [a] + ([b, *more.get()] + g)\n"),
        ("_ALL = [a] + [b for b in c]\n", "_ALL = [a, *more.get()] + [b for b in c]\n"),
        ("_ALL = [a] * 2 + [b]\n", "_ALL = [a] * 2 + [b, *more.get()]\n"),
        ("_ALL = (\n    [a]\n    + list([b])\n)\n", "_ALL = (\n    [a]\n    + list([b, *more.get()])\n)\n"),
        # What only adds to it further down.
        (
            "_ALL = [a]\n_ALL += [b]\n_ALL.append(c)\n_ALL.extend(d)\n_ALL.insert(0, e)\n_ALL.sort()\n",
            "_ALL = [a, *more.get()]\n_ALL += [b]\n_ALL.append(c)\n_ALL.extend(d)\n_ALL.insert(0, e)\n_ALL.sort()\n",
        ),
        ("_ALL = [a]\nif x:\n    _ALL += [b]\n", "_ALL = [a, *more.get()]\nif x:\n    _ALL += [b]\n"),
        # The same name where it is something else.
        (
            "def f():\n    _ALL = []\nclass A:\n    _ALL = []\n_ALL = [a]  # _ALL = []\n[_ALL for _ALL in z]\n",
            "def f():\n    _ALL = []\nclass A:\n    _ALL = []\n_ALL = [a, *more.get()]  # _ALL = []\n[_ALL for _ALL in z]\n",
        ),
        ("_ALL = [a]\ndef f(_ALL):\n    _ALL.pop()\n", "_ALL = [a, *more.get()]\ndef f(_ALL):\n    _ALL.pop()\n"),
        # An equal call that is not starred is another element.
        ("_ALL = [more.get()]\n", "_ALL = [more.get(), *more.get()]\n"),
        ('_ALL = ["ä", (y := 1)]\n', '_ALL = ["ä", (y := 1), *more.get()]\n'),
    ],
)
def test_adds(before: str, after: str):
    changes(STAR, before, after)


_SPACE = st.sampled_from(["", " ", "\n", "\n    ", " # c\n", "\n\n  # d\n    ", "\n# e\n", "\t", " \\\n "])


@given(
    parts=st.lists(st.tuples(_SPACE, st.sampled_from(["a", "f(1,\n2)", "*b", "[c]"]), _SPACE), max_size=3),
    comma=st.booleans(),
    end=_SPACE,
    shape=st.sampled_from(["_ALL = [{}]\n", "_ALL: T = list([{}])", "_ALL = list(({},))\n", "_ALL = ([{}]\n + g)\n"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_any_layout_comes_back_to_the_byte(parts, comma: bool, end: str, shape: str, newline: str):  # noqa: FBT001
    inner = ",".join(before + element + after for before, element, after in parts)
    text = shape.format(inner + ("," if comma and parts and ",)" not in shape else "") + end)
    if not parts and ",)" in shape:
        text = "_ALL = []\n"
    old = text.replace("\n", newline).encode()
    try:
        tree = cst.parse_module(old)
    except cst.ParserSyntaxError:
        return
    if tree.bytes != old:
        return
    change = STAR.apply(tree)
    new = change.tree.bytes
    assert change.changed == 1
    assert STAR.undo(cst.parse_module(new)).bytes == old
    assert STAR.apply(cst.parse_module(new)).changed == 0
    # Nothing of the file is lost, and nothing but the element, a comma and space comes in.
    rest = iter(new)
    assert all(byte in rest for byte in old)
    more = len(new) - len(old)
    assert more <= len(b"*more.get(),,") + 2 * len(newline) + 12


def test_injects_the_names_in_the_element():
    assert STAR.injects() == ["more.get"]
    assert AddStarredElement("x", "get(a, b.c)").injects() == ["get", "b.c"]


def test_says_what_it_looked_for():
    with pytest.raises(NoPlace, match="a module-level list named _ALL"):
        STAR.apply(cst.parse_module(""))


def test_mixed_line_ends_follow_the_list():
    before = b"x = 1\n_ALL = [\r\n    a,\r\n]\n"
    after = STAR.apply(cst.parse_module(before)).tree.bytes
    assert after == b"x = 1\n_ALL = [\r\n    a,\r\n    *more.get(),\r\n]\n"
    assert STAR.undo(cst.parse_module(after)).bytes == before
