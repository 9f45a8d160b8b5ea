"""A wrapped call inside named functions; calls elsewhere stay, and what is not clear is refused."""

import ast

import libcst as cst
import pytest

from tests.codemods.harness import already
from tests.codemods.harness import changes
from tests.codemods.harness import refused
from tools.codemods.wrap_call import WrapCall

WRAP = WrapCall("Data", "deco.wrap", ["make", "make_old"])


@pytest.mark.parametrize(
    ("before", "found", "lines"),
    [
        ("", "no such function", []),
        ("def other():\n    return Data()\n", "no such function", [2]),
        ("x = Data()\ny = m.Data()\n", "it is called elsewhere", [1, 2]),
        ("def make():\n    return 1\nx = Data()\n", "none in make", [3]),
        ("class C:\n    def make(self):\n        return Data()\n", "no such function", [3]),
        ("if x:\n    def make():\n        return Data()\n", "no such function", [3]),
        ("def outer():\n    def make():\n        return Data()\n", "no such function", [3]),
        # Not a call of that name.
        ("def make():\n    return MyData() or Data2() or Data.load() or Data\n", "none in make", None),
        ('def make():\n    """Data()"""\n    return "Data()"  # Data()\n', "none in make", [1]),
        ("def make():\n    return isinstance(x, Data)\n", "none in make", [1]),
        ("def make(x=Data()) -> Data():\n    y: Data() = 1\n", "none in make", [1, 2]),
        ("@Data()\ndef make():\n    return 1\n", "none in make", [1]),
        ("def maker():\n    return Daat()\n", "no such function", [2, 1]),
        # Too many.
        ("def make():\n    a = Data(1)\n    return m.Data(2)\n", "2 of them, where the patch expects 1", [2, 3]),
        ("def make():\n    return Data(Data())\n", "2 of them", [2]),
        ("def make():\n    return Data()\ndef make_old():\n    return Data()\n", "2 of them", [2, 4]),
        # Which function is it?
        ("def make():\n    return Data()\ndef make():\n    return 1\n", "bound 2 times", [1, 3]),
        ("def make():\n    return Data()\nif x:\n    def make(): return 1\n", "bound 2 times", [1, 4]),
        ("def make():\n    return Data()\nmake = other\n", "bound 2 times", [1, 3]),
        ("from x import make\ndef make():\n    return Data()\n", "bound 2 times", [1, 2]),
        # The wrapper's name is something else there.
        ("def make(deco):\n    return Data()\n", "line 1 gives the name deco", [1]),
        ("def make():\n    deco = 1\n    return Data()\n", "line 2 gives the name deco", [2]),
        ("def make():\n    return [Data() for deco in x]\n", "line 2 gives the name deco", [2]),
        ("def make():\n    import deco.x\n    return Data()\n", "line 2 gives the name deco", [2]),
        ("def make():\n    return lambda deco: Data()\n", "line 2 gives the name deco", [2]),
        ("def make():\n    def f(*deco):\n        return Data()\n", "line 2 gives the name deco", [2]),
        # Wrapping would change the meaning.
        ("async def make():\n    return await Data()\n", "awaited", [2]),
        ('def make():\n    return"a".Data()\n', "leaves no room", [2]),
    ],
)
def test_refuses(before: str, found: str, lines: list[int] | None):
    refused(WRAP, before, found, lines)


def test_refuses_when_only_some_are_wrapped():
    text = "def make():\n    a = deco.wrap(Data(1))\n    return Data(2)\n"
    refused(WRAP, text, "some of the calls are wrapped", [2, 3], count=2)
    refused(WRAP, "def make():\n    return Data()\n", "1 of them", [2], count=2)


@pytest.mark.parametrize(
    ("field", "params"),
    [
        ("call", ("a.b", "w", ["f"])),
        ("wrapper", ("c", "w()", ["f"])),
        ("within", ("c", "w", "f")),
        ("within", ("c", "w", [])),
        ("within", ("c", "w", ["a.b"])),
        ("unlike", ("c", "w", ["f"], False, "g")),
        ("unlike", ("c", "w", ["f"], False, ["a.b"])),
        ("used_by", ("c", "w", ["f"], False, [], "g")),
        ("used_by", ("c", "w", ["f"], False, [], ["a."])),
    ],
)
def test_refuses_parameters_that_make_no_sense(field: str, params: tuple):
    with pytest.raises(ValueError, match=f"{field}: expected"):
        WrapCall(*params)


@pytest.mark.parametrize(
    "before",
    [
        "def make():\n    return deco.wrap(Data())\n",
        "def make():\n    return deco . wrap (  m.Data(1),  other=2)\n",
        "def make():\n    return deco.wrap(dataset=Data())\n",
    ],
)
def test_is_there_already(before: str):
    already(WRAP, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def make():\n    return Data()\n", "def make():\n    return deco.wrap(Data())\n"),
        ("def make():\n    x = a.b.Data(1)\n", "def make():\n    x = deco.wrap(a.b.Data(1))\n"),
        ("def make_old(): return Data()\n", "def make_old(): return deco.wrap(Data())\n"),
        ("async def make():\n    return Data()\n", "async def make():\n    return deco.wrap(Data())\n"),
        ("@x\ndef make():\n    return Data()\n", "@x\ndef make():\n    return deco.wrap(Data())\n"),
        # The arguments stay as they are written.
        (
            "def make():\n    x = m.Data(\n        a , # a\n\n        b = {1:2,},\n        # end\n    )  # x\n",
            "def make():\n    x = deco.wrap(m.Data(\n        a , # a\n\n        b = {1:2,},\n        # end\n    ))  # x\n",
        ),
        ("def make():\n    x = Data (  'ä'  )\n", "def make():\n    x = deco.wrap(Data (  'ä'  ))\n"),
        # Parentheses keep words apart.
        ("def make():\n    return(Data())\n", "def make():\n    return(deco.wrap(Data()))\n"),
        ("def make():\n    x = not(Data())\n", "def make():\n    x = not(deco.wrap(Data()))\n"),
        (
            "def make():\n    x = ((  # c\n        m\n        .Data()\n    ))\n",
            "def make():\n    x = ((  # c\n        deco.wrap(m\n        .Data())\n    ))\n",
        ),
        # Any place in the body: nested functions, methods, lambdas, strings with code in them.
        (
            "def make():\n    def f(x=1):\n        return lambda: Data()\n",
            "def make():\n    def f(x=1):\n        return lambda: deco.wrap(Data())\n",
        ),
        (
            "def make():\n    class C:\n        def f(self): Data()\n",
            "def make():\n    class C:\n        def f(self): deco.wrap(Data())\n",
        ),
        ("def make():\n    Data().x[0](1)\n", "def make():\n    deco.wrap(Data()).x[0](1)\n"),
        ("def make():\n    Data()()\n", "def make():\n    deco.wrap(Data())()\n"),
        ("def make():\n    f(*Data(), x=1)\n", "def make():\n    f(*deco.wrap(Data()), x=1)\n"),
        ("def make():\n    return other(Data())\n", "def make():\n    return other(deco.wrap(Data()))\n"),
        ("def make():\n    return wrap(Data())\n", "def make():\n    return wrap(deco.wrap(Data()))\n"),
        ('def make():\n    return f"{Data()}"\n', 'def make():\n    return f"{deco.wrap(Data())}"\n'),
        ("def make():\n    with Data() as d: pass\n", "def make():\n    with deco.wrap(Data()) as d: pass\n"),
        ("def make():\n    return (f or g).Data()\n", "def make():\n    return deco.wrap((f or g).Data())\n"),
        # Calls elsewhere, and other names, stay.
        (
            "x = Data()\ndef make(a=Data()):\n    MyData(); Data.x(); y: Data() = Data(Data)\ndef f(): Data()\n",
            "x = Data()\ndef make(a=Data()):\n    MyData(); Data.x(); y: Data() = deco.wrap(Data(Data))\ndef f(): Data()\n",
        ),
        (
            "class C:\n    def make(self): return Data()\ndef make(): return Data()\n",
            "class C:\n    def make(self): return Data()\ndef make(): return deco.wrap(Data())\n",
        ),
        # The wrapper's name used, not bound, in the function; and bound elsewhere.
        (
            "def make():\n    x.deco = deco.y\n    return Data(deco=1)\ndef f(deco): pass\n",
            "def make():\n    x.deco = deco.y\n    return deco.wrap(Data(deco=1))\ndef f(deco): pass\n",
        ),
    ],
)
def test_wraps(before: str, after: str):
    changes(WRAP, before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def make():\n    return Data(Data(1))\n", "def make():\n    return deco.wrap(Data(deco.wrap(Data(1))))\n"),
        (
            "def make():\n    a = Data()\ndef make_old():\n    b = (Data(2))\n",
            "def make():\n    a = deco.wrap(Data())\ndef make_old():\n    b = (deco.wrap(Data(2)))\n",
        ),
    ],
)
def test_wraps_as_many_as_it_is_told(before: str, after: str):
    changes(WRAP, before, after, count=2)


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ("def make():\n    return Data()\n", "def make():\n    return deco.wrap(Data())\n", 1),
        (
            "def make():\n    if x:\n        return Data(1)\n    return m.Data(2)\n",
            "def make():\n    if x:\n        return deco.wrap(Data(1))\n    return deco.wrap(m.Data(2))\n",
            2,
        ),
    ],
)
def test_wraps_every_call_when_it_is_told_so(before: str, after: str, count: int):
    changes(WrapCall("Data", "deco.wrap", ["make"], every=True), before, after, count=count)
    change = WrapCall("Data", "deco.wrap", ["make"], every=True).apply(cst.parse_module(before))
    assert (change.places, change.changed) == (count, count)
    assert change.tree.code == after


def test_every_call_is_at_least_as_many_as_the_count():
    every = WrapCall("Data", "deco.wrap", ["make"], every=True)
    refused(every, "def make():\n    return 1\n", "none in make", [1])
    refused(every, "def make():\n    return Data()\n", "1 of them, where the patch expects 2", [2], count=2)
    refused(
        every, "def make():\n    a = deco.wrap(Data())\n    return Data()\n", "some of the calls are wrapped", [2, 3]
    )


ALONE = WrapCall("Data", "deco.wrap", ["make"], every=True, unlike=["ManyData"])
MAKE = "def make():\n    return Data()\n"


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("def other():\n    return Data()\n", "line 4 calls Data beside it, which would go without deco.wrap"),
        ("def other():\n    return m.Data(1)\n", "line 4 calls Data beside it"),
        ("x = Data()\n", "line 3 calls Data beside it"),
        ("def other(x=Data()): pass\n", "line 3 calls Data beside it"),
        ("class C:\n    def make(self):\n        return Data()\n", "line 5 calls Data beside it"),
        ("def other():\n    return ManyData()\n", "line 4 calls ManyData beside it"),
        ("def other():\n    return m.MyData()\n", "line 4 calls MyData beside it"),
        # A class made of it, called.
        ("class C(m.Data): pass\nx = C()\n", "line 4 calls C beside it"),
        ("class D(C): pass\nclass C(ManyData): pass\nx = D()\n", "line 5 calls D beside it"),
        # Called where nobody sees it.
        ("make_it = Data\n", "line 3 hands Data on without a call"),
        ("x = map(m.Data, y)\n", "line 3 hands Data on without a call"),
        ("x = partial(ManyData, 1)\n", "line 3 hands ManyData on without a call"),
        ("x = {'a': Data}['a']()\n", "line 3 hands Data on without a call"),
        ("x = Data.load()\n", "line 3 hands Data on without a call"),
        ("x = getattr(m, 'Data')()\n", "line 3 hands Data on without a call"),
        ("x = vars(m)['Data']()\n", "line 3 hands Data on without a call"),
        ("x = isinstance(y, (Data, f(Data)))\n", "line 3 hands Data on"),
        ("from m import Data as D\n", "line 3 hands Data on without a call, as D"),
        ("class C(Data): pass\ny = C\n", "line 4 hands C on without a call"),
    ],
)
def test_refuses_what_would_go_without_the_wrapper(more: str, found: str):
    refused(ALONE, MAKE + more, found, [int(found.split()[1])])
    assert not ALONE.holds(ast.parse(MAKE.replace("Data()", "deco.wrap(Data())") + more))


def test_refuses_what_the_wrapper_does_not_take():
    refused(ALONE, "def make():\n    a = Data()\n    return m.ManyData(a)\n", "line 3 calls ManyData beside it", [3])
    assert not ALONE.holds(ast.parse("def make():\n    a = deco.wrap(Data())\n    return ManyData()\n"))


@pytest.mark.parametrize(
    "more",
    [
        "class C(Data, m.Data):\n    x: Data\n",
        "def f(x: Data, *y: 'Data') -> m.Data:\n    z: ManyData = x\n",
        "x = isinstance(y, Data) or issubclass(y, (int, m.Data)) or type(y) is Data or cast(Data, y)\n",
        "match x:\n    case Data(): pass\n",
        "Data = m.Data\n",
        "from m import Data, Data as Data\n",
        "x = 'Data', f('Data'), DataMeta(), Dataset, x.data, data()\n",
        "Data = None\ndel x.Data\n",
        "log(Data.__name__)\n",
    ],
)
def test_what_makes_none_does_not_matter(more: str):
    changes(ALONE, MAKE + more, MAKE.replace("Data()", "deco.wrap(Data())") + more)


LIVE = WrapCall("Data", "deco.wrap", ["make"], used_by=["load", "C.load"])
USERS = "class C:\n    def load(self):\n        return make()\ndef load():\n    return step()\ndef step():\n    return make()\n"


@pytest.mark.parametrize(
    ("before", "found", "lines"),
    [
        (MAKE, "the file has no load", [1]),
        (MAKE + USERS.replace("return step()", "return other()"), "nothing that load calls comes to make", [6]),
        (
            MAKE + USERS.replace("return step()", "step = 1; return step()"),
            "nothing that load calls comes to make",
            [6],
        ),
        (MAKE + USERS.replace("def step", "def make_other"), "nothing that load calls comes to make", [6]),
        (
            MAKE + USERS.replace("self):\n        return make()", "self):\n        pass"),
            "nothing that C.load calls",
            [4],
        ),
        (
            MAKE + USERS.replace("return step()", "return other()\n    step()"),
            "nothing that load calls comes to make",
            [6],
        ),
        (MAKE + USERS.replace("return step()", "return ALL[x]") + "ALL = [other]\n", "nothing that load calls", [6]),
        (MAKE + USERS + "def load(): pass\n", "load is bound 2 times", [10]),
        (MAKE + USERS + "C.load = other\n", "line 10 puts something else in the place of C.load", [10]),
        (MAKE + USERS.replace("class C:", "class C(B):\n    load = x"), "C.load is bound 2 times", [5]),
        (MAKE.replace("    return", "    return other()\n    x =") + USERS, "line 3 is never reached", [3]),
        (
            MAKE.replace("    return", "    if x: return 1\n    else: raise E\n    x =") + USERS,
            "line 4 is never reached",
            [4],
        ),
    ],
)
def test_refuses_what_is_left_over(before: str, found: str, lines: list[int]):
    refused(LIVE, before, found, lines)
    assert not LIVE.holds(ast.parse(before.replace("Data()", "deco.wrap(Data())")))


@pytest.mark.parametrize(
    "make",
    [
        MAKE,
        "def make():\n    try:\n        return Data()\n    finally:\n        f()\n",
        "def make():\n    for x in y:\n        if x:\n            z = Data()\n            break\n    return z\n",
        "def make():\n    def f():\n        return Data()\n    return f()\n",
        "def make():\n    match x:\n        case 1: return 2\n        case 2:\n            with x: return Data()\n",
    ],
)
def test_what_is_used_is_wrapped(make: str):
    for users in (USERS, USERS.replace("return step()", "return ALL[x]()") + "ALL = {'x': step}\n"):
        changes(LIVE, make + users, make.replace("Data()", "deco.wrap(Data())") + users)


def test_injects_the_wrapper():
    assert WRAP.injects() == ["deco.wrap"]
