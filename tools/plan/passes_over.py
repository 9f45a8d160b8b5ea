"""Reads how a loop passes over an item: under which conditions, what it keeps in its place, and what comes of it."""

import ast
from collections.abc import Iterator
import dataclasses

from tools.codemods.source import scope

# What the loop, and the question in it, may stand in without a condition.
_BLOCKS = (ast.With, ast.AsyncWith, ast.Try)
_LEAVING = (ast.Continue, ast.Break, ast.Return)
_SPEAK = ("logger", "logging", "log", "print", "warnings")


@dataclasses.dataclass(frozen=True)
class PassingOver:
    """What is looked for in a function; the name `_` stands for any expression.

    Attributes:
        over: What the loop goes through.
        test: The comparison: an item for which it is true is passed over.
        instead: The statement that keeps something in its place.
    """

    over: ast.expr
    test: ast.expr
    instead: ast.stmt

    def holds(self, function: scope.Function) -> bool:
        """Does the one such loop go on to the next item, with something in its place, whenever the test is true?"""
        loops = [n for n in ast.walk(function) if isinstance(n, ast.For) and _matches(n.iter, self.over, {})]
        if len(loops) != 1 or loops[0] not in _always_run(function.body):
            return False
        # An item that is refused at the end is not passed over; what is raised there may be about another thing.
        if any(isinstance(node, ast.Raise | ast.Assert) for node in ast.walk(function)):
            return False
        known = _short_names(function)
        for branch in self._branches(loops[0].body, [], known):
            kept = self._kept(branch, known)
            goes_on = isinstance(branch[-1], ast.Continue) and not _leaves(branch[:-1])
            if kept and goes_on and not _comes_back(branch, kept, function):
                return True
        return False

    def _branches(self, body: list[ast.stmt], guards: list, known: dict[str, ast.expr]) -> Iterator[list[ast.stmt]]:
        """What is done with an item whenever the test is true: the branches of the `if`s that ask it."""
        for node in body:
            if isinstance(node, ast.If):
                if any(_allow([*guards, *beside], asked, known) for asked, beside in self._asked(node.test, known)):
                    yield node.body
                yield from self._branches(node.body, [*guards, (node.test, True)], known)
                yield from self._branches(node.orelse, [*guards, (node.test, False)], known)
            elif isinstance(node, _BLOCKS):
                yield from self._branches(node.body, guards, known)
            # What follows is come to only by the items that did not leave here.
            if isinstance(node, ast.If) and isinstance(node.body[-1], _LEAVING) and not _leaves(node.orelse):
                guards = [*guards, (node.test, False)]
            elif _leaves([node]):
                return

    def _asked(self, condition: ast.expr, known: dict[str, ast.expr]) -> Iterator[tuple[ast.expr, list]]:
        """The comparison in a condition that holds whenever it does, and what is asked beside it."""
        if isinstance(condition, ast.BoolOp):
            for value in condition.values:
                beside = [(v, True) for v in condition.values if v is not value and isinstance(condition.op, ast.And)]
                yield from ((asked, [*beside, *more]) for asked, more in self._asked(value, known))
        elif _matches(condition, self.test, known):
            yield condition, []

    def _kept(self, branch: list[ast.stmt], known: dict[str, ast.expr]) -> set[str]:
        """The name into which a branch puts something instead; none where it changes that in another way too."""
        keeps = [s for s in branch if _matches(s, self.instead, known)]
        kept = _changed(keeps)
        return kept - _changed([s for s in branch if s not in keeps])


def _always_run(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, _BLOCKS):
            yield from _always_run(statement.body)


def _leaves(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, _LEAVING) for statement in body for node in ast.walk(statement))


def _short_names(function: scope.Function) -> dict[str, ast.expr]:
    """The names that a function gives once, to one element of something: `ref = flat_ref[k]`."""
    found = {}
    for n in ast.walk(function):
        if isinstance(n, ast.Assign) and isinstance(n.value, ast.Subscript) and isinstance(n.targets[0], ast.Name):
            found[n.targets[0].id] = n.value
    return {name: value for name, value in found.items() if len(scope.binds_anywhere(function, name)) == 1}


def _allow(guards: list[tuple[ast.expr, bool]], asked: ast.expr, known: dict[str, ast.expr]) -> bool:
    """Do all conditions, each met or not, only ask whether there is something to compare?"""
    parts = set(map(ast.dump, _parts(asked, known)))
    return all(_is_guard(condition, parts, met=met) for condition, met in guards)


def _parts(node: ast.AST, known: dict[str, ast.expr]) -> Iterator[ast.AST]:
    """What is compared: a node, what it is taken from, and what a short name stands for; not the keys."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Subscript) and child is node.slice):
            yield from _parts(child, known)
    if isinstance(node, ast.Name) and node.id in known:
        yield from _parts(known[node.id], {})


def _is_guard(condition: ast.expr, parts: set[str], *, met: bool = True) -> bool:
    """Does a condition only ask whether there is what is compared, and is it there when it is met (or is not)?"""
    match condition:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _is_guard(operand, parts, met=not met)
        case ast.BoolOp(op=ast.And(), values=values) if met:
            return all(_is_guard(value, parts) for value in values)
        case ast.BoolOp(op=ast.Or(), values=values) if not met:
            return all(_is_guard(value, parts, met=False) for value in values)
        case ast.Call(func=ast.Name(id="hasattr" | "isinstance"), args=[of, *_]):
            return met and ast.dump(of) in parts
        case ast.Compare(ops=[ast.In() | ast.NotIn() as op], comparators=[of]):
            return isinstance(op, ast.In) == met and ast.dump(of) in parts
        case ast.Compare(left=of, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]):
            return isinstance(op, ast.IsNot) == met and ast.dump(of) in parts
    return False


def _comes_back(branch: list[ast.stmt], kept: set[str], function: scope.Function) -> bool:
    """Is what a branch collects looked at again, other than to tell of it?"""
    within = {id(n) for s in branch for n in ast.walk(s)}
    mine = _changed(branch) - kept - set(_SPEAK)
    todo: list[ast.AST] = list(function.body)
    while todo:
        node = todo.pop()
        if id(node) in within or (isinstance(node, ast.stmt) and _only_tells(node)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in mine:
            return True
        todo.extend(ast.iter_child_nodes(node))
    return False


def _changed(body: list[ast.stmt]) -> set[str]:
    """The names that statements bind, or change what they stand for: by a method, or by storing into it."""
    found = set()
    for node in (n for s in body for n in ast.walk(s)):
        if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            found.add(_root(node))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found.add(_root(node.func))
    return found


def _only_tells(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.If):
        return all(map(_only_tells, [*statement.body, *statement.orelse]))
    is_call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
    return is_call and _root(statement.value.func) in _SPEAK


def _root(node: ast.AST) -> str:
    """The first name of `a.b[c].d`; "" where it is no name."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _matches(node: object, pattern: object, known: dict[str, ast.expr]) -> bool:
    """Are two pieces of code the same, where `_` in the pattern is anything and a short name what it stands for?"""
    if isinstance(pattern, ast.Name) and pattern.id == "_":
        return isinstance(node, ast.expr)
    if isinstance(node, ast.Name) and node.id in known and not isinstance(pattern, ast.Name):
        node = known[node.id]
    if isinstance(pattern, list):
        return (
            isinstance(node, list)
            and len(node) == len(pattern)
            and all(_matches(n, p, known) for n, p in zip(node, pattern, strict=True))
        )
    if isinstance(pattern, ast.AST):
        same = type(node) is type(pattern)
        return same and all(_matches(getattr(node, f, None), getattr(pattern, f, None), known) for f in pattern._fields)
    return node == pattern
