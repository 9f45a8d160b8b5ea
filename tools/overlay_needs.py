"""What the overlay imports of upstream: a tree that lacks it would be patched, and then fail at its first import."""

import ast
import functools

from tools.overlay_files import OverlayFile
from tools.trees import Tree

_ROOT, _PACKAGE = "src/", "openpi"


def missing(overlay: dict[str, OverlayFile], upstream: Tree) -> list[str]:
    """The modules of upstream that the overlay imports and a tree does not have, each with the file that imports it.

    Args:
        overlay: What `read_overlay` gave.
        upstream: The pristine tree; only its paths are asked.

    Returns:
        Sentences such as "src/openpi/training/x.py imports openpi.models.y, which upstream lacks"; none when all is well.
    """
    paths = {*upstream.modes(), *overlay}
    folders = {path.rpartition("/")[0] for path in paths}
    return [
        f"{path} imports {module}, which upstream lacks"
        for path, file in overlay.items()
        if path.startswith(_ROOT) and path.endswith(".py")
        for module in _imports(file.content)
        if not {f"{_place(module)}.py", f"{_place(module)}/__init__.py"} & paths and _place(module) not in folders
    ]


def _place(module: str) -> str:
    return _ROOT + module.replace(".", "/")


# The overlay is the same for every commit that is tried.
@functools.lru_cache(maxsize=256)
def _imports(content: bytes) -> tuple[str, ...]:
    """The modules of the package that a file imports, in its order; those inside a `try` may be missing."""
    found = []
    todo: list[ast.AST] = [ast.parse(content)]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.append(node.module or "")
        elif not isinstance(node, ast.Try):
            todo.extend(reversed(list(ast.iter_child_nodes(node))))
    return tuple(dict.fromkeys(name for name in found if name.partition(".")[0] == _PACKAGE))
