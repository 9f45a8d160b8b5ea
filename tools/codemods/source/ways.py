"""The ways through a function: which of them end without something having been done?"""

import ast
from collections.abc import Callable

Asked = Callable[[ast.AST], bool]


def ways_past(body: list[ast.stmt], does: Asked, starts: Asked | None = None) -> list[ast.stmt]:
    """The statements at which a function may end with something left undone; one that raises does not count.

    What is done under a condition, in a loop or in a nested function may not be done. A call whose result is dropped
    counts for nothing.

    Args:
        body: The function's statements.
        does: Is this node what has to be done?
        starts: Is this node what it has to be done after? From the function's start on when None.
    """
    ways = _Ways(does, starts or (lambda _: False))
    if True in ways.through(body, {starts is None}):
        ways.past.append(body[-1])
    return ways.past


def unreached(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a function to which no way leads; what is nested in one of them, or in a function, left out."""
    ways = _Ways(lambda _: False, lambda _: False)
    ways.through(body, {True})
    return ways.unreached


class _Ways:
    """Walks through statements; what is carried along is whether something is still to be done: it may be both."""

    def __init__(self, does: Asked, starts: Asked):
        self.does, self.starts = does, starts
        self.past: list[ast.stmt] = []
        self.unreached: list[ast.stmt] = []
        self._left: set[bool] = set()  # how loops were left, or gone on with, early

    def through(self, body: list[ast.stmt], owing: set[bool]) -> set[bool]:
        """What may be so behind the statements; nothing when no way leads there."""
        for i, statement in enumerate(body):
            if not owing:
                self.unreached += body[i:]
                break
            owing = self._through_one(statement, owing)
        return owing

    def _through_one(self, s: ast.stmt, owing: set[bool]) -> set[bool]:
        match s:
            case ast.If():
                owing = self._behind(s.test, owing)
                return self.through(s.body, owing) | self.through(s.orelse, owing)
            case ast.For() | ast.AsyncFor() | ast.While():
                owing = self._behind(s.test if isinstance(s, ast.While) else s.iter, owing)
                outer, self._left = self._left, set()
                owing = owing | self.through(s.body, owing)
                owing, self._left = owing | self._left, outer
                return self.through(s.orelse, owing)
            case ast.With() | ast.AsyncWith():
                for item in s.items:
                    owing = self._behind(item.context_expr, owing)
                return self.through(s.body, owing)
            case ast.Try() | ast.TryStar():
                inside = self.through(s.body, owing)
                caught = [self.through(handler.body, owing | inside) for handler in s.handlers]
                return self.through(s.finalbody, self.through(s.orelse, inside).union(*caught))
            case ast.Match():
                owing = self._behind(s.subject, owing)
                return owing.union(*(self.through(case.body, owing) for case in s.cases))
            case ast.Break() | ast.Continue():
                self._left |= owing
                return set()
            case ast.Raise():
                return set()
            case ast.Return():
                if True in self._behind(s.value or s, owing):
                    self.past.append(s)
                return set()
        dropped = isinstance(s, ast.Expr) and self.does(s.value)
        return owing if dropped else self._behind(s, owing)

    def _behind(self, node: ast.AST, owing: set[bool]) -> set[bool]:
        if self._always(node):
            return {False}
        return owing | {True} if any(map(self.starts, ast.walk(node))) else owing

    def _always(self, node: ast.AST) -> bool:
        """Is it done whenever an expression is evaluated?"""
        if self.does(node):
            return True
        match node:
            case ast.IfExp():
                return self._always(node.test) or (self._always(node.body) and self._always(node.orelse))
            case ast.BoolOp():
                return self._always(node.values[0])
            case ast.Lambda() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return False
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return self._always(node.generators[0].iter)
        return any(map(self._always, ast.iter_child_nodes(node)))
