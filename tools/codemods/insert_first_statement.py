"""Inserts a statement at the start of a function, behind its docstring."""

import ast
from collections.abc import Sequence
import dataclasses
from typing import cast

import libcst as cst

from tools.codemods import ByHand
from tools.codemods import Change
from tools.codemods import NoPlace
from tools.codemods.source import parsed
from tools.codemods.source import scope
from tools.codemods.source import used
from tools.codemods.source.tree import Path
from tools.codemods.source.tree import insert_statement
from tools.codemods.source.tree import replace_at
from tools.codemods.source.tree import text
from tools.codemods.source.ways import unreached


@dataclasses.dataclass(frozen=True)
class InsertFirstStatement:
    """Makes a statement the first one of a module-level function, behind the docstring.

    What the statement reads must be a parameter of the function, or be imported or defined at the module's top level:
    a parameter that was renamed is refused, and not read from some variable that happens to have its name. An equal
    statement further down in the body is refused too, since it would run twice.

    Attributes:
        function: The function's name.
        statement: One simple statement.
        used_by: Functions of the file, or methods as `Class.method`, that must not end without a call of the function:
            else the statement would stand where nobody comes. The function itself must then do its work with what the
            statement gives it, and not hand everything on to another, which the statement may not suit.
    """

    function: str
    statement: str
    used_by: Sequence[str] = ()

    def __post_init__(self):
        if not self.function.isidentifier():
            raise ValueError(f"function: expected a name, found {self.function!r}")
        try:
            body = ast.parse(self.statement).body
            line = cst.parse_statement(self.statement)
        except (SyntaxError, cst.ParserSyntaxError) as e:
            raise ValueError(f"statement: expected Python code, found {self.statement!r}") from e
        if len(body) != 1 or not isinstance(line, cst.SimpleStatementLine) or text(line.body[0]) != self.statement:
            raise ValueError(f"statement: expected one simple statement without a comment, found {self.statement!r}")
        used.check_names(self.used_by)

    def apply(self, tree: cst.Module, *, count: int = 1) -> Change:
        """Inserts the statement where it is missing.

        Raises:
            NoPlace: Not exactly one function of that name, one on a single line, one without what the statement
                reads, or one that is not used as `used_by` says.
        """
        source = parsed.read(tree)
        function = self._function(source, count)
        if unused := self._unused(source.module, function):
            line, found = unused
            raise NoPlace(self._looked_for, found, source.candidates([line or function.lineno]), in_the_way=True)
        self._refuse_unbound(source, function)
        start = _docstring_length(function.body)
        alike = [i for i, s in enumerate(function.body) if scope.same(s, self._parsed)]
        if start in alike:
            return Change(tree, places=1, changed=0)
        if alike:
            lines = [function.body[i].lineno for i in alike]
            found = f"line {lines[0]} has the statement, but not as the first"
            raise NoPlace(self._looked_for, found, source.candidates(lines))
        path, block = self._block(tree)
        first = block.body[0] if isinstance(block, cst.IndentedBlock) else None
        if not isinstance(block, cst.IndentedBlock) or (start and len(first.body) > 1):
            lines = [function.lineno, function.body[0].lineno]
            found = (
                "its docstring shares a line with other statements" if first else "its body is on the line of its def"
            )
            raise NoPlace(self._looked_for, found, source.candidates(lines))
        above = first.trailing_whitespace if start else block.header
        new = cast(cst.SimpleStatementLine, cst.parse_statement(self.statement, config=tree.config_for_parsing))
        new = new.with_changes(trailing_whitespace=cst.TrailingWhitespace(newline=above.newline))
        return Change(
            cast(cst.Module, replace_at(tree, path, insert_statement(block, start, new))), places=1, changed=1
        )

    def undo(self, tree: cst.Module) -> cst.Module:
        """Takes the first statement behind the docstring away where it is this one."""
        path, block = self._block(tree)
        if not isinstance(block, cst.IndentedBlock):
            return tree
        for i, line in enumerate(block.body[:2]):
            if isinstance(line, cst.SimpleStatementLine) and [text(s) for s in line.body] == [self.statement]:
                body = (*block.body[:i], *block.body[i + 1 :])
                return cast(cst.Module, replace_at(tree, path, block.with_changes(body=body)))
        return tree

    def holds(self, tree: ast.Module) -> bool:
        """Is it the first statement behind the docstring of the one function of that name, which is used?"""
        found = [f for f in scope.functions(tree) if f.name == self.function]
        if len(found) != 1 or len(scope.bindings(tree, self.function)) != 1:
            return False
        body = found[0].body[_docstring_length(found[0].body) :]
        return bool(body) and scope.same(body[0], self._parsed) and self._unused(tree, found[0]) is None

    def injects(self) -> list[str]:
        """The attributes and called names in the statement; its parameters are `apply`'s to check."""
        return scope.references(self.statement)

    def by_hand(self) -> ByHand:
        """The statement, with the names that the function's own parameters have."""
        where = f"as the first statement of {self.function}, behind its docstring, with its own parameters' names"
        if self.used_by:
            where += f"; or of whatever {' and '.join(self.used_by)} calls in its place"
        return ByHand(where, self.statement)

    @property
    def _looked_for(self) -> str:
        return f"a function {self.function} at the top level that `{self.statement}` can begin"

    @property
    def _parsed(self) -> ast.stmt:
        return ast.parse(self.statement).body[0]

    def _function(self, source: parsed.Source, count: int) -> scope.Function:
        found = [f for f in scope.functions(source.module) if f.name == self.function]
        bound = [b.line for b in scope.bindings(source.module, self.function)]
        if not found:
            named = [n for n in ast.walk(source.module) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
            near = [*bound, *parsed.nearest(self.function, [(f.name, f.lineno) for f in named])]
            raise NoPlace(self._looked_for, "no such function at the top level", source.candidates(near))
        if len(found) != count or count != 1 or len(bound) != 1:
            found_text = f"the name {self.function} is bound {len(bound)} times"
            raise NoPlace(self._looked_for, found_text, source.candidates(bound))
        return found[0]

    def _refuse_unbound(self, source: parsed.Source, function: scope.Function) -> None:
        has = scope.parameters(function)
        reads = [n.id for n in ast.walk(self._parsed) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        written = {n.id for n in ast.walk(self._parsed) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        for name in dict.fromkeys(reads):
            if name in has:
                continue
            inside = scope.bindings(function, name)
            known = [b for b in scope.bindings(source.module, name) if not isinstance(b.node, ast.Name)]
            if inside or name in written or not known:
                listed = ", ".join(has) or "none"
                found = f"{self.function} has no parameter {name}; it has {listed}"
                if inside and known:
                    found = f"line {inside[0].line} gives the name {name} another meaning inside {self.function}"
                raise NoPlace(self._looked_for, found, source.candidates([function.lineno]))

    def _unused(self, module: ast.Module, function: scope.Function) -> tuple[int, str] | None:
        """Why the statement may not be come to, or do something else there, as (line, in words); None when all is well."""
        body = [s for s in function.body[_docstring_length(function.body) :] if not scope.same(s, self._parsed)]
        if not self.used_by:
            return None
        if without := used.goes_without(module, self.function, self.used_by):
            return without
        if body and isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Call):
            line, other = body[0].lineno, ast.unparse(body[0].value.func)
            return line, f"line {line} hands everything on to {other}"
        if dead := unreached(function.body):
            return dead[0].lineno, f"line {dead[0].lineno} is never reached: {self.function} does its work otherwise"
        writes = {n.id for n in ast.walk(self._parsed) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for s in (s for statement in body for s in ast.walk(statement) if isinstance(s, ast.Assign)):
            anew = {t.id for t in s.targets if isinstance(t, ast.Name)} & writes
            if anew - used.reads(s.value):
                return s.lineno, f"line {s.lineno} gives {min(anew)} another value"
        return None

    def _block(self, tree: cst.Module) -> tuple[Path, cst.CSTNode | None]:
        for i, function in enumerate(tree.body):
            if isinstance(function, cst.FunctionDef) and function.name.value == self.function:
                return (("body", i), ("body", None)), function.body
        return (), None


def _docstring_length(body: list[ast.stmt]) -> int:
    """1 when a body begins with a docstring, else 0."""
    first = body[0]
    is_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return int(is_text and isinstance(first.value.value, str))
