"""The calls of a name inside named functions of a file's top level: in both parsers' trees."""

import ast
from collections.abc import Collection, Iterator
import dataclasses

import libcst as cst

from tools.codemods.source import scope
from tools.codemods.source.strays import called
from tools.codemods.source.tree import Path
from tools.codemods.source.tree import walk


@dataclasses.dataclass(frozen=True)
class Call:
    """A call as Python's own parser sees it.

    Attributes:
        node: The call.
        parent: What it is a part of; of an argument with a keyword, the call that takes it.
        function: The function of the top level that it is in.
    """

    node: ast.Call
    parent: ast.AST | None
    function: scope.Function

    @property
    def line(self) -> int:
        return self.node.lineno


def paths(tree: cst.Module, name: str, within: Collection[str]) -> list[Path]:
    """The paths of the calls of a name, those in annotations left out."""
    found: list[Path] = []
    for i, function in enumerate(tree.body):
        if isinstance(function, cst.FunctionDef) and function.name.value in within:
            for path, node in walk(function.body):
                if isinstance(node, cst.Call) and _last_name(node.func) == name:
                    found.append((("body", i), ("body", None), *path))
    return [path for path in found if not any(field in ("annotation", "returns") for field, _ in path)]


def calls(module: ast.Module, names: Collection[str], within: Collection[str]) -> list[Call]:
    """The same for any of some names, by Python's own parser."""
    return [
        Call(node, parent, function)
        for function in scope.functions(module)
        if function.name in within
        for statement in function.body
        for node, parent in _with_parents(statement)
        if isinstance(node, ast.Call) and called(node) in names
    ]


def _last_name(func: cst.BaseExpression) -> str | None:
    if isinstance(func, cst.Attribute):
        func = func.attr
    return func.value if isinstance(func, cst.Name) else None


def _with_parents(node: ast.AST, parent: ast.AST | None = None) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    yield node, parent
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                # An argument with a keyword belongs to the call as one without.
                yield from _with_parents(child, parent if isinstance(node, ast.keyword) else node)
