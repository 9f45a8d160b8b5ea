"""What the overlay asks of a tree, which would else be patched, and then fail at its first import."""

import ast
import functools

from tools.overlay_files import OverlayFile
from tools.trees import Tree

_ROOT, _PACKAGE = "src/", "openpi"
_TRAINING = "src/openpi/training/"


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


def taken(overlay: dict[str, OverlayFile], upstream: Tree) -> list[str]:
    """The names of the overlay's configs that a tree has given to configs of its own: openpi refuses two of a name.

    Args:
        overlay: What `read_overlay` gave.
        upstream: The pristine tree; its files below src/openpi/training are read.

    Returns:
        Sentences such as "src/openpi/training/config.py has a config named pi05_so101_lora".
    """
    ours = {text for path, file in overlay.items() if _is_config(path) for text in _texts(file.content)}
    paths = [path for path in upstream.modes() if path.startswith(_TRAINING) and path.endswith(".py")]
    theirs = upstream.read([path for path in paths if path not in overlay])  # a build of ours is asked too
    return [
        f"{path} has a config named {name}"
        for path, content in theirs.items()
        for name in _config_names(content)
        if name in ours
    ]


def _is_config(path: str) -> bool:
    return path.startswith(f"{_TRAINING}overlay_configs/") and path.endswith(".py")


def _texts(content: bytes) -> set[str]:
    nodes = ast.walk(ast.parse(content))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _config_names(content: bytes) -> list[str]:
    """The names that calls of TrainConfig in a file give; none of a file that does not parse."""
    if b"TrainConfig" not in content:
        return []
    try:
        calls = [node for node in ast.walk(ast.parse(content)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError):
        return []
    called = [call for call in calls if ast.unparse(call.func).rpartition(".")[2] == "TrainConfig"]
    names = [word.value for call in called for word in call.keywords if word.arg == "name"]
    return [name.value for name in names if isinstance(name, ast.Constant) and isinstance(name.value, str)]


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
