"""A name that an edit brings in must be bound in the file, and what it stands for must be in the overlay."""

import ast

import pytest

from tools.plan.names import bindings
from tools.plan.names import unbound

FILE = """
import os
import openpi.training.extra as extra
from openpi.training import other
import openpi.shared.thing
try:
    import fast
except ImportError:
    fast = None
if True:
    flag: int = 1
for a, (b, *c) in []:
    pass
class Thing: ...
def work(argument):
    inner = 1
"""
OVERLAY = {
    "openpi.training.extra": ast.parse(
        "def there(): ...\nVALUE = 1\nfrom x import brought\nclass C:\n    hidden = 1\n"
    ),
    "openpi.training.other": ast.parse("also = 1"),
}


def test_every_way_to_bind_a_name_is_seen():
    names = bindings(ast.parse(FILE))
    assert set(names) == {
        "os", "extra", "other", "openpi", "fast", "flag", "a", "b", "c", "Thing", "work",
    }  # fmt: skip
    assert names["extra"] == "openpi.training.extra"
    assert names["other"] == "openpi.training.other"
    assert names["work"] is None


@pytest.mark.parametrize(
    "code", ["extra.there(1)", "extra.VALUE", "extra.brought", "other.also", "import openpi.training.extra", "os.path", "len(os)"]
)  # fmt: skip
def test_what_is_there_is_fine(code):
    assert unbound([code], ast.parse(FILE), OVERLAY) == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("extra.missing()", "openpi.training.extra has no missing"),
        ("extra.hidden", "openpi.training.extra has no hidden"),
        ("other.there", "openpi.training.other has no there"),
        ("nowhere.there", "the name nowhere is not bound in the file"),
        ("inner", "the name inner is not bound in the file"),
        ("import openpi.training.absent as absent", "no module openpi.training.absent in the overlay"),
    ],
)
def test_what_is_not_there_is_named(code, said):
    assert unbound([code], ast.parse(FILE), OVERLAY) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "from openpi.training.extra import there, VALUE as v, brought",
        "import openpi.training.extra as e\nx = e.VALUE\ndef f():\n    return e.there(e.brought).missing",
        "from openpi.training import extra as e\nprint(e.__name__)",
        "import openpi.training.extra as e\ndef f(e):\n    return e.missing",
        "import openpi.training.extra as e\ndef f():\n    e = load()\n    return e.missing",
        "import openpi.training.extra as e\ndef f():\n    import other as e\n    return e.missing",
        "import openpi.training.extra as e\ng = lambda e: e.missing",
        "import openpi.training.extra as e\ne.mine = 1",
        "import other as e\ne.missing",
        "from openpi.training.also import anything",
    ],
)
def test_what_the_file_takes_from_a_module_is_there(text):
    assert unbound(["import openpi.training.extra"], ast.parse(text), OVERLAY) == []


@pytest.mark.parametrize(
    "text",
    [
        "from openpi.training.extra import there, missing",
        "from openpi.training.extra import missing as there",
        "def f():\n    from openpi.training.extra import missing",
        "import openpi.training.extra as e\nx = e.missing",
        "from openpi.training import extra as e\nx = [e.missing.more]",
        "import openpi.training.extra as e\nclass C:\n    def f(self, x: e.missing = e.missing): ...",
        "import openpi.training.extra as e\ndef f():\n    global e\n    e = e.missing",
        "import openpi.training.extra as e\ndel e.missing",
        "if True:\n    import openpi.training.extra as e\nx = e.missing",
    ],
)
def test_what_the_file_takes_from_a_module_is_missing(text):
    """It was imported from another module before the edit."""
    said = unbound(["import openpi.training.extra"], ast.parse(text), OVERLAY)
    assert said == ["openpi.training.extra has no missing"]
    assert unbound(["import openpi.training.other"], ast.parse(text), OVERLAY) == []


def test_a_module_that_answers_for_every_name_has_them_all():
    lazy = OVERLAY | {"openpi.training.extra": ast.parse("def __getattr__(name): ...")}
    text = "from openpi.training.extra import a\nimport openpi.training.extra as e\ne.b"
    assert unbound(["import openpi.training.extra", "extra.c"], ast.parse(FILE + text), lazy) == []


def test_a_module_below_may_be_imported_from_its_package():
    package = {"openpi.a": ast.parse(""), "openpi.a.b": ast.parse("")}
    assert unbound(["import openpi.a"], ast.parse("from openpi.a import b"), package) == []
    assert unbound(["import openpi.a"], ast.parse("from openpi.a import c"), package) == ["openpi.a has no c"]
