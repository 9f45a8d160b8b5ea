"""Adds `*element` at the end of a list that a module assigns to a name."""

import ast
from collections.abc import Sequence
import dataclasses
from typing import cast

import libcst as cst

from tools.codemods import ByHand
from tools.codemods import Change
from tools.codemods import NoPlace
from tools.codemods.source import element_layout
from tools.codemods.source import parsed
from tools.codemods.source import scope
from tools.codemods.source import used
from tools.codemods.source import whole
from tools.codemods.source import written_lists
from tools.codemods.source.tree import node_at
from tools.codemods.source.tree import replace_at
from tools.codemods.source.tree import text


@dataclasses.dataclass(frozen=True)
class AddStarredElement:
    """Adds a starred element as the last one of a module-level list.

    The list may be annotated, be `list([...])`, or be one part of a sum (`[...] + more()`): then the last list that is
    written out gets the element. `+=`, `append`, `extend` and `insert` further down do not matter, since they add to
    the list and take nothing out of it. Whatever may take the element out again is refused, inside functions too.

    Attributes:
        list: The name that the list is assigned to.
        element: The expression to star.
        used_by: Functions of the file, or methods as `Class.method`, that must get every element of the list: else the
            element would be in a list that nobody reads.
    """

    list: str
    element: str
    used_by: Sequence[str] = ()

    def __post_init__(self):
        if not self.list.isidentifier():
            raise ValueError(f"list: expected a name, found {self.list!r}")
        used.check_names(self.used_by)
        try:
            ast.parse(f"[*{self.element}]", mode="eval")
            cst.parse_expression(self.element)
        except (SyntaxError, cst.ParserSyntaxError) as e:
            raise ValueError(f"element: expected an expression, found {self.element!r}") from e

    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        """Adds the element where it is missing.

        Raises:
            NoPlace: No such list, another number of them than `count`, one that is not written out, one that the
                file changes later on, or one that is not used as `used_by` says.
        """
        source = parsed.read(tree)
        self._refuse_unclear(source, count)
        written = written_lists.assigned(tree, self.list)
        literals = [written_lists.written(cast(cst.BaseExpression, node_at(tree, path))) for path in written]
        places = [(*path, *found[-1]) for path, found in zip(written, literals, strict=True) if found]
        if len(places) != count:
            raise NoPlace(self._looked_for, self._why_not_written_out(source), source.candidates(self._lines(source)))
        have = [self._has(value) for value in written_lists.values(source.module, self.list)]
        if all(have):
            return Change(tree, places=count, changed=0)
        if any(have):
            found = "some of them have the element and some do not"
            raise NoPlace(self._looked_for, found, source.candidates(self._lines(source)))
        for path in places:
            new = element_layout.append(node_at(tree, path), self._starred(tree), tree.default_indent)
            tree = cast(cst.Module, replace_at(tree, path, new))
        return Change(tree, places=count, changed=count)

    def undo(self, tree: cst.Module) -> cst.Module:
        """Takes the last element away again where it is this one."""
        for path in written_lists.assigned(tree, self.list):
            for literal in written_lists.written(cast(cst.BaseExpression, node_at(tree, path)))[-1:]:
                node = cast(cst.List | cst.Tuple, node_at(tree, (*path, *literal)))
                last = node.elements[-1] if node.elements else None
                if isinstance(last, cst.StarredElement) and text(last.value) == self.element:
                    tree = cast(cst.Module, replace_at(tree, (*path, *literal), element_layout.remove_last(node)))
        return tree

    def holds(self, tree: ast.Module) -> bool:
        """Has the one module-level list of this name the starred element?"""
        values = written_lists.values(tree, self.list)
        return bool(values) and all(map(self._has, values)) and not self._spoilers(tree) and not self._unused(tree)

    def injects(self) -> list[str]:
        """The names in the element that have to exist."""
        return scope.references(self.element)

    def by_hand(self) -> ByHand:
        """The element, wherever the list is made."""
        where = f"as the last element of the list {self.list}, where the list is made"
        if self.used_by:
            where += f"; all of it must come to {' and '.join(self.used_by)}"
        return ByHand(where, f"*{self.element},")

    @property
    def _looked_for(self) -> str:
        return f"a module-level list named {self.list}"

    def _starred(self, tree: cst.Module) -> cst.StarredElement:
        return cst.StarredElement(cst.parse_expression(self.element, config=tree.config_for_parsing))

    def _lines(self, source: parsed.Source) -> list[int]:
        return [b.line for b in scope.bindings(source.module, self.list)]

    def _spoilers(self, module: ast.Module) -> list[tuple[int, str]]:
        """What else the module does to the name that may leave the element out: (line, what it does)."""
        found = []
        for b in scope.bindings(module, self.list):
            if isinstance(b.statement, ast.AnnAssign) and b.statement.value is None:
                continue  # `_CONFIGS: list[Config]` gives it no value
            if isinstance(b.statement, ast.AugAssign) and isinstance(b.statement.op, ast.Add):
                continue
            plain = isinstance(b.statement, ast.Assign | ast.AnnAssign) and written_lists.is_target(
                b.statement, self.list
            )
            if not (plain and b.statement in module.body and isinstance(b.node, ast.Name)):
                found.append((b.line, f"line {b.line} binds the name in another way"))
        for name in (self.list, *whole.aliases(module, self.list)):
            found += whole.takes_out(module, name, stores=True)
        return found

    def _unused(self, module: ast.Module) -> tuple[int, str] | None:
        """Why a function of `used_by` may not get the element, as (line, in words); None when all do."""
        return next(filter(None, (whole.refusal(module, self.list, name) for name in self.used_by)), None)

    def _refuse_unclear(self, source: parsed.Source, count: int) -> None:
        spoilers = self._spoilers(source.module)
        values = written_lists.values(source.module, self.list)
        if not values or spoilers:
            found = spoilers[0][1] if values else self._why_absent(source)
            near = [line for line, _ in spoilers] or self._nearest(source)
            raise NoPlace(self._looked_for, found, source.candidates(near), in_the_way=bool(values))
        if len(values) != count:
            found = f"{len(values)} of them, where the patch expects {count}"
            raise NoPlace(self._looked_for, found, source.candidates(self._lines(source)))
        for node, statement in scope.nodes(source.module):
            adds = isinstance(node, ast.AugAssign | ast.Call) and self._adds_it(node)
            if adds:
                found = f"line {statement.lineno} adds {self.element} to it already, in another way"
                raise NoPlace(self._looked_for, found, source.candidates([statement.lineno]))
        if unused := self._unused(source.module):
            line, found = unused
            looked_for = f"all of {self.list} in what {' and '.join(self.used_by)} read{'s' * (len(self.used_by) == 1)}"
            raise NoPlace(looked_for, found, source.candidates([line or values[0].lineno]), in_the_way=True)

    def _adds_it(self, node: ast.AugAssign | ast.Call) -> bool:
        onto = node.target if isinstance(node, ast.AugAssign) else getattr(node.func, "value", None)
        if not (isinstance(onto, ast.Name) and onto.id == self.list):
            return False
        element = ast.parse(self.element, mode="eval").body
        return any(scope.same(part, element) for part in ast.walk(node) if isinstance(part, type(element)))

    def _nearest(self, source: parsed.Source) -> list[int]:
        everywhere = [(n.id, n.lineno) for n in ast.walk(source.module) if _is_store(n)]
        return parsed.nearest(self.list, everywhere)

    def _why_absent(self, source: parsed.Source) -> str:
        for b in scope.bindings(source.module, self.list):
            if isinstance(b.statement, ast.ImportFrom):
                where = "." * b.statement.level + (b.statement.module or "")
                return f"line {b.line} imports it from {where}: the list is written there"
            if isinstance(b.statement, ast.Assign | ast.AnnAssign):
                return f"line {b.line} assigns it inside another statement, or as one of several names"
            return f"line {b.line} binds the name, but not to a list"
        return "no such name at the top level of the file"

    def _why_not_written_out(self, source: parsed.Source) -> str:
        value = written_lists.values(source.module, self.list)[0]
        shown = ast.unparse(value)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        kinds: dict[type, str] = {
            ast.ListComp: "a list comprehension",
            ast.Call: "what a call returns",
            ast.Name: "another name's value",
            ast.Attribute: "another module's value",
            ast.Tuple: "a tuple",
        }
        kind = kinds.get(type(value), "an expression without a written-out list")
        return f"line {value.lineno} makes it {kind}: {shown}"

    def _has(self, value: ast.expr) -> bool:
        element = ast.parse(self.element, mode="eval").body
        return any(
            isinstance(e, ast.Starred) and scope.same(e.value, element)
            for literal in written_lists.written_nodes(value)
            for e in literal.elts
        )


def _is_store(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
