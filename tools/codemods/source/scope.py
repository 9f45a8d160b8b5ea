"""Who binds a name, and in which scope: read from Python's own `ast`, to judge a file before it is changed."""

import ast
from collections.abc import Sequence
import dataclasses
import functools

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.Module | ast.ClassDef | Function


@dataclasses.dataclass(frozen=True)
class Binding:
    """One place that gives a name a value.

    Attributes:
        node: What binds it: a Name, an import's alias, a def, an except clause, a Global declaration, …
        statement: The statement that the node is part of.
    """

    node: ast.AST
    statement: ast.stmt

    @property
    def line(self) -> int:
        return getattr(self.node, "lineno", self.statement.lineno)


# Every question about a name goes through all nodes of the file, and each codemod asks several.
@functools.lru_cache(maxsize=4)
def nodes(scope: Scope) -> tuple[tuple[ast.AST, ast.stmt], ...]:
    """Every node that runs in a scope, with its statement; not what is inside functions, classes, lambdas.

    The parameters of `scope` itself are not among them. What a nested def evaluates where it stands (decorators, default
    values) belongs to the scope; so does a comprehension, but for its own variable.
    """
    found: list[tuple[ast.AST, ast.stmt]] = []
    todo: list[tuple[ast.AST, ast.stmt]] = [(s, s) for s in reversed(scope.body)]
    while todo:
        node, statement = todo.pop()
        found.append((node, statement))
        if isinstance(node, (*FUNCTION, ast.Lambda)):
            outside = [*getattr(node, "decorator_list", ()), *node.args.defaults, *filter(None, node.args.kw_defaults)]
        elif isinstance(node, ast.ClassDef):
            outside = [*node.decorator_list, *node.bases, *node.keywords]
        elif isinstance(node, ast.comprehension):
            outside = [node.iter, *node.ifs]
        else:
            outside = list(ast.iter_child_nodes(node))
        todo.extend((child, child if isinstance(child, ast.stmt) else statement) for child in reversed(outside))
    return tuple(found)


def stores(module: ast.Module) -> list[ast.Attribute | ast.Subscript]:
    """Every attribute and element that a module sets or deletes, inside functions too."""
    return _listed(module)["stores"]


def method_calls(module: ast.Module) -> list[ast.Call]:
    """Every call of a method of a plain name, `x.f()`, inside functions too."""
    return _listed(module)["calls"]


def assignments(module: ast.Module) -> list[ast.Assign]:
    """Every plain assignment, inside functions too."""
    return _listed(module)["assignments"]


@functools.lru_cache(maxsize=8)
def _listed(scope: Scope) -> dict[str, list]:
    found: dict[str, list] = {"stores": [], "calls": [], "assignments": [], "declarations": []}
    for node in ast.walk(scope):
        kind = type(node)
        if kind is ast.Attribute or kind is ast.Subscript:
            if not isinstance(node.ctx, ast.Load):
                found["stores"].append(node)
        elif kind is ast.Call and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            found["calls"].append(node)
        elif kind is ast.Assign:
            found["assignments"].append(node)
        elif kind is ast.Global or kind is ast.Nonlocal:
            found["declarations"].append(node)
    return found


def bindings(scope: Scope, name: str) -> list[Binding]:
    """Every place that binds a name in a scope, in source order; `global` and `nonlocal` from inside count too.

    A bare annotation (`x: int`) is listed as well: it gives no value, but makes the name local to a function.
    """
    found = list(_bound(scope).get(name, ()))
    reaching = [n for n in _listed(scope)["declarations"] if name in n.names]
    listed = {id(b.node) for b in found}
    found.extend(Binding(node, node) for node in reaching if id(node) not in listed)
    return sorted(found, key=lambda b: b.line)


@functools.lru_cache(maxsize=4)
def _bound(scope: Scope) -> dict[str | None, list[Binding]]:
    found: dict[str | None, list[Binding]] = {}
    for node, statement in nodes(scope):
        for name in bound_names(node):
            found.setdefault(name, []).append(Binding(node, statement))
    return found


def binds_anywhere(function: Function, name: str) -> list[int]:
    """The lines in a function, its parameters and the scopes inside it included, that give a name a meaning."""
    binding = [n for n in ast.walk(function) if n is not function and name in bound_names(n)]
    return [getattr(n, "lineno", function.lineno) for n in binding]


def bound_names(node: ast.AST) -> Sequence[str | None]:
    """The names that a node binds by itself, or says it will."""
    match node:
        case ast.Name():
            return () if isinstance(node.ctx, ast.Load) else (node.id,)
        case ast.alias():
            return (node.asname or node.name.partition(".")[0],)
        case ast.arg(arg=bound) | ast.MatchMapping(rest=bound):
            return (bound,)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.ExceptHandler():
            return (node.name,)
        case ast.MatchAs() | ast.MatchStar():
            return (node.name,)
        case ast.Global() | ast.Nonlocal():
            return node.names
    return ()


def functions(module: ast.Module) -> list[Function]:
    """The functions that stand directly in the module."""
    return [s for s in module.body if isinstance(s, FUNCTION)]


def parameters(function: Function) -> list[str]:
    """The names of a function's parameters, `*args` and `**kwargs` included."""
    args = function.args
    extra = [a for a in (args.vararg, args.kwarg) if a is not None]
    return [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs, *extra)]


def same(left: ast.AST, right: ast.AST) -> bool:
    """Do two pieces of code say the same, however they are laid out?"""
    return ast.dump(left) == ast.dump(right)


def dotted(node: ast.AST) -> str | None:
    """`a.b.c` for a name or an attribute of a name; None for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return None


def references(code: str) -> list[str]:
    """The attributes and called names in a piece of code, longest form: `["overlay.get"]` for `overlay.get(x)`."""
    found: list[str] = []
    todo: list[tuple[ast.AST, bool]] = [(ast.parse(code), False)]
    while todo:
        node, called = todo.pop()
        name = dotted(node)
        if name and ("." in name or called):
            found.append(name)
        elif not name:
            inner = [(n, isinstance(node, ast.Call) and n is node.func) for n in ast.iter_child_nodes(node)]
            todo.extend(reversed(inner))
    return list(dict.fromkeys(found))
