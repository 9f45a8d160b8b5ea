"""Who uses a name of a module's top level: a place that nobody comes to is no place for a change."""

import ast
from collections.abc import Iterator, Sequence
import functools

from tools.codemods.source import scope
from tools.codemods.source.ways import unreached
from tools.codemods.source.ways import ways_past


def check_names(names: Sequence[str]) -> None:
    """Raises `ValueError` when a codemod's parameter `used_by` holds anything but `f` and `C.f`."""
    if isinstance(names, str) or not all(part.isidentifier() for name in names for part in name.split(".")):
        raise ValueError(f"used_by: expected a list of dotted names, found {names!r}")


def definition(module: ast.Module, name: str) -> scope.Function | tuple[int, str]:
    """The one function `f`, or method `C.f`, of a name at the top level; or why there is none: (line, in words).

    The line is 0 where the file has nothing of that name.
    """
    place, done, (part, _, rest) = module, "", name.partition(".")
    while True:
        done = f"{done}.{part}".lstrip(".")
        found = scope.bindings(place, part)
        if len(found) != 1:
            line = found[-1].line if found else getattr(place, "lineno", 0)
            return line, f"{done} is bound {len(found)} times" if found else f"the file has no {name}"
        node = found[0].node
        if node not in place.body or not isinstance(node, ast.ClassDef if rest else scope.FUNCTION):
            return found[0].line, f"line {found[0].line} makes {done} something else"
        if not rest:
            break
        place, (part, _, rest) = node, rest.partition(".")
    for n in scope.stores(module):
        if isinstance(n, ast.Attribute) and scope.dotted(n) == name:
            return n.lineno, f"line {n.lineno} puts something else in the place of {name}"
    return node


def goes_without(module: ast.Module, function: str, users: Sequence[str]) -> tuple[int, str] | None:
    """Which of some functions may end without a call of another, as (line, in words); None when none may."""
    for name in users:
        user = definition(module, name)
        if isinstance(user, tuple):
            return user
        own = scope.binds_anywhere(user, function)
        if past := [user] if own else ways_past(user.body, lambda node: is_call(node, function)):
            return past[0].lineno, f"{name} goes on without a call of {function} in line {past[0].lineno}"
    return None


def is_call(node: ast.AST, name: str) -> bool:
    """Is a node a call of a plain name?"""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def leads_to_none(module: ast.Module, names: Sequence[str], users: Sequence[str]) -> tuple[int, str] | None:
    """Which of some functions comes to none of others, as (line, in words); None when each comes to one."""
    for name in users:
        user = definition(module, name)
        if isinstance(user, tuple):
            return user
        if not reached_from(module, user).keys() & set(names):
            return user.lineno, f"nothing that {name} calls comes to {' or '.join(names)}"
    return None


@functools.lru_cache(maxsize=256)
def reads(definition: ast.AST) -> set[str]:
    """The names of the module that a function, class or statement reads where it is come to.

    Those that it binds anywhere itself are left out.
    """
    dead = dead_nodes(definition) if isinstance(definition, scope.FUNCTION) else ()
    nodes = [n for n in ast.walk(definition) if n is not definition]
    found = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and id(n) not in dead}
    bound = {name for n in nodes for name in scope.bound_names(n)}
    return found - bound


def dead_nodes(function: scope.Function) -> set[int]:
    """The `id` of every node of a function that no way leads to."""
    return {id(node) for statement in unreached(function.body) for node in ast.walk(statement)}


def reached_from(module: ast.Module, function: scope.Function) -> dict[str, ast.stmt]:
    """What a function or method comes to by names: functions, classes and assignments of the top level, itself too."""
    known: dict[str, ast.stmt] = {}
    for s in module.body:
        if isinstance(s, (*scope.FUNCTION, ast.ClassDef)):
            known[s.name] = s
        elif isinstance(s, ast.Assign | ast.AnnAssign):
            targets = s.targets if isinstance(s, ast.Assign) else [s.target]
            known |= {t.id: s for t in targets if isinstance(t, ast.Name)}
    found: dict[str, ast.stmt] = {}
    todo = [*reads(function), *(name for name, s in known.items() if s is function)]
    while todo:
        name = todo.pop()
        if name in known and name not in found:
            found[name] = known[name]
            todo.extend(reads(known[name]))
    return found


def where_it_means_the_same(module: ast.Module, name: str) -> Iterator[ast.AST]:
    """Every node of a module, but for those in functions and lambdas where a name means something of their own."""
    todo: list[ast.AST] = [module]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.Lambda) and any(name in scope.bound_names(a) for a in ast.walk(node.args)):
            continue
        if isinstance(node, scope.FUNCTION) and _is_its_own(node, name):
            continue
        todo.extend(ast.iter_child_nodes(node))


def _is_its_own(function: scope.Function, name: str) -> bool:
    """Is a name a parameter or a variable of a function?"""
    if name in scope.parameters(function):
        return True
    bound = [b.node for b in scope.bindings(function, name)] if scope.binds_anywhere(function, name) else []
    return bool(bound) and not any(isinstance(node, ast.Global) for node in bound)
