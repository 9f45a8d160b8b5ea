"""Where else a file makes what a call makes: by the same name, by one that ends in it, by a subclass, or unseen."""

import ast
from collections.abc import Collection, Iterator, Sequence

from tools.codemods.source import scope

# They are given a class and make nothing of it.
_ASK = ("isinstance", "issubclass", "cast")
_TELL = ("__name__", "__qualname__", "__module__", "__doc__")


def called(call: ast.Call) -> str | None:
    """The last name of what is called."""
    return last_name(call.func)


def last_name(node: ast.AST) -> str | None:
    """`c` for `c` and for `a.b.c`, whatever stands before the dot."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def strays(module: ast.Module, names: Sequence[str], ours: Collection[ast.AST]) -> list[tuple[int, str]]:
    """What makes such a thing beside the known calls, or may make one unseen: (line, what it does), in order.

    A base class, an annotation, a comparison and `isinstance` make nothing.

    Args:
        module: The file.
        names: The last names of what is called; one that ends in the first of them counts too.
        ours: The calls that are known.
    """
    names = [*names, *_subclasses(module, names)]
    known, found = set(map(id, ours)), []
    for node, parent in _making(module):
        name = last_name(node)
        is_callee = isinstance(parent, ast.Call) and parent.func is node
        if is_callee and (name in names or str(name).endswith(names[0])):
            if id(parent) not in known:
                found.append((node.lineno, f"line {node.lineno} calls {name} beside it"))
        elif name in names and isinstance(node.ctx, ast.Load) and not _keeps_its_name(parent, name):
            found.append((node.lineno, f"line {node.lineno} hands {name} on without a call"))
        elif isinstance(node, ast.alias) and node.name in names and node.asname not in (None, node.name):
            found.append((node.lineno, f"line {node.lineno} hands {node.name} on without a call, as {node.asname}"))
        elif isinstance(node, ast.Constant) and node.value in names and _is_lookup(node, parent):
            found.append((node.lineno, f"line {node.lineno} hands {node.value} on without a call"))
    return sorted(found)


def _making(module: ast.Module) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Every node with the one above it, but for those below a place that makes nothing."""
    todo: list[tuple[ast.AST, ast.AST]] = [(module, module)]
    while todo:
        node, parent = todo.pop()
        if isinstance(node, ast.Attribute) and node.attr in _TELL:
            continue
        yield node, parent
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "cls") or (field == "bases" and isinstance(node, ast.ClassDef)):
                continue
            children = [
                child for child in (value if isinstance(value, list) else [value]) if isinstance(child, ast.AST)
            ]
            if isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and called(node) in _ASK):
                inner = [e for child in children for e in (child.elts if isinstance(child, ast.Tuple) else [child])]
                children = [child for child in inner if scope.dotted(child) is None]
            todo.extend((child, node) for child in children)


def _subclasses(module: ast.Module, names: Sequence[str]) -> list[str]:
    """The classes that the file makes of those of some names, and of these in turn."""
    classes = [n for n in ast.walk(module) if isinstance(n, ast.ClassDef)]
    found: list[str] = []
    for _ in classes:
        more = [
            c.name for c in classes if c.name not in found and any(last_name(b) in (*names, *found) for b in c.bases)
        ]
        if not more:
            break
        found += more
    return found


def _keeps_its_name(parent: ast.AST, name: str | None) -> bool:
    """`Data = package.Data`: the name is called for what it is."""
    return isinstance(parent, ast.Assign) and all(scope.dotted(target) == name for target in parent.targets)


def _is_lookup(node: ast.AST, parent: ast.AST) -> bool:
    """`getattr(package, "Data")` or `vars(package)["Data"]`."""
    is_key = isinstance(parent, ast.Subscript) and parent.slice is node
    return is_key or (isinstance(parent, ast.Call) and called(parent) == "getattr")
