"""What a file of the overlay takes from upstream's modules, and what such a module has to give, by Python's own parser."""

import ast
from collections.abc import Iterator
import dataclasses
import functools

from tools.plan import names

_PACKAGE = "openpi"
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclasses.dataclass(frozen=True)
class Needs:
    """What a file imports of the package, in its order: modules, and (module, name) pairs."""

    modules: tuple[str, ...]
    names: tuple[tuple[str, str], ...]


# The overlay is the same for every commit that is tried.
@functools.lru_cache(maxsize=256)
def needs(path: str, content: bytes) -> Needs:
    """Reads what a file needs; what stands where an error is caught may be missing.

    Args:
        path: Of the file in the tree; a relative import is resolved by it.
        content: Its Python.
    """
    module = ast.parse(content)
    modules: list[str] = []
    wanted: list[tuple[str, str]] = []
    for scope in (module, *(node for node in ast.walk(module) if isinstance(node, _FUNCTIONS))):
        aliases: dict[str, str] = {}
        for node in _here(scope):
            if isinstance(node, ast.Import):
                modules += [alias.name for alias in node.names]
                aliases |= {alias.asname or alias.name: alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                origin = _origin(path, node)
                modules.append(origin)
                wanted += [(origin, alias.name) for alias in node.names if alias.name != "*"]
                aliases |= {alias.asname or alias.name: f"{origin}.{alias.name}" for alias in node.names}
        rebound = _rebound(scope)
        for alias, origin in aliases.items():
            if _is_ours(origin) and alias.partition(".")[0] not in rebound:
                wanted += [(origin, name) for name in _read_of(scope, alias)]
    return Needs(
        tuple(dict.fromkeys(one for one in modules if _is_ours(one))),
        tuple(dict.fromkeys((origin, name) for origin, name in wanted if _is_ours(origin))),
    )


def has(content: bytes, name: str) -> bool:
    """Does a module bind a name at its top level, or can nobody tell?"""
    bound = _read(content)[0]
    return bound is None or name in bound or (name.startswith("__") and name.endswith("__"))


def configs(content: bytes) -> tuple[str, ...]:
    """The names that a file gives to configs; none of a file that does not parse."""
    return _read(content)[1] if b"TrainConfig" in content else ()


# A version of a file is read once, whatever number of commits carry it.
@functools.lru_cache(maxsize=1024)
def _read(content: bytes) -> tuple[frozenset[str] | None, tuple[str, ...]]:
    """The names that a module binds, None where it brings in what cannot be told, and those of its configs."""
    try:
        module = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError):
        return None, ()
    bound, found = set(names.bindings(module)), []
    for node in ast.walk(module):
        if isinstance(node, ast.Global):
            bound.update(node.names)
        elif isinstance(node, ast.Call):
            found += _config_names(node)
    return None if {"*", "__getattr__"} & bound else frozenset(bound), tuple(found)


def _config_names(call: ast.Call) -> list[str]:
    """The name that a call gives to a config: of `TrainConfig(...)`, or of a copy by `dataclasses.replace`."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called not in ("TrainConfig", "replace"):
        return []
    given = [word.value for word in call.keywords if word.arg == "name"]
    given += call.args[:1] if called == "TrainConfig" else []
    return [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == _PACKAGE


def _origin(path: str, node: ast.ImportFrom) -> str:
    """The module that a `from` import names, with a relative one resolved; "" outside of any package."""
    if not node.level:
        return node.module or ""
    folders = path.split("/")[:-1]
    parents = folders[1 : len(folders) - node.level + 1] if folders[:1] == ["src"] else []
    return ".".join([*parents, *([node.module] if node.module else [])]) if parents else ""


def _may_fail(node: ast.AST) -> bool:
    """Is what stands below a node allowed to be missing?"""
    match node:
        case ast.Try(handlers=handlers):
            return bool(handlers)
        case ast.With(items=items):
            return any("suppress" in ast.unparse(item.context_expr) for item in items)
        case ast.If(test=test):
            return "TYPE_CHECKING" in ast.unparse(test)
    return False


def _here(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of the functions in it and what may fail, in the file's order."""
    for child in ast.iter_child_nodes(scope):
        if not _may_fail(child):
            yield child
            if not isinstance(child, _FUNCTIONS):
                yield from _here(child)


def _rebound(scope: ast.AST) -> set[str]:
    """The names that a scope binds to anything but an import."""
    return {
        node.id if isinstance(node, ast.Name) else node.arg
        for node in _here(scope)
        if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)) or isinstance(node, ast.arg)
    }


def _read_of(node: ast.AST, alias: str) -> Iterator[str]:
    """The attributes of a name that are read below a node, where the name is not bound to something else."""
    for child in ast.iter_child_nodes(node):
        if _may_fail(child) or (isinstance(child, _FUNCTIONS) and names.binds(child, alias.partition(".")[0])):
            continue
        is_read = isinstance(child, ast.Attribute) and isinstance(child.ctx, ast.Load)
        if is_read and ast.unparse(child.value) == alias:
            yield child.attr
        yield from _read_of(child, alias)
