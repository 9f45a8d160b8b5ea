"""An import in its sorted place, once; where the place or the name is not clear, a refusal."""

import ast

import libcst as cst
import pytest

from tests.codemods.harness import already
from tests.codemods.harness import changes
from tests.codemods.harness import refused
from tools.codemods.add_import import AddImport

IMPORT = AddImport("pkg.b.new", "new")


@pytest.mark.parametrize(
    ("before", "found", "lines"),
    [
        ("", "no import at all", []),
        ("x = 1\n", "no import at all", []),
        ("try:\n    import pkg\nexcept ImportError:\n    pkg = None\n", "none at the top level", [2]),
        ("def f():\n    import os\n", "none at the top level", [2]),
        ("import pkg.a\nnew = 1\n", "line 2", [2]),
        ("import pkg.a\nnew: int = 1\n", "line 2", [2]),
        ("import pkg.a\ndef new(): pass\n", "line 2", [2]),
        ("import pkg.a\nclass new: pass\n", "line 2", [2]),
        ("import pkg.a\nimport other as new\n", "line 2", [2]),
        ("import pkg.a\nfrom pkg.other import new\n", "line 2", [2]),
        ("import pkg.a\nfrom .b import new\n", "line 2", [2]),
        ("import pkg.a\nfrom pkg.b import old as new\n", "line 2", [2]),
        ("import pkg.a\nfor new in (): pass\n", "line 2", [2]),
        ("import pkg.a\nwith open(pkg) as new: pass\n", "line 2", [2]),
        ("import pkg.a\nx = [new := 1]\n", "line 2", [2]),
        ("import pkg.a\nx = [y for z in () if (new := z)]\n", "line 2", [2]),
        ("import pkg.a\nif pkg:\n    new = 1\n", "line 3", [3]),
        ("import pkg.a\ntry:\n    x = 1\nexcept OSError as new:\n    x = 2\n", "line 4", [4]),
        ("import pkg.a\ndef f():\n    global new\n    new = 1\n", "line 3", [3]),
        ("import pkg.a\nif pkg:\n    import pkg.b.new as new\n", "only under a condition", [3]),
        ("import pkg.a\nimport pkg.b.new as new\nnew = 1\n", "line 3", [3]),
        ("import pkg.a\nimport pkg.b.new as new\ndel new\n", "line 3", [3]),
        ("import pkg.a\nfrom other import *\n", "import of *", [2]),
        ("import pkg.a\nif pkg:\n    from other import *\n", "import of *", [3]),
    ],
)
def test_refuses(before: str, found: str, lines: list[int]):
    refused(IMPORT, before, found, lines)


def test_refuses_another_count():
    refused(IMPORT, "import pkg.a\n", "added once", count=2)


@pytest.mark.parametrize("module", ["", "a b", "a..b", ".a", "a.", "1a", "a;b"])
def test_refuses_a_module_that_is_no_name(module: str):
    with pytest.raises(ValueError, match="module: expected"):
        AddImport(module, "x")


def test_refuses_an_alias_that_is_no_name():
    with pytest.raises(ValueError, match="alias: expected"):
        AddImport("a", "x.y")


@pytest.mark.parametrize(
    "before",
    [
        "import pkg.b.new as new\n",
        "from pkg.b import new\n",
        "from pkg.b import new as new\n",
        "from pkg.b import old, new\n",
        "x = 1\nimport os; import pkg.b.new as new\n",
        "import pkg.b.new as new\nif new:\n    import pkg.b.new as new\n",
        "import pkg.a\n\n\ndef f(new): return new\n\n\nimport pkg.b.new as new\n",
        "import pkg.b.new as new\nx = [new for new in ()]\nclass C:\n    new = 1\n",
    ],
)
def test_is_there_already(before: str):
    already(IMPORT, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # In the middle, in front, and behind, of a sorted block.
        (
            "import os\n\nimport pkg.a as a\nimport pkg.c as c\n\nx = 1\n",
            "import os\n\nimport pkg.a as a\nimport pkg.b.new as new\nimport pkg.c as c\n\nx = 1\n",
        ),
        ("import os\n\nimport pkg.c as c\n", "import os\n\nimport pkg.b.new as new\nimport pkg.c as c\n"),
        ("import os\n\nimport pkg.a as a\n", "import os\n\nimport pkg.a as a\nimport pkg.b.new as new\n"),
        ("import pkg.a as a\nx = 1\n", "import pkg.a as a\nimport pkg.b.new as new\nx = 1\n"),
        # `from` is sorted by its module, and letters without their case.
        (
            "from pkg.a import a\nfrom pkg.b.Zed import c\n",
            "from pkg.a import a\nimport pkg.b.new as new\nfrom pkg.b.Zed import c\n",
        ),
        ("from pkg.b.new import x\n", "import pkg.b.new as new\nfrom pkg.b.new import x\n"),
        # Comments stay with the import they are about.
        (
            "import os\n\n# c is needed.\nimport pkg.c  # noqa\n",
            "import os\n\nimport pkg.b.new as new\n# c is needed.\nimport pkg.c  # noqa\n",
        ),
        (
            "import os\n# c is needed.\nimport pkg.c\n",
            "import os\nimport pkg.b.new as new\n# c is needed.\nimport pkg.c\n",
        ),
        (
            "import pkg.a  # about a\n# about c\nimport pkg.c\n",
            "import pkg.a  # about a\nimport pkg.b.new as new\n# about c\nimport pkg.c\n",
        ),
        (
            "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nimport pkg.c\n",
            "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\nimport pkg.b.new as new\nimport pkg.c\n",
        ),
        (
            "# License.\n\n# About c.\nimport pkg.c\n",
            "# License.\n\nimport pkg.b.new as new\n# About c.\nimport pkg.c\n",
        ),
        # The end of the file, with comments behind.
        ("import pkg.a\n# end\n", "import pkg.a\nimport pkg.b.new as new\n# end\n"),
        ("import pkg.a\n\n\n# end\n", "import pkg.a\nimport pkg.b.new as new\n\n\n# end\n"),
        # Not sorted: behind the block.
        (
            "import pkg.z\nimport pkg.a\nimport os\n",
            "import pkg.z\nimport pkg.a\nimport pkg.b.new as new\nimport os\n",
        ),
        # The first block of the package counts.
        (
            "import pkg.a\nimport os\nimport pkg.c\n",
            "import pkg.a\nimport pkg.b.new as new\nimport os\nimport pkg.c\n",
        ),
        # A package of a longer name is another one.
        (
            "import pkgs.a\nimport pkg.a\nimport sys\n",
            "import pkgs.a\nimport pkg.a\nimport pkg.b.new as new\nimport sys\n",
        ),
        # The package is not imported yet: behind the last import, but not below code that may need it.
        ("import os\nimport sys\n\nx = 1\n", "import os\nimport sys\nimport pkg.b.new as new\n\nx = 1\n"),
        (
            "import os\n\n\ndef f(): pass\n\n\nimport late\n",
            "import os\nimport pkg.b.new as new\n\n\ndef f(): pass\n\n\nimport late\n",
        ),
        (
            "import os\nos.environ['A'] = 'b'\nimport sys\n",
            "import os\nos.environ['A'] = 'b'\nimport sys\nimport pkg.b.new as new\n",
        ),
        ("from . import pkg\nimport os\n", "from . import pkg\nimport os\nimport pkg.b.new as new\n"),
        # Never in front of a docstring or `from __future__`.
        (
            '"""Doc."""\nfrom __future__ import annotations\n',
            '"""Doc."""\nfrom __future__ import annotations\nimport pkg.b.new as new\n',
        ),
        (
            "from __future__ import annotations; import pkg.c\n",
            "from __future__ import annotations; import pkg.c\nimport pkg.b.new as new\n",
        ),
        ('"""Doc."""; import pkg.c\n', '"""Doc."""; import pkg.c\nimport pkg.b.new as new\n'),
        ('"""Doc."""\nimport pkg.c\n', '"""Doc."""\nimport pkg.b.new as new\nimport pkg.c\n'),
        # Lines of several imports stay whole.
        ("import pkg.c; import pkg.d\n", "import pkg.b.new as new\nimport pkg.c; import pkg.d\n"),
        ("import pkg.c; import os\n", "import pkg.c; import os\nimport pkg.b.new as new\n"),
        ("import pkg.a, pkg.d\n", "import pkg.a, pkg.d\nimport pkg.b.new as new\n"),
        ("import pkg.a, os\nimport sys\n", "import pkg.a, os\nimport sys\nimport pkg.b.new as new\n"),
        (
            "from pkg.c import (\n    a,  # one\n    b,\n)\n",
            "import pkg.b.new as new\nfrom pkg.c import (\n    a,  # one\n    b,\n)\n",
        ),
        # Not inside anything.
        (
            "import pkg.a\ntry:\n    import pkg.b.x\nexcept ImportError: pass\n",
            "import pkg.a\nimport pkg.b.new as new\ntry:\n    import pkg.b.x\nexcept ImportError: pass\n",
        ),
        (
            "if True:\n    import pkg.a\nimport os\n",
            "if True:\n    import pkg.a\nimport os\nimport pkg.b.new as new\n",
        ),
        # The name is free where it is only someone's own.
        (
            "import pkg.a\n\n\ndef f(new, *, x=[new for new in ()]):\n    new = 1\n",
            "import pkg.a\nimport pkg.b.new as new\n\n\ndef f(new, *, x=[new for new in ()]):\n    new = 1\n",
        ),
        (
            "import pkg.a\n'new = 1'  # new = 1\nx.new = 1\nnew_er = 2\n",
            "import pkg.a\nimport pkg.b.new as new\n'new = 1'  # new = 1\nx.new = 1\nnew_er = 2\n",
        ),
        ("from other import *\nimport pkg.a\n", "from other import *\nimport pkg.a\nimport pkg.b.new as new\n"),
        # Another name of the same module is not ours.
        ("import pkg.b.new\n", "import pkg.b.new\nimport pkg.b.new as new\n"),
        ("import pkg.b.new as old\n", "import pkg.b.new as old\nimport pkg.b.new as new\n"),
        # Bytes that are not ASCII, a form that a formatter would not leave.
        (
            "import  pkg.a   as  ä # ü\nimport\tpkg.c\n",
            "import  pkg.a   as  ä # ü\nimport pkg.b.new as new\nimport\tpkg.c\n",
        ),
    ],
)
def test_adds(before: str, after: str):
    changes(IMPORT, before, after)


def test_sorts_numbers_by_value():
    before = "import pkg.m2\nimport pkg.m_config\n"
    changes(AddImport("pkg.m10", "m10"), before, "import pkg.m2\nimport pkg.m10 as m10\nimport pkg.m_config\n")


def test_without_an_alias_it_binds_the_package():
    plain = AddImport("pkg.b")
    changes(plain, "import pkg.a\nimport pkg.c\n", "import pkg.a\nimport pkg.b\nimport pkg.c\n")
    already(plain, "import pkg.b\nimport pkg.c\n")
    refused(plain, "import os\nimport other as pkg\n", "line 2", [2])
    refused(plain, "import os\npkg = 1\n", "line 2", [2])


def test_an_import_below_its_use_does_not_hold():
    assert not IMPORT.holds(ast.parse("x = new.y\nimport pkg.b.new as new\n"))
    assert IMPORT.holds(ast.parse("import pkg.b.new as new\nx = new.y\n"))


def test_injects_the_import():
    assert IMPORT.injects() == ["import pkg.b.new as new"]


def test_mixed_line_ends_follow_the_neighbour():
    before = b"import os\nimport pkg.a\r\nimport pkg.c\nx = 1\n"
    after = IMPORT.apply(cst.parse_module(before)).tree
    assert after.bytes == b"import os\nimport pkg.a\r\nimport pkg.b.new as new\r\nimport pkg.c\nx = 1\n"
    assert IMPORT.undo(cst.parse_module(after.bytes)).bytes == before
