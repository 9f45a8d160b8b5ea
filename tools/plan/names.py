"""Are the names that an edit brings into a file bound there, and is what they stand for to be found?"""

import ast
import builtins
from collections.abc import Iterator, Mapping

_BUILTINS = frozenset(dir(builtins))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def unbound(injected: list[str], tree: ast.Module, modules: Mapping[str, ast.Module]) -> list[str]:
    """The names that would raise `NameError`, `AttributeError` or `ImportError`, in words; empty when all is well.

    Of a module that is imported now, everything that the file takes from it anywhere is looked at, since the import may
    have been of another module before.

    Args:
        injected: What was put into the file, as Python: imports and expressions.
        tree: The file after the edit.
        modules: Modules whose content is known (the overlay's), by dotted name.
    """
    bound = bindings(tree)
    wrong = []
    for node in (node for code in injected for node in ast.walk(ast.parse(code))):
        if isinstance(node, ast.Import):
            for name in (alias.name for alias in node.names):
                wrong += _missing(tree, name, modules) if name in modules else [f"no module {name} in the overlay"]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = bound.get(node.value.id) or ""
            if module in modules and not _has(modules[module], node.attr):
                wrong.append(f"{module} has no {node.attr}")
        if isinstance(node, ast.Name) and node.id not in bound and node.id not in _BUILTINS:
            wrong.append(f"the name {node.id} is not bound in the file")
    return wrong


def _missing(tree: ast.Module, name: str, modules: Mapping[str, ast.Module]) -> list[str]:
    """What the file imports from a module, or takes from a name that it has for it, and the module does not have."""
    aliases = {alias for alias, module in bindings(tree).items() if module == name}
    taken = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == name and not node.level
        for alias in node.names
        if f"{name}.{alias.name}" not in modules
    ]
    taken += [attribute for alias in sorted(aliases) for attribute in _attributes(tree, alias)]
    return [f"{name} has no {one}" for one in dict.fromkeys(taken) if not _has(modules[name], one)]


def _attributes(node: ast.AST, alias: str) -> Iterator[str]:
    """The attributes of a name that are read below a node, where the name is not bound to something else."""
    is_read = isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Store)
    if is_read and isinstance(node.value, ast.Name) and node.value.id == alias:
        yield node.attr
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, _FUNCTIONS) and binds(child, alias)):
            yield from _attributes(child, alias)


def binds(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, name: str) -> bool:
    """Is a name a parameter or a variable of a function?"""
    for node in ast.walk(function):
        if isinstance(node, ast.Global) and name in node.names:
            return False
        if isinstance(node, ast.arg) and node.arg == name:
            return True
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            return True
        if isinstance(node, ast.Import | ast.ImportFrom) and any((a.asname or a.name) == name for a in node.names):
            return True
    return False


def _has(module: ast.Module, name: str) -> bool:
    names = bindings(module)
    return name in names or "__getattr__" in names or (name.startswith("__") and name.endswith("__"))


def bindings(tree: ast.Module) -> dict[str, str | None]:
    """The names that a module binds at its top level; for an imported module its dotted name, else None."""
    bound: dict[str, str | None] = {}
    for node in _top_level(tree.body):
        match node:
            case ast.Import(names=names):
                bound |= {a.asname or a.name.partition(".")[0]: a.name if a.asname else None for a in names}
            case ast.ImportFrom(module=module, names=names):
                bound |= {a.asname or a.name: f"{module}.{a.name}" for a in names}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                bound[name] = None
            case ast.Name(id=name, ctx=ast.Store()):
                bound[name] = None
    return bound


def _top_level(body: list[ast.stmt]) -> list[ast.AST]:
    """The statements of a module and the targets of its assignments, with if, try and with looked into."""
    found: list[ast.AST] = []
    for node in body:
        found.append(node)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.For):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [name for target in targets for name in ast.walk(target)]
        for field in ("body", "orelse", "finalbody"):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found += _top_level(getattr(node, field, []))
        for handler in getattr(node, "handlers", []):
            found += _top_level(handler.body)
    return found
