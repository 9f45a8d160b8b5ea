"""The lists that a file assigns to a name at its top level, and where they are written out: in both parsers' trees."""

import ast
from collections.abc import Sequence

import libcst as cst

from tools.codemods.source.tree import Path


def assigned(tree: cst.Module, name: str) -> list[Path]:
    """The paths of what the module's own top level assigns to a name."""
    found: list[Path] = []
    for i, line in enumerate(tree.body):
        for j, statement in enumerate(line.body if isinstance(line, cst.SimpleStatementLine) else ()):
            targets: list[cst.BaseExpression] = []
            if isinstance(statement, cst.Assign):
                targets = [t.target for t in statement.targets]
            elif isinstance(statement, cst.AnnAssign) and statement.value is not None:
                targets = [statement.target]
            if any(isinstance(t, cst.Name) and t.value == name for t in targets):
                found.append((("body", i), ("body", j), ("value", None)))
    return found


def values(module: ast.Module, name: str) -> list[ast.expr]:
    """The same as `assigned`, by Python's own parser."""
    return [
        s.value
        for s in module.body
        if isinstance(s, ast.Assign | ast.AnnAssign) and s.value is not None and is_target(s, name)
    ]


def is_target(statement: ast.Assign | ast.AnnAssign, name: str) -> bool:
    """Does an assignment give a name, and not a part of what it stands for, a value?"""
    targets: Sequence[ast.expr] = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return any(isinstance(t, ast.Name) and t.id == name for t in targets)


def written(value: cst.BaseExpression) -> list[Path]:
    """The paths of the lists written out in a value: itself, in `list(...)`, or the parts of a sum, left to right."""
    if isinstance(value, cst.List):
        return [()]
    if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, cst.Add):
        left = [(("left", None), *path) for path in written(value.left)]
        return left + [(("right", None), *path) for path in written(value.right)]
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and value.func.value == "list":
        only = value.args[0] if len(value.args) == 1 else None
        plain = only is not None and only.keyword is None and not only.star
        if (
            plain
            and isinstance(only.value, cst.List | cst.Tuple)
            and (only.value.elements or isinstance(only.value, cst.List))
        ):
            return [(("args", 0), ("value", None))]
    return []


def written_nodes(value: ast.expr) -> list[ast.List | ast.Tuple]:
    """The same as `written`, by Python's own parser."""
    match value:
        case ast.List():
            return [value]
        case ast.BinOp(op=ast.Add()):
            return written_nodes(value.left) + written_nodes(value.right)
        case ast.Call(func=ast.Name(id="list"), args=[ast.List() | ast.Tuple() as inner], keywords=[]):
            return [inner]
    return []
