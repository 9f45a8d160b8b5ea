"""Adds `import module as alias` to the imports of a file, once, where a sorted file would have it."""

import ast
import dataclasses
import re

import libcst as cst

from tools.codemods import ByHand
from tools.codemods import Change
from tools.codemods import NoPlace
from tools.codemods.source import import_layout
from tools.codemods.source import parsed
from tools.codemods.source import scope
from tools.codemods.source.tree import walk

_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


@dataclasses.dataclass(frozen=True)
class AddImport:
    """Adds an import at module level.

    Its place is among the imports of the same top-level package: sorted by module name where they are sorted (`import`
    and `from` mixed, upper and lower case alike), behind them where they are not. Where that package is not imported
    yet, it goes behind the last import that stands before any function or class.

    Attributes:
        module: The module's full name.
        alias: The name to import it under; "" for `import module`.
    """

    module: str
    alias: str = ""

    def __post_init__(self):
        if not _MODULE.fullmatch(self.module):
            raise ValueError(f"module: expected a dotted module name, found {self.module!r}")
        if self.alias and not self.alias.isidentifier():
            raise ValueError(f"alias: expected a name or nothing, found {self.alias!r}")

    @property
    def statement(self) -> str:
        """The import as it is written into the file."""
        return f"import {self.module} as {self.alias}" if self.alias else f"import {self.module}"

    @property
    def name(self) -> str:
        """The name that the import binds."""
        return self.alias or self.module.partition(".")[0]

    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        """Adds the import where it is missing.

        Raises:
            NoPlace: The name means something else in the file, or no import stands at its top level.
        """
        source = parsed.read(tree)
        if count != 1:
            raise NoPlace(f"{count} places for `{self.statement}`", "an import is added once")
        bound = [b for b in scope.bindings(source.module, self.name) if not self._same_package(b)]
        foreign = [b.line for b in bound if not self._is_it(b)]
        if foreign:
            found = f"line {foreign[0]} gives the name {self.name} another meaning"
            raise NoPlace(f"the name {self.name} free for `{self.statement}`", found, source.candidates(foreign))
        if any(b.statement in source.module.body for b in bound):
            return Change(tree, places=1, changed=0)
        if bound:
            lines = [b.line for b in bound]
            found = f"line {lines[0]} imports it only under a condition"
            raise NoPlace(f"the name {self.name} free for `{self.statement}`", found, source.candidates(lines))
        index, leading = self._place(tree, source)
        return Change(import_layout.insert(tree, self.statement, index, leading), places=1, changed=1)

    def undo(self, tree: cst.Module) -> cst.Module:
        """Takes the import away, to the byte."""
        return import_layout.take_out(tree, self.statement)

    def holds(self, tree: ast.Module) -> bool:
        """Does the name mean this module everywhere at module level, from the first use on?"""
        bound = [b for b in scope.bindings(tree, self.name) if not self._same_package(b)]
        lines = [b.line for b in bound if b.statement in tree.body]
        loads = [n.lineno for n, _ in scope.nodes(tree) if isinstance(n, ast.Name) and n.id == self.name]
        return bool(lines) and all(map(self._is_it, bound)) and all(lines[0] <= n for n in loads)

    def injects(self) -> list[str]:
        """The import."""
        return [self.statement]

    def by_hand(self) -> ByHand:
        """The import, among the others."""
        return ByHand("among the imports at the top level", self.statement)

    def _same_package(self, binding: scope.Binding) -> bool:
        """`import a.x` beside our `import a.b`: both bind `a`, to the same thing."""
        node = binding.node
        plain = isinstance(binding.statement, ast.Import) and isinstance(node, ast.alias) and node.asname is None
        return not self.alias and plain and node.name != self.module

    def _is_it(self, binding: scope.Binding) -> bool:
        node, statement = binding.node, binding.statement
        if isinstance(statement, ast.Import) and isinstance(node, ast.alias):
            # `import a.b as x` binds a.b; `import a.b` binds a, whatever else it loads.
            return node.name == self.module and (node.asname is not None) == bool(
                self.alias and self.alias != node.name
            )
        if isinstance(statement, ast.ImportFrom) and isinstance(node, ast.alias) and not statement.level:
            return bool(self.alias) and f"{statement.module}.{node.name}" == self.module
        return False

    def _place(self, tree: cst.Module, source: parsed.Source) -> tuple[int, int]:
        """Before which statement the import goes, and how many of that one's leading lines it takes over."""
        place = import_layout.sorted_place(tree, self.module)
        if place is None and (index := import_layout.behind_last(tree)) is not None:
            place = index, 0
        if place is None:
            inner = [n.lineno for n in ast.walk(source.module) if isinstance(n, ast.Import | ast.ImportFrom)]
            found = "none at the top level of the file" if inner else "no import at all"
            raise NoPlace(f"an import to put `{self.statement}` beside", found, source.candidates(sorted(inner)[:5]))
        stars = [n.lineno for n, _ in scope.nodes(source.module) if _is_star(n)]
        if stars and any(isinstance(n, cst.ImportStar) for line in tree.body[place[0] :] for _, n in walk(line)):
            found = "an import of * behind its place may give the name another meaning"
            raise NoPlace(f"a place for `{self.statement}`", found, source.candidates(stars))
        return place


def _is_star(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
