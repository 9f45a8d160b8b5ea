"""Adds `import module as alias` to the imports of a file, once, where a sorted file would have it."""

import ast
from collections.abc import Sequence
import dataclasses
import re
from typing import cast

import libcst as cst

from tools.codemods import ByHand
from tools.codemods import Change
from tools.codemods import NoPlace
from tools.codemods.source import scope
from tools.codemods.source.tree import insert_statement
from tools.codemods.source.tree import text
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
        source = scope.read(tree)
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
        return Change(self._insert(tree, index, leading), places=1, changed=1)

    def undo(self, tree: cst.Module) -> cst.Module:
        """Takes the import away; the blank lines it stood behind go back to its neighbour."""
        for i, line in enumerate(tree.body):
            if isinstance(line, cst.SimpleStatementLine) and [text(s) for s in line.body] == [self.statement]:
                before, after = tree.body[:i], tree.body[i + 1 :]
                if not after:
                    return tree.with_changes(body=before, footer=(*line.leading_lines, *tree.footer))
                following = after[0].with_changes(leading_lines=(*line.leading_lines, *after[0].leading_lines))
                return tree.with_changes(body=(*before, following, *after[1:]))
        return tree

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

    def _place(self, tree: cst.Module, source: scope.Source) -> tuple[int, int]:
        """Where the import goes: before which statement, and how many of that one's leading lines it takes over."""
        top = self.module.partition(".")[0]
        keys = [_sort_keys(line, top) for line in tree.body]
        block = _first_run(keys)
        if block:
            key = _key(self.module, from_import=False)
            own = [keys[i][0] for i in block]
            later = [i for i in block if keys[i][0] > key]
            index = later[0] if later and own == sorted(own) else block[-1] + 1
            leading = _blank_lines(tree.body[index].leading_lines) if index == block[0] else 0
        else:
            index, leading = self._behind_last(tree, source), 0
        stars = [n.lineno for n, _ in scope.nodes(source.module) if _is_star(n)]
        if stars and any(isinstance(n, cst.ImportStar) for line in tree.body[index:] for _, n in walk(line)):
            found = "an import of * behind its place may give the name another meaning"
            raise NoPlace(f"a place for `{self.statement}`", found, source.candidates(stars))
        return index, leading

    def _behind_last(self, tree: cst.Module, source: scope.Source) -> int:
        last = None
        for i, line in enumerate(tree.body):
            if _imported(line):
                last = i
            # What is imported further down may come too late for a use at module level.
            elif last is not None and isinstance(line, cst.FunctionDef | cst.ClassDef):
                break
        if last is None:
            inner = [n.lineno for n in ast.walk(source.module) if isinstance(n, ast.Import | ast.ImportFrom)]
            found = "none at the top level of the file" if inner else "no import at all"
            raise NoPlace(f"an import to put `{self.statement}` beside", found, source.candidates(sorted(inner)[:5]))
        return last + 1

    def _insert(self, tree: cst.Module, index: int, leading: int) -> cst.Module:
        new = cast(cst.SimpleStatementLine, cst.parse_statement(self.statement, config=tree.config_for_parsing))
        neighbour = tree.body[index] if leading or index == 0 else tree.body[index - 1]
        if isinstance(neighbour, cst.SimpleStatementLine):
            # The line's own end, since a file may mix two kinds.
            ending = cst.TrailingWhitespace(newline=neighbour.trailing_whitespace.newline)
            new = new.with_changes(trailing_whitespace=ending)
        if index == 0:
            # libcst keeps the comments above the first statement with the file; those behind a blank line are its own.
            cut = _blank_lines(tree.header)
            first = tree.body[0].with_changes(leading_lines=(*tree.header[cut:], *tree.body[0].leading_lines))
            tree = tree.with_changes(header=tree.header[:cut], body=(first, *tree.body[1:])) if cut else tree
        if leading:
            lines = tree.body[index].leading_lines
            new = new.with_changes(leading_lines=lines[:leading])
            following = tree.body[index].with_changes(leading_lines=lines[leading:])
            tree = tree.with_changes(body=(*tree.body[:index], following, *tree.body[index + 1 :]))
        return cast(cst.Module, insert_statement(tree, index, new))


def _imported(line: cst.CSTNode) -> list[cst.Import | cst.ImportFrom]:
    if not isinstance(line, cst.SimpleStatementLine):
        return []
    return [s for s in line.body if isinstance(s, cst.Import | cst.ImportFrom)]


def _is_star(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "*"


def _sort_keys(line: cst.CSTNode, top: str) -> list[tuple]:
    """The sort keys of a line that does nothing but import from the package `top`; empty for any other line."""
    keys = []
    for statement in getattr(line, "body", ()) if isinstance(line, cst.SimpleStatementLine) else ():
        if isinstance(statement, cst.Import):
            names = [(text(alias.name), False) for alias in statement.names]
        elif isinstance(statement, cst.ImportFrom) and statement.module is not None and not statement.relative:
            names = [(text(statement.module), True)]
        else:
            return []
        # One name of another package and the line is not part of this package's block.
        if any(name.partition(".")[0] != top for name, _ in names):
            return []
        keys += [_key(name, from_import=is_from) for name, is_from in names]
    return keys


def _key(module: str, *, from_import: bool) -> tuple:
    """Sorts as ruff's isort does: letter by letter without case, a number by its value; `import` before `from`."""
    pieces = re.findall(r"\d+|\D", module.lower())
    return (*[("0", int(p)) if p.isdecimal() else (p, 0) for p in pieces], ("", int(from_import)))


def _first_run(keys: Sequence[list[tuple]]) -> list[int]:
    """The indices of the first unbroken run of lines that have a key."""
    run: list[int] = []
    for i, key in enumerate(keys):
        if key:
            run.append(i)
        elif run:
            break
    return run


def _blank_lines(lines: Sequence[cst.EmptyLine]) -> int:
    """How many lines there are up to the last blank one; the comments behind that belong to what follows."""
    blanks = [i for i, empty in enumerate(lines) if empty.comment is None]
    return blanks[-1] + 1 if blanks else 0
