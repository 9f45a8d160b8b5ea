"""Questions asked of an upstream file before any edit: does it do itself what a patch is for?

A patch's `[[upstream_has]]` tables name them in snake_case. They read Python's own `ast` and nothing else.
"""

import ast
from collections.abc import Iterator
import dataclasses
from typing import Protocol

from tools.passes_over import passes_over


class Probe(Protocol):
    """What each probe class offers; its dataclass fields are its parameters, and `str()` says what it asks."""

    def holds(self, tree: ast.Module) -> bool: ...


@dataclasses.dataclass(frozen=True)
class Imports:
    """Is a module imported in the file, inside functions and `try` too, and what the import binds used?

    An import in a function that the file never names counts for nothing.

    Attributes:
        module: The module's full name; its submodules do not count.
        instead_of: A module that must no longer be imported at the top level, outside `try` and `if`.
    """

    module: str
    instead_of: str = ""

    def __str__(self) -> str:
        return f"it imports {self.module}" + (f" and not always {self.instead_of}" if self.instead_of else "")

    def holds(self, tree: ast.Module) -> bool:
        """Is it so in this file?"""
        if self.instead_of and any(_bound(statement, self.instead_of) for statement in tree.body):
            return False
        return self._in(tree, tree)

    def _in(self, scope: ast.AST, tree: ast.Module) -> bool:
        """Is the module imported and used in a scope, or in a function below it that the file names?"""
        inside = list(_own_nodes(scope))
        if any(_is_used(name, scope) for node in inside for name in _bound(node, self.module)):
            return True
        functions = [node for node in inside if isinstance(node, _DEFINITIONS)]
        return any(_is_named(function, tree) and self._in(function, tree) for function in functions)


@dataclasses.dataclass(frozen=True)
class Defines:
    """Is there a function or class of a name at the top level of the file, which the file uses?

    Attributes:
        name: The name of the def or class.
    """

    name: str

    def __str__(self) -> str:
        return f"it defines {self.name} and uses it"

    def holds(self, tree: ast.Module) -> bool:
        """Is it so in this file?"""
        return any(isinstance(n, _DEFINITIONS) and n.name == self.name and _is_named(n, tree) for n in tree.body)


@dataclasses.dataclass(frozen=True)
class SkipsWhen:
    """Does a function pass over an item when a comparison is true?

    That is an `if` in the function whose condition has the comparison, not negated, and whose branch ends in `continue`
    and raises nothing: a function that raises on the same comparison refuses the item, which is the opposite. What is
    asked beside it, in the same `if` or one around it, may only be whether there is something to compare (`k in ref`,
    `hasattr`, `isinstance`, `is not None`): with any other condition it passes over some such items and not all.

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
            passes_over(function.body, pattern)
            for function in tree.body
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name == self.function
        )


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module, class or function, but for what is inside a definition in it."""
    for node in ast.iter_child_nodes(scope):
        yield node
        if not isinstance(node, _DEFINITIONS):
            yield from _own_nodes(node)


def _bound(node: ast.AST, module: str) -> list[str]:
    """The names that a statement binds, when it imports a module or from it."""
    if isinstance(node, ast.Import):
        return [a.asname or a.name.partition(".")[0] for a in node.names if a.name == module]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [a.asname or a.name for a in node.names if module in (node.module, f"{node.module}.{a.name}")]
    return []


def _is_used(name: str, scope: ast.AST) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load) for n in ast.walk(scope))


def _is_named(definition: ast.AST, tree: ast.Module) -> bool:
    """Does the file name a function or class outside its own body, as a name or behind a dot? Python names `__init__`."""
    inside = {id(node) for node in ast.walk(definition)}
    names = (
        node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        for node in ast.walk(tree)
        if id(node) not in inside
    )
    return definition.name in names or definition.name.startswith("__")
