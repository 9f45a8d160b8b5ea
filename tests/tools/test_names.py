"""A name that an edit brings in must be bound in the file, and what it stands for must be in the overlay."""

import ast

import pytest

from tools.names import bindings
from tools.names import unbound

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
