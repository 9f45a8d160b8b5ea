"""Does the overlay fit a tree? One answer for apply, the rebase check and the bump.

It must stand over nothing, find every module and name of upstream that it imports, and no config of upstream's may have
the name of one of ours: else a tree would be patched, and fail at its first import.
"""

import ast
import functools

from tools.plan import upstream_names
from tools.plan.overlay_files import OverlayFile
from tools.plan.overlay_files import check_only_adds
from tools.refusal import Refused
from tools.upstream.trees import Tree

_TRAINING = "src/openpi/training/"
_MOST = 5


def objection(overlay: dict[str, OverlayFile], upstream: Tree) -> Refused | None:
    """What speaks against laying the overlay over a tree; None when it fits.

    Args:
        overlay: What `read_overlay` gave.
        upstream: The pristine tree, whole.
    """
    try:
        check_only_adds(overlay, upstream)
    except Refused as refusal:
        return refusal
    where = f"the upstream tree {upstream.origin.id}".rstrip()
    if lacking := missing(overlay, upstream):
        return Refused(
            where,
            expected="every module and name of upstream that the overlay imports",
            found="\n".join(lacking[:_MOST]),
            todo="take a newer upstream (just rebase-check --all says from when on), or mend the overlay",
        )
    if names := taken(overlay, upstream):
        return Refused(
            where,
            expected="no config of a name that the overlay has",
            found="\n".join(names[:_MOST]),
            todo="rename either, or remove that robot's files from overlay/ and robots/ if the tree serves it already",
        )
    return None


def in_words(refusal: Refused | None) -> str:
    """An objection in one line, as reports have it; "" for none."""
    if refusal is None:
        return ""
    found = refusal.found.replace("\n", "; ")
    return f"{refusal.where}: {found}" if refusal.where.startswith("overlay/") else found


def missing(overlay: dict[str, OverlayFile], upstream: Tree) -> list[str]:
    """The modules of upstream, and names in them, that the overlay imports and a tree does not have.

    Args:
        overlay: What `read_overlay` gave; a script fails alone, and is not asked.
        upstream: The pristine tree; the files that the overlay imports from are read.

    Returns:
        Sentences such as "overlay/src/openpi/a.py imports openpi.models.y, which upstream lacks"; none when all is well.
    """
    ours = {path: file.content for path, file in overlay.items() if path.startswith("src/") and path.endswith(".py")}
    needs = {path: upstream_names.needs(path, content) for path, content in ours.items()}
    paths = {*upstream.modes(), *overlay}
    folders = {path[:i] for path in paths for i, letter in enumerate(path) if letter == "/"}
    modules = {one for need in needs.values() for one in (*need.modules, *(module for module, _ in need.names))}
    homes = {module: _home(module, paths) for module in modules}
    theirs = upstream.read(sorted({home for home in homes.values() if home} - set(overlay)))

    def is_there(module: str, name: str = "") -> bool:
        return bool(_home(f"{module}.{name}".rstrip("."), paths)) or f"{_place(module)}/{name}".rstrip("/") in folders

    def has(module: str, name: str) -> bool:
        home = homes[module]
        if home in theirs:
            return upstream_names.has(theirs[home], name) or is_there(module, name)
        # Of ours, or no module at all: an attribute of a class, or of what is named as missing already.
        return bool(home) or _place(module) not in folders or is_there(module, name)

    lacking = []
    for path, need in needs.items():
        lacking += [f"overlay/{path} imports {m}, which upstream lacks" for m in need.modules if not is_there(m)]
        lacking += [f"overlay/{path} uses {m}.{n}, which upstream lacks" for m, n in need.names if not has(m, n)]
    return lacking


def taken(overlay: dict[str, OverlayFile], upstream: Tree) -> list[str]:
    """The names of the overlay's configs that a tree has given to configs of its own: openpi refuses two of a name.

    Args:
        overlay: What `read_overlay` gave.
        upstream: The pristine tree; its files below src/openpi/training are read.

    Returns:
        Sentences such as "src/openpi/training/config.py has a config named pi05_so101_lora, as the overlay does".
    """
    ours = {text for path, file in overlay.items() if _is_config(path) for text in _texts(file.content)}
    paths = [path for path in upstream.modes() if path.startswith(_TRAINING) and path.endswith(".py")]
    theirs = upstream.read([path for path in paths if path not in overlay])  # a build of ours is asked too
    return [
        f"{path} has a config named {name}, as the overlay does"
        for path, content in theirs.items()
        for name in upstream_names.configs(content)
        if name in ours
    ]


def _is_config(path: str) -> bool:
    return path.startswith(f"{_TRAINING}overlay_configs/") and path.endswith(".py")


# The overlay is the same for every commit that is tried.
@functools.lru_cache(maxsize=256)
def _texts(content: bytes) -> frozenset[str]:
    nodes = ast.walk(ast.parse(content))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def _place(module: str) -> str:
    return f"src/{module.replace('.', '/')}"


def _home(module: str, paths: set[str]) -> str:
    """The file of a module; "" where there is none. A folder with an `__init__.py` goes before a file, as in Python."""
    return next((path for end in ("/__init__.py", ".py") if (path := _place(module) + end) in paths), "")
