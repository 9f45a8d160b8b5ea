"""Does what a module makes of a list have all of its elements, and does a function read that?"""

import ast

from tools.codemods.source import scope
from tools.codemods.source import used

# What hands on every element that it is given.
_KEEP_ALL = ("list", "tuple", "set", "frozenset", "dict", "sorted", "reversed", "iter", "enumerate")
_METHODS = ("copy", "items", "values")
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_TAKE_OUT = ("clear", "pop", "popitem", "remove", "__delitem__")


def refusal(module: ast.Module, name: str, reader: str) -> tuple[int, str] | None:
    """Why a function may not get every element of a list, as (line, in words); None when it does.

    It does when it goes through the list, or reads a name that the top level makes of the whole list: by a
    comprehension without a condition, by `dict`, `sorted` and the like, by a sum or a star.

    Args:
        module: The file.
        name: The list's name, at the top level.
        reader: The function's name, or `Class.method`.
    """
    function = used.definition(module, reader)
    if isinstance(function, tuple):
        return function
    whole = _Whole(module, name)
    others = [s for s in used.reached_from(module, function).values() if isinstance(s, scope.FUNCTION)]
    reached = list({id(d): d for d in (function, *others)}.values())
    live = [n for d in reached for n in _live(d)]
    read = set().union(*map(used.reads, reached))
    for node in live:
        if isinstance(node, _COMPREHENSIONS) and any(g.ifs and whole.is_whole(g.iter) for g in node.generators):
            return node.lineno, f"line {node.lineno} may leave elements of {name} out of what {reader} reads"
    if name in read and any(map(whole.is_gone_through, live)):
        return None
    if any(whole.is_whole(ast.Name(other)) for other in read - {name}):
        return None
    for other in sorted(read - {name}):
        for statement in whole.made(other):
            if name in used.reads(statement):
                return next(iter(takes_out(module, other)), None) or _why_partly(whole, other, reader)
    lines = [n.lineno for n in live if isinstance(n, ast.Name) and n.id == name and name in read]
    if lines:
        return lines[0], f"line {lines[0]} may leave elements of {name} out of what {reader} reads"
    return function.lineno, f"{reader} reads neither the list nor what is made of all of it"


def _live(function: scope.Function) -> list[ast.AST]:
    dead = used.dead_nodes(function)
    return [node for node in ast.walk(function) if id(node) not in dead]


def _why_partly(whole: "_Whole", name: str, reader: str) -> tuple[int, str]:
    made = whole.made(name)
    if len(made) > 1:
        return made[-1].lineno, f"{name}, which {reader} reads, is bound {len(made)} times"
    line = made[0].lineno
    return line, f"line {line} may leave elements of {whole.name} out of {name}, which {reader} reads"


def takes_out(module: ast.Module, name: str, *, stores: bool = False) -> list[tuple[int, str]]:
    """Where the file may take elements out of a list or dictionary, of a list by storing too: (line, in words)."""
    kinds = (ast.Del, ast.Store) if stores else (ast.Del,)
    found = [n for n in (*scope.method_calls(module), *scope.stores(module)) if _takes_out(n, name, kinds)]
    # A name that is no name of the top level is that of a variable in some function.
    if found and scope.bindings(module, name):
        ours = set(map(id, used.where_it_means_the_same(module, name)))
        found = [n for n in found if id(n) in ours]
    return [(line, f"line {line} may take elements out of {name}") for line in sorted(n.lineno for n in found)]


def aliases(module: ast.Module, name: str) -> list[str]:
    """The other names that the file gives to the very same list, in functions too."""
    found = []
    for s in scope.assignments(module):
        targets = [t.id for t in s.targets if isinstance(t, ast.Name)]
        if (name in targets and s in module.body) or (isinstance(s.value, ast.Name) and s.value.id == name):
            found += targets
    return [other for other in dict.fromkeys(found) if other != name]


def _takes_out(node: ast.AST, name: str, kinds: tuple[type, ...]) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=of), attr=method)):
            return of == name and method in _TAKE_OUT
        case ast.Subscript(value=ast.Name(id=of), ctx=ctx):
            return of == name and isinstance(ctx, kinds)
    return False


class _Whole:
    """What the top level of a module makes of one list."""

    def __init__(self, module: ast.Module, name: str):
        self.module, self.name = module, name
        self._asked: set[str] = set()

    def made(self, name: str) -> list[ast.stmt]:
        """The statements that bind a name of the top level; those that only add to it left out."""
        found = [b.statement for b in scope.bindings(self.module, name)]
        return [s for s in found if not (isinstance(s, ast.AugAssign) and isinstance(s.op, ast.Add | ast.BitOr))]

    def is_whole(self, value: ast.AST | None) -> bool:
        """Has an expression every element of the list?"""
        match value:
            case ast.Name(id=self.name):
                return True
            case ast.Name(id=other):
                return self._is_made_whole(other)
            case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
                return any(isinstance(e, ast.Starred) and self.is_whole(e.value) for e in elements)
            case ast.Dict():
                return any(k is None and self.is_whole(v) for k, v in zip(value.keys, value.values, strict=True))
            case ast.BinOp(op=ast.Add() | ast.BitOr()):
                return self.is_whole(value.left) or self.is_whole(value.right)
            case ast.Call(func=ast.Name(id=called), args=[first, *_]):
                return called in _KEEP_ALL and self.is_whole(first)
            case ast.Call(func=ast.Attribute(value=of, attr=method), args=[]):
                return method in _METHODS and self.is_whole(of)
        if isinstance(value, _COMPREHENSIONS):
            return not any(g.ifs for g in value.generators) and self.is_whole(value.generators[0].iter)
        return False

    def is_gone_through(self, node: ast.AST) -> bool:
        """Is a node a loop over every element, or a comprehension of them?"""
        if isinstance(node, ast.For | ast.AsyncFor):
            return self.is_whole(node.iter)
        return isinstance(node, _COMPREHENSIONS) and self.is_whole(node)

    def _is_made_whole(self, name: str) -> bool:
        made = self.made(name)
        if name in self._asked or len(made) != 1 or made[0] not in self.module.body:
            return False
        self._asked.add(name)
        try:
            same = name in aliases(self.module, self.name)
            whole = isinstance(made[0], ast.Assign | ast.AnnAssign) and (same or self.is_whole(made[0].value))
            return whole and not takes_out(self.module, name)
        finally:
            self._asked.discard(name)
