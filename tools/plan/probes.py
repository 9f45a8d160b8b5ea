"""Questions asked of an upstream file before any edit: does it do itself what a patch is for?

A patch's `[[upstream_has]]` tables name them in snake_case. They read Python's own `ast` and nothing else.
"""

import ast
from collections.abc import Iterator, Sequence
import dataclasses
from typing import Protocol

from tools.codemods.source import scope
from tools.codemods.source import used
from tools.codemods.source.strays import called
from tools.codemods.source.strays import strays
from tools.codemods.source.ways import ways_past
from tools.plan import passes_over


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
    """Is there a function or class of a name at the top level of the file, and is it called behind each call of another?

    On every way from such a call to the end of the function, that is, and with a use of what it gives. Nothing in the
    file may make in another way what the other call makes.

    Attributes:
        name: The name of the def or class.
        behind: The last name of the other call.
        within: The functions in which that is called; those that the file lacks are passed over.
        used_by: Functions of the file, or methods as `Class.method`, that must come to one of them by what they call.
    """

    name: str
    behind: str
    within: Sequence[str]
    used_by: Sequence[str] = ()

    def __post_init__(self):
        used.check_names(self.used_by)

    def __str__(self) -> str:
        return f"it defines {self.name} and uses it behind each {self.behind}"

    def holds(self, tree: ast.Module) -> bool:
        """Is it so in this file?"""
        bound = [b.node for b in scope.bindings(tree, self.name)]
        if len(bound) != 1 or bound[0] not in tree.body or not isinstance(bound[0], _DEFINITIONS):
            return False
        functions = [f for f in scope.functions(tree) if f.name in self.within]
        calls = {f.name: [n for n in ast.walk(f) if self._is_behind(n)] for f in functions}
        ours = [call for found in calls.values() for call in found]
        named = [name for name, found in calls.items() if found]
        if not ours or strays(tree, (self.behind,), ours) or used.leads_to_none(tree, named, self.used_by):
            return False
        return not any(ways_past(f.body, lambda n: used.is_call(n, self.name), self._is_behind) for f in functions)

    def _is_behind(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and called(node) == self.behind


@dataclasses.dataclass(frozen=True)
class SkipsWhen:
    """Does a function pass over an item when a comparison is true, with something else in its place?

    That is an `if` in its one loop over the items whose condition has the comparison, not negated, and whose branch
    does what it does instead and ends in `continue`. What is asked beside it, in the same `if` or one around it, may
    only be whether there is what is compared (`k in ref`, `hasattr`, `isinstance`, `is not None`): with any other
    condition it passes over some such items and not all. A function that raises anything, or does more with what the
    branch collects than to log it, may refuse the item after all, which is the opposite.

    Attributes:
        function: The name of a function at the top level of the file.
        over: What the loop goes through, as Python: `items.values()`. `_` stands for any expression, here and below.
        test: The comparison: `_.shape != wanted[_].shape`.
        instead: The statement: `result[_] = wanted[_]`.
        used_by: Functions of the file, or methods as `Class.method`, that must not end without a call of the function.
    """

    function: str
    over: str
    test: str
    instead: str
    used_by: Sequence[str] = ()

    def __post_init__(self):
        for field, mode in (("over", "eval"), ("test", "eval"), ("instead", "single")):
            try:
                ast.parse(getattr(self, field), mode=mode)
            except SyntaxError as e:
                kind = "expression" if mode == "eval" else "statement"
                raise ValueError(f"{field}: expected a Python {kind}, found {getattr(self, field)!r}") from e
        used.check_names(self.used_by)

    def __str__(self) -> str:
        return f"{self.function} passes over what has {self.test}"

    def holds(self, tree: ast.Module) -> bool:
        """Is it so in this file?"""
        over, test = (ast.parse(code, mode="eval").body for code in (self.over, self.test))
        sought = passes_over.PassingOver(over, test, ast.parse(self.instead).body[0])
        function = used.definition(tree, self.function)
        if isinstance(function, tuple) or used.goes_without(tree, self.function, self.used_by):
            return False
        return sought.holds(function)


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
