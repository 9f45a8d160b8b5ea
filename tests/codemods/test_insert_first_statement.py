"""A first statement behind the docstring; a function of another shape, or other parameters, is refused."""

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
