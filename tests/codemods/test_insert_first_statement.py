"""A first statement behind the docstring; a function of another shape, or other parameters, is refused."""

import ast

import libcst as cst
import pytest

from tests.codemods.harness import already
from tests.codemods.harness import changes
from tests.codemods.harness import refused
from tools.codemods.insert_first_statement import InsertFirstStatement

LINE = "new = skip.some(new, old)"
INSERT = InsertFirstStatement("merge", LINE)


@pytest.mark.parametrize(
    ("before", "found", "lines"),
    [
        ("import skip\n", "no such function", []),
        ("import skip\ndef merged(new, old):\n    pass\n", "no such function", [2]),
        ("import skip\nclass C:\n    def merge(new, old):\n        pass\n", "no such function", [3]),
        ("import skip\nif x:\n    def merge(new, old):\n        pass\n", "no such function", [3]),
        ("import skip\nmerge = lambda new, old: 1\n", "no such function", [2]),
        ("import skip\nfrom x import merge\n", "no such function", [2]),
        # Which one is it?
        ("import skip\ndef merge(new, old):\n    pass\ndef merge(new, old):\n    pass\n", "bound 2 times", [2, 4]),
        ("import skip\ndef merge(new, old):\n    pass\nmerge = other\n", "bound 2 times", [2, 4]),
        ("import skip\ndef merge(new, old):\n    pass\nif x:\n    import merge\n", "bound 2 times", [2, 5]),
        ("import skip\ndef f():\n    global merge\ndef merge(new, old):\n    pass\n", "bound 2 times", [3, 4]),
        # What the statement reads.
        ("import skip\ndef merge(loaded, old):\n    pass\n", "merge has no parameter new; it has loaded, old", [2]),
        ("import skip\ndef merge():\n    pass\n", "merge has no parameter new; it has none", [2]),
        ("import skip\ndef merge(new, ref):\n    pass\n", "merge has no parameter old; it has new, ref", [2]),
        ("import skip\nold = 1\ndef merge(new):\n    pass\n", "merge has no parameter old", [3]),
        ("import skip\nfrom x import new\ndef merge(old):\n    pass\n", "merge has no parameter new", [3]),
        ("import skip\ndef merge(new):\n    old = 1\n", "merge has no parameter old", [2]),
        ("def merge(new, old):\n    pass\n", "merge has no parameter skip", [1]),
        ("def f():\n    import skip\ndef merge(new, old):\n    pass\n", "merge has no parameter skip", [3]),
        ("import skip\ndef merge(new, old):\n    skip = 1\n", "line 3 gives the name skip another meaning", [2]),
        ("import skip\ndef merge(new, old):\n    import skip\n", "line 3 gives the name skip another meaning", [2]),
        # A body that has no line for it.
        ("import skip\ndef merge(new, old): return new\n", "on the line of its def", [2]),
        ('import skip\ndef merge(new, old):\n    """Doc."""; x = 1\n', "shares a line", [2, 3]),
        # It would run twice.
        (f"import skip\ndef merge(new, old):\n    x = 1\n    {LINE}\n", "but not as the first", [4]),
    ],
)
def test_refuses(before: str, found: str, lines: list[int]):
    refused(INSERT, before, found, lines)


USED = InsertFirstStatement("merge", LINE, used_by=["C.load"])
MERGE = "import skip\ndef merge(new, old):\n    x = new\n    return x\nclass C:\n    def load(self, x):\n"


@pytest.mark.parametrize(
    ("load", "line"),
    [
        ("        return other(x)\n", 7),
        ("        return m.merge(x) or (lambda: merge(x))\n", 7),
        ("        x = f(x)\n", 7),
        ("        if x:\n            return other(x)\n        return merge(x, x)\n", 8),
        ("        if x:\n            x = merge(x, x)\n        return x\n", 9),
        ("        return merge(x, x) if x else x\n", 7),
        ("        return x and merge(x, x)\n", 7),
        ("        return [merge(y, x) for y in x]\n", 7),
        ("        for y in x:\n            x = merge(x, y)\n        return x\n", 9),
        ("        while x:\n            return x\n        return merge(x, x)\n", 8),
        ("        try:\n            x = merge(x, x)\n        except E:\n            pass\n        return x\n", 11),
        ("        match x:\n            case 1:\n                x = merge(x, x)\n        return x\n", 10),
        ("        def f():\n            return merge(x, x)\n        return f\n", 9),
        # Its result is dropped, or the name is another's.
        ("        merge(x, x)\n        return other(x)\n", 8),
        ("        def merge(*y): pass\n        return merge(x, x)\n", 6),
        ("        return other(x)\n        return merge(x, x)\n", 7),
    ],
)
def test_refuses_what_is_not_come_to(load: str, line: int):
    refused(USED, MERGE + load, f"C.load goes on without a call of merge in line {line}", [line])
    assert not USED.holds(ast.parse((MERGE + load).replace("    x = new", f"    {LINE}\n    x = new")))


@pytest.mark.parametrize(
    ("before", "found", "lines"),
    [
        ("import skip\ndef merge(new, old):\n    return new\n", "the file has no C.load", [2]),
        (MERGE.replace("load", "other") + "        return merge(x, x)\n", "the file has no C.load", [5]),
        (MERGE + "        return merge(x, x)\n    load = other\n", "C.load is bound 2 times", [8]),
        (MERGE + "        return merge(x, x)\nC = other(C)\n", "C is bound 2 times", [8]),
        (
            MERGE + "        return merge(x, x)\nC.load = other\n",
            "line 8 puts something else in the place of C.load",
            [8],
        ),
        ("import skip\ndef merge(new, old): pass\nC = f()\n", "line 3 makes C something else", [3]),
        (
            MERGE.replace("x = new\n", "return other(new, old)\n") + "        return merge(x, x)\n",
            "line 3 hands everything on to other",
            [3],
        ),
        (
            MERGE.replace("x = new\n", "x = other(new)\n    return x\n") + "        return merge(x, x)\n",
            "line 5 is never reached: merge does its work otherwise",
            [5],
        ),
        (
            MERGE.replace("x = new\n", "if old:\n        new = load()\n") + "        return merge(x, x)\n",
            "line 4 gives new another value",
            [4],
        ),
    ],
)
def test_refuses_what_may_not_be_used(before: str, found: str, lines: list[int]):
    refused(USED, before, found, lines)


@pytest.mark.parametrize(
    "load",
    [
        "        return merge(x, x)\n",
        "        x = cast(merge(f(x), x))\n        return x\n",
        "        if x:\n            return merge(x, 1)\n        else:\n            y = merge(x, 2)\n        return y\n",
        "        if not x:\n            raise E\n        return merge(x, x)\n",
        "        return merge(x, 1) if x else merge(x, 2)\n",
        "        return merge(x, 1) or x\n",
        "        with x as y:\n            for z in y:\n                continue\n            return merge(y, x)\n",
        "        try:\n            y = f(x)\n        except E:\n            raise\n        finally:\n            z = merge(x, x)\n        return z\n",
        "        for y in x:\n            break\n        return [z for z in merge(x, y)]\n",
    ],
)
def test_what_is_used_is_changed(load: str):
    changes(USED, MERGE + load, MERGE.replace("    x = new", f"    {LINE}\n    x = new") + load)


def test_what_it_writes_may_be_changed_further_on():
    after = MERGE.replace("    x = new", "    x = 1\n    new = freeze(new)") + "        return merge(x, x)\n"
    changes(USED, after, after.replace("    x = 1", f"    {LINE}\n    x = 1"))


def test_refuses_names_that_are_none():
    for names in ("f", ["a b"], ["a."]):
        with pytest.raises(ValueError, match="used_by: expected"):
            InsertFirstStatement("f", "x = 1", names)


def test_refuses_another_count():
    refused(INSERT, "import skip\ndef merge(new, old):\n    pass\n", "bound 1 times", [2], count=2)


@pytest.mark.parametrize("statement", ["", "x =", "x = 1; y = 2", "if x: pass", "x = 1  # c", "x = 1\ny = 2", " x = 1"])
def test_refuses_what_is_not_one_simple_statement(statement: str):
    with pytest.raises(ValueError, match="statement: expected"):
        InsertFirstStatement("f", statement)


@pytest.mark.parametrize(
    "before",
    [
        f"import skip\ndef merge(new, old):\n    {LINE}\n",
        f'import skip\ndef merge(new, old):\n    """Doc."""\n\n    {LINE}  # ours\n    return new\n',
        "import skip\ndef merge(new, old):\n    new  =  skip.some( new,old )\n",
        f"import skip\ndef merge(new, old): {LINE}; return new\n",
    ],
)
def test_is_there_already(before: str):
    already(INSERT, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import skip\ndef merge(new, old):\n    return new\n",
            f"import skip\ndef merge(new, old):\n    {LINE}\n    return new\n",
        ),
        (
            'import skip\ndef merge(new, old):\n    """Doc."""\n    return new\n',
            f'import skip\ndef merge(new, old):\n    """Doc."""\n    {LINE}\n    return new\n',
        ),
        # Comments and blank lines keep their neighbour.
        (
            'import skip\ndef merge(new, old):  # why\n    """Doc.\n\n    More.\n    """  # end\n\n    # x\n    return new\n',
            f'import skip\ndef merge(new, old):  # why\n    """Doc.\n\n    More.\n    """  # end\n    {LINE}\n\n    # x\n    return new\n',
        ),
        (
            "import skip\ndef merge(new, old):\n    # x\n\n    return new\n",
            f"import skip\ndef merge(new, old):\n    {LINE}\n    # x\n\n    return new\n",
        ),
        # A docstring is all there is, with a comment behind.
        (
            'import skip\ndef merge(new, old):\n    """Doc."""\n    # end\n\n# after\nx = 1\n',
            f'import skip\ndef merge(new, old):\n    """Doc."""\n    {LINE}\n    # end\n\n# after\nx = 1\n',
        ),
        (
            "import skip\ndef merge(new, old):\n    'a' 'b'\n",
            f"import skip\ndef merge(new, old):\n    'a' 'b'\n    {LINE}\n",
        ),
        # Not docstrings.
        (
            "import skip\ndef merge(new, old):\n    b'a'\n",
            f"import skip\ndef merge(new, old):\n    {LINE}\n    b'a'\n",
        ),
        (
            "import skip\ndef merge(new, old):\n    f'a'\n",
            f"import skip\ndef merge(new, old):\n    {LINE}\n    f'a'\n",
        ),
        (
            "import skip\ndef merge(new, old):\n    ...\n",
            f"import skip\ndef merge(new, old):\n    {LINE}\n    ...\n",
        ),
        # The function's own indentation, decorators, async, all kinds of parameters.
        (
            "import skip\ndef merge(new, old):\n\tif new:\n\t\treturn old\n",
            f"import skip\ndef merge(new, old):\n\t{LINE}\n\tif new:\n\t\treturn old\n",
        ),
        (
            "import skip\n@a\n@b(1)\nasync def merge(new, /, x, *, old):\n  return new\n",
            f"import skip\n@a\n@b(1)\nasync def merge(new, /, x, *, old):\n  {LINE}\n  return new\n",
        ),
        (
            "import skip\ndef merge(*new, **old):\n    x = 1; y = 2\n",
            f"import skip\ndef merge(*new, **old):\n    {LINE}\n    x = 1; y = 2\n",
        ),
        (
            "import skip\ndef merge(\n    new: int,  # n\n    old=1,\n) -> int:\n    return new\n",
            f"import skip\ndef merge(\n    new: int,  # n\n    old=1,\n) -> int:\n    {LINE}\n    return new\n",
        ),
        # The same name where it is something else, and an equal statement in another block.
        (
            f"import skip\nclass C:\n    def merge(self): pass\ndef merge(new, old):\n    if x:\n        {LINE}\n",
            f"import skip\nclass C:\n    def merge(self): pass\ndef merge(new, old):\n    {LINE}\n    if x:\n        {LINE}\n",
        ),
        (
            "from pkg import skip\ndef merge(new, old):\n    def merge(skip): pass\n    return 'ä'\n",
            f"from pkg import skip\ndef merge(new, old):\n    {LINE}\n    def merge(skip): pass\n    return 'ä'\n",
        ),
    ],
)
def test_inserts(before: str, after: str):
    changes(INSERT, before, after)


def test_injects_what_is_not_a_parameter():
    assert INSERT.injects() == ["skip.some"]


@pytest.mark.parametrize("docstring", [b"", b"    'Doc.'\r\n"])
def test_mixed_line_ends_follow_the_line_above(docstring: bytes):
    before = b"import skip\ndef merge(new, old):\r\n" + docstring + b"    return new\n"
    after = INSERT.apply(cst.parse_module(before)).tree.bytes
    line = LINE.encode()
    assert after == b"import skip\ndef merge(new, old):\r\n" + docstring + b"    " + line + b"\r\n    return new\n"
    assert INSERT.undo(cst.parse_module(after)).bytes == before
