"""Wraps a call: `make(...)` becomes `wrapper(make(...))`, with the arguments left as they are written."""

import ast
from collections.abc import Sequence
import dataclasses
from typing import cast

import libcst as cst

from tools.codemods import ByHand
from tools.codemods import Change
from tools.codemods import NoPlace
from tools.codemods.source import calls_within
from tools.codemods.source import parsed
from tools.codemods.source import scope
from tools.codemods.source import used
from tools.codemods.source.calls_within import Call
from tools.codemods.source.strays import called
from tools.codemods.source.strays import strays
from tools.codemods.source.tree import Path
from tools.codemods.source.tree import node_at
from tools.codemods.source.tree import replace_at
from tools.codemods.source.tree import text


@dataclasses.dataclass(frozen=True)
class WrapCall:
    """Wraps the calls of one name inside named functions.

    A call matches by the last name of what is called: `make(...)` and `package.make(...)`, but not `remake(...)`.
    Only functions at the module's top level count, with all that is nested in them. Methods do not: one file may have
    several classes with a method of that name, and the name alone cannot tell which is meant.

    Attributes:
        call: The last name of what is called.
        wrapper: What to call with the result, a dotted name.
        within: The functions to look in; those that the file lacks are passed over.
        every: Wrap every such call in those functions; `count` is then the fewest that there must be. Nothing in the
            file may then make such a thing in another way: call it elsewhere, call a subclass of it or a name that
            ends in its own, or hand the name on to be called unseen.
        unlike: Names that must not be called there, and with `every` nowhere in the file: they make something of the
            same use that the wrapper cannot take, which would then go without it.
        used_by: Functions of the file, or methods as `Class.method`, that must come to one of those functions by what
            they call: else what is wrapped may be left over from before.
    """

    call: str
    wrapper: str
    within: Sequence[str]
    every: bool = False
    unlike: Sequence[str] = ()
    used_by: Sequence[str] = ()

    def __post_init__(self):
        if not self.call.isidentifier():
            raise ValueError(f"call: expected one name, found {self.call!r}")
        if isinstance(self.unlike, str) or not all(name.isidentifier() for name in self.unlike):
            raise ValueError(f"unlike: expected a list of names, found {self.unlike!r}")
        used.check_names(self.used_by)
        if not all(part.isidentifier() for part in self.wrapper.split(".")):
            raise ValueError(f"wrapper: expected a dotted name, found {self.wrapper!r}")
        if isinstance(self.within, str) or not self.within or not all(name.isidentifier() for name in self.within):
            raise ValueError(f"within: expected a list of function names, found {self.within!r}")

    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        """Wraps the calls that are not wrapped yet.

        Raises:
            NoPlace: Not `count` calls in those functions, only some of them wrapped, something that would go without
                the wrapper, no use of the functions, or a place where wrapping would mean something else.
        """
        source = parsed.read(tree)
        calls = self._calls(source.module)
        lines = [call.line for call in calls]
        places = calls_within.paths(tree, self.call, self.within)
        many = max(count, len(calls)) if self.every else count
        if len(calls) != many or len(places) != many:
            raise self._wrong_count(source, lines, count)
        if missed := self._missed(source.module):
            line, found = missed
            near = source.candidates([line or calls[0].function.lineno])
            raise NoPlace(self._looked_for, found, near, in_the_way=True)
        self._refuse_unclear(source, calls)
        wrapped = list(map(self._is_wrapped, calls))
        if all(wrapped):
            return Change(tree, places=many, changed=0)
        if any(wrapped):
            raise NoPlace(self._looked_for, "some of the calls are wrapped and some are not", source.candidates(lines))
        new = tree
        # A call inside another's arguments first, so that the outer path still leads to the outer call.
        for path in sorted(places, key=len, reverse=True):
            call = cast(cst.Call, node_at(new, path))
            try:
                new = cast(cst.Module, replace_at(new, path, self._wrap(call, tree)))
            except cst.CSTValidationError as e:
                found = "a keyword that touches it leaves no room for a name"
                raise NoPlace(self._looked_for, found, source.candidates(lines)) from e
        return Change(new, places=many, changed=many)

    def undo(self, tree: cst.Module) -> cst.Module:
        """Unwraps the calls that are wrapped in the way that `apply` writes it."""
        # Unwrapping one shortens the paths of those inside it, so they are looked for anew.
        while ours := self._ours(tree):
            outer = cast(cst.Call, node_at(tree, ours[0][:-2]))
            inner = cast(cst.Call, node_at(tree, ours[0])).with_changes(lpar=outer.lpar, rpar=outer.rpar)
            tree = cast(cst.Module, replace_at(tree, ours[0][:-2], inner))
        return tree

    def holds(self, tree: ast.Module) -> bool:
        """Is every call of that name in those functions wrapped, and used, and nothing made that goes without?"""
        calls = self._calls(tree)
        return bool(calls) and all(map(self._is_wrapped, calls)) and not self._missed(tree)

    def injects(self) -> list[str]:
        """The wrapper."""
        return [self.wrapper]

    def by_hand(self) -> ByHand:
        """The wrapped call."""
        where = f"around each call of {self.call} inside {' or '.join(self.within)}"
        if self.every:
            where += ", and around whatever else opens one"
        return ByHand(where, f"{self.wrapper}({self.call}(...))")

    @property
    def _looked_for(self) -> str:
        return f"a call of {self.call} inside {' or '.join(self.within)}"

    def _calls(self, module: ast.Module) -> list[Call]:
        return calls_within.calls(module, (self.call,), self.within)

    def _is_wrapped(self, call: Call) -> bool:
        return isinstance(call.parent, ast.Call) and scope.dotted(call.parent.func) == self.wrapper

    def _wrap(self, call: cst.Call, tree: cst.Module, around: cst.Call | None = None) -> cst.Call:
        # Its own parentheses go around the whole: in `return(make())` nothing else keeps the two words apart.
        outer = around or call
        inner = call.with_changes(lpar=(), rpar=())
        wrapper = cst.parse_expression(self.wrapper, config=tree.config_for_parsing)
        return cst.Call(func=wrapper, args=(cst.Arg(inner),), lpar=outer.lpar, rpar=outer.rpar)

    def _ours(self, tree: cst.Module) -> list[Path]:
        """The paths of the calls that are wrapped as `apply` writes it."""
        return [path for path in calls_within.paths(tree, self.call, self.within) if self._is_ours(tree, path)]

    def _is_ours(self, tree: cst.Module, path: Path) -> bool:
        outer = node_at(tree, path[:-2])
        return isinstance(outer, cst.Call) and text(outer) == text(self._wrap(node_at(tree, path), tree, outer))

    def _wrong_count(self, source: parsed.Source, inside: list[int], count: int) -> NoPlace:
        if inside:
            found = f"{len(inside)} of them, where the patch expects {count}"
            return NoPlace(self._looked_for, found, source.candidates(inside))
        everywhere = [(called(n) or "", n.lineno) for n in ast.walk(source.module) if isinstance(n, ast.Call)]
        elsewhere = sorted(line for name, line in everywhere if name == self.call)
        present = [f.name for f in scope.functions(source.module) if f.name in self.within]
        here = f"none in {' or '.join(present)}" if present else "no such function at the top level of the file"
        if elsewhere:
            return NoPlace(self._looked_for, f"{here}; it is called elsewhere", source.candidates(elsewhere))
        near = [(f.name, f.lineno) for f in scope.functions(source.module)]
        lines = [line for name in self.within for line in parsed.nearest(name, near)]
        return NoPlace(self._looked_for, here, source.candidates([*parsed.nearest(self.call, everywhere), *lines]))

    def _missed(self, module: ast.Module) -> tuple[int, str] | None:
        """What would go without the wrapper, as (line, in words); None when all is well."""
        calls = self._calls(module)
        for call in calls_within.calls(module, self.unlike, self.within):
            return (
                call.line,
                f"line {call.line} calls {called(call.node)} beside it, which {self.wrapper} does not take",
            )
        if self.every:
            for line, found in strays(module, (self.call, *self.unlike), [call.node for call in calls]):
                return line, f"{found}, which would go without {self.wrapper}"
        own = list(dict.fromkeys(call.function.name for call in calls))
        if nowhere := used.leads_to_none(module, own, self.used_by):
            return nowhere
        if self.used_by and all(id(call.node) in used.dead_nodes(call.function) for call in calls):
            return calls[0].line, f"line {calls[0].line} is never reached"
        return None

    def _refuse_unclear(self, source: parsed.Source, calls: list[Call]) -> None:
        root = self.wrapper.partition(".")[0]
        for call in calls:
            name = call.function.name
            bound = [b.line for b in scope.bindings(source.module, name)]
            if len(bound) != 1:
                found = f"the name {name} is bound {len(bound)} times"
                raise NoPlace(self._looked_for, found, source.candidates(bound))
            shadows = scope.binds_anywhere(call.function, root)
            if shadows:
                found = f"line {shadows[0]} gives the name {root} another meaning inside {name}"
                raise NoPlace(self._looked_for, found, source.candidates(shadows))
            if isinstance(call.parent, ast.Await):
                raise NoPlace(self._looked_for, "the call is awaited", source.candidates([call.line]))
