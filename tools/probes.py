"""Questions asked of an upstream file before any edit: does it do itself what a patch is for?

A patch's `[[upstream_has]]` tables name them in snake_case. They read Python's own `ast` and nothing else.
"""

import ast
import dataclasses
from typing import Protocol


class Probe(Protocol):
    """What each probe class offers; its dataclass fields are its parameters, and `str()` says what it asks."""

    def holds(self, tree: ast.Module) -> bool: ...


@dataclasses.dataclass(frozen=True)
class Imports:
    """Is a module imported anywhere in the file, inside functions and `try` too?

    Attributes:
        module: The module's full name; its submodules do not count.
    """

    module: str

    def __str__(self) -> str:
        return f"it imports {self.module}"

    def holds(self, tree: ast.Module) -> bool:
        """Is it so in this file?"""
        parent, _, name = self.module.rpartition(".")
        for node in ast.walk(tree):
            if isinstance(node, ast.Import) and any(alias.name == self.module for alias in node.names):
                return True
            if isinstance(node, ast.ImportFrom) and not node.level:
                if node.module == self.module:
                    return True
                if parent and node.module == parent and any(alias.name == name for alias in node.names):
                    return True
        return False


@dataclasses.dataclass(frozen=True)
class Defines:
    """Is there a function or class of a name at the top level of the file?

    Attributes:
        name: The name of the def or class.
    """

    name: str

    def __str__(self) -> str:
        return f"it defines {self.name}"

    def holds(self, tree: ast.Module) -> bool:
        """Is it so in this file?"""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return any(isinstance(node, kinds) and node.name == self.name for node in tree.body)


@dataclasses.dataclass(frozen=True)
class SkipsWhen:
    """Does a function pass over an item when a comparison is true?

    That is an `if` in the function whose condition has the comparison, not negated, and whose branch ends in `continue`
    and raises nothing: a function that raises on the same comparison refuses the item, which is the opposite.

    Attributes:
        function: The name of a function at the top level of the file.
        test: The comparison as Python; `_` stands for any expression: `_.shape != _.shape`.
    """

    function: str
    test: str

    def __post_init__(self):
        try:
            ast.parse(self.test, mode="eval")
        except SyntaxError as e:
            raise ValueError(f"test: expected a Python expression, found {self.test!r}") from e

    def __str__(self) -> str:
        return f"{self.function} passes over what has {self.test}"

    def holds(self, tree: ast.Module) -> bool:
        """Is it so in this file?"""
        pattern = ast.parse(self.test, mode="eval").body
        return any(
            isinstance(node, ast.If)
            and _asserts(node.test, pattern)
            and isinstance(node.body[-1], ast.Continue)
            and not any(isinstance(inner, ast.Raise) for statement in node.body for inner in ast.walk(statement))
            for function in tree.body
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name == self.function
            for node in ast.walk(function)
        )


def _asserts(condition: ast.expr, pattern: ast.expr) -> bool:
    """Is the pattern the condition, or one side of an `and` or `or` in it? Under a `not` it is the opposite."""
    if isinstance(condition, ast.BoolOp):
        return any(_asserts(value, pattern) for value in condition.values)
    return _matches(condition, pattern)


def _matches(node: object, pattern: object) -> bool:
    """Are two pieces of code the same, where `_` in the pattern is anything?"""
    if isinstance(pattern, ast.Name) and pattern.id == "_":
        return isinstance(node, ast.expr)
    if isinstance(pattern, list):
        return (
            isinstance(node, list)
            and len(node) == len(pattern)
            and all(_matches(n, p) for n, p in zip(node, pattern, strict=True))
        )
    if isinstance(pattern, ast.AST):
        same = type(node) is type(pattern)
        return same and all(_matches(getattr(node, f, None), getattr(pattern, f, None)) for f in pattern._fields)
    return node == pattern
