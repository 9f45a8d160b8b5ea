"""Are the names that an edit brings into a file bound there, and is what they stand for to be found?"""

import ast
import builtins
from collections.abc import Mapping

_BUILTINS = frozenset(dir(builtins))


def unbound(injected: list[str], tree: ast.Module, modules: Mapping[str, ast.Module]) -> list[str]:
    """The names that would raise `NameError`, `AttributeError` or `ImportError`, in words; empty when all is well.

    Args:
        injected: What was put into the file, as Python: imports and expressions.
        tree: The file after the edit.
        modules: Modules whose content is known (the overlay's), by dotted name.
    """
    bound = bindings(tree)
    wrong = []
    for node in (node for code in injected for node in ast.walk(ast.parse(code))):
        if isinstance(node, ast.Import):
            wrong += [f"no module {a.name} in the overlay" for a in node.names if a.name not in modules]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = modules.get(bound.get(node.value.id) or "")
            if module is not None and node.attr not in bindings(module):
                wrong.append(f"{bound[node.value.id]} has no {node.attr}")
        if isinstance(node, ast.Name) and node.id not in bound and node.id not in _BUILTINS:
            wrong.append(f"the name {node.id} is not bound in the file")
    return wrong


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
