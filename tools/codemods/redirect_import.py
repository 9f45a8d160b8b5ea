"""Makes an import take its module from somewhere else; the names that it binds stay the same."""

import ast
import dataclasses
import re
from typing import cast

import libcst as cst

from tools.codemods import ByHand
from tools.codemods import Change
from tools.codemods import NoPlace
from tools.codemods.source import parsed
from tools.codemods.source.tree import Path
from tools.codemods.source.tree import replace_at
from tools.codemods.source.tree import text

_MODULE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")


@dataclasses.dataclass(frozen=True)
class RedirectImport:
    """Makes the module-level import of one module name another, in place.

    It takes `import a.b as x`, `from a.b import y, z` and `from a import b`. Imports inside functions, `try` or `if`
    are not matched: they are somebody's own way of choosing a module. The change is there already when the file
    imports `to` at its top level and `module` nowhere there.

    Attributes:
        module: The module imported now; dotted.
        to: The module to import in its place; dotted.
    """

    module: str
    to: str

    def __post_init__(self):
        for field in ("module", "to"):
            if not _MODULE.fullmatch(getattr(self, field)):
                raise ValueError(f"{field}: expected a module name with a dot, found {getattr(self, field)!r}")
        if self.module == self.to:
            raise ValueError(f"to: expected another module than {self.module}")

    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        """Redirects the import.

        Raises:
            NoPlace: Not `count` such imports at the top level, or one whose names cannot stay as they are.
        """
        source = parsed.read(tree)
        old, new = _imports(source.module, self.module), _imports(source.module, self.to)
        if not old and len(new) == count:
            return Change(tree, places=count, changed=0)
        if len(old) != count:
            found = f"{len(old)} of them, where the patch expects {count}" if old else self._elsewhere(source)
            raise NoPlace(self._looked_for, found, source.candidates(old or self._anywhere(source)))
        if new:
            found = f"line {new[0]} imports {self.to} beside it"
            raise NoPlace(self._looked_for, found, source.candidates([*new, *old]))
        changed, renames = tree, 0
        for path, statement in _statements(tree):
            renamed = _rename(statement, self.module, self.to)
            if renamed is None:
                continue
            back = _rename(renamed, self.to, self.module)
            if back is None or text(back) != text(statement):
                raise NoPlace(self._looked_for, "its `as` repeats the name that it has", source.candidates(old))
            changed, renames = cast(cst.Module, replace_at(changed, path, renamed)), renames + 1
        if renames != count:
            found = "an import that cannot name another module and bind the same names"
            raise NoPlace(self._looked_for, found, source.candidates(old))
        return Change(changed, places=count, changed=count)

    def undo(self, tree: cst.Module) -> cst.Module:
        """Names the first module again."""
        for path, statement in _statements(tree):
            renamed = _rename(statement, self.to, self.module)
            if renamed is not None:
                tree = cast(cst.Module, replace_at(tree, path, renamed))
        return tree

    def holds(self, tree: ast.Module) -> bool:
        """Is `to` imported at the top level, and `module` no longer?"""
        return bool(_imports(tree, self.to)) and not _imports(tree, self.module)

    def injects(self) -> list[str]:
        """An import of the other module."""
        return [f"import {self.to}"]

    def by_hand(self) -> ByHand:
        """The import of the other module."""
        name = self.module.rpartition(".")[2]
        where = f"in place of the import of {self.module}, binding the same name"
        return ByHand(where, f"import {self.to} as {name}")

    @property
    def _looked_for(self) -> str:
        return f"an import of {self.module} at the top level"

    def _anywhere(self, source: parsed.Source) -> list[int]:
        found = [(name, n.lineno) for n in ast.walk(source.module) for name in _names(n)]
        exact = sorted(line for name, line in found if name == self.module)
        return [*exact, *parsed.nearest(self.module, found)]

    def _elsewhere(self, source: parsed.Source) -> str:
        nested = any(self.module in _names(n) for n in ast.walk(source.module))
        return "only inside another statement" if nested else "none"


def _names(node: ast.AST) -> list[str]:
    """The modules that an import statement may name: `from a import b` names a, and perhaps a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def _imports(module: ast.Module, name: str) -> list[int]:
    """The lines of the top-level imports of a module."""
    return [s.lineno for s in module.body for imported in _names(s) if imported == name]


def _statements(tree: cst.Module) -> list[tuple[Path, cst.Import | cst.ImportFrom]]:
    return [
        ((("body", i), ("body", j)), statement)
        for i, line in enumerate(tree.body)
        if isinstance(line, cst.SimpleStatementLine)
        for j, statement in enumerate(line.body)
        if isinstance(statement, cst.Import | cst.ImportFrom)
    ]


def _rename(statement: cst.Import | cst.ImportFrom, old: str, new: str) -> cst.Import | cst.ImportFrom | None:
    """The statement with another module and the same names bound; None when it does not import `old` so."""
    if isinstance(statement, cst.Import):
        names = [_text(a.name) == old and a.asname is not None for a in statement.names]
        if not any(names):
            return None
        aliases = [
            a.with_changes(name=_dotted(new)) if hit else a for a, hit in zip(statement.names, names, strict=True)
        ]
        return statement.with_changes(names=aliases)
    if statement.relative or statement.module is None or isinstance(statement.names, cst.ImportStar):
        return None
    if _text(statement.module) == old:
        return statement.with_changes(module=_dotted(new))
    return _rename_child(statement, old, new)


def _rename_child(statement: cst.ImportFrom, old: str, new: str) -> cst.ImportFrom | None:
    """`from a import b`, where a.b is the module: both halves change, and an `as` keeps the name."""
    (old_parent, _, old_name), (new_parent, _, new_name) = old.rpartition("."), new.rpartition(".")
    alias = statement.names[0]
    if _text(statement.module) != old_parent or len(statement.names) != 1 or alias.name.value != old_name:
        return None
    asname = alias.asname
    if asname is None and old_name != new_name:
        asname = cst.AsName(name=cst.Name(old_name))
    elif asname is not None and _text(asname.name) == new_name:
        asname = None
    alias = alias.with_changes(name=cst.Name(new_name), asname=asname)
    return statement.with_changes(module=_dotted(new_parent), names=(alias,))


def _dotted(name: str) -> cst.Name | cst.Attribute:
    return cast(cst.Name | cst.Attribute, cst.parse_expression(name))


def _text(node: cst.CSTNode | None) -> str:
    # Python allows spaces around the dots of a module's name.
    return "" if node is None else text(node).replace(" ", "")
