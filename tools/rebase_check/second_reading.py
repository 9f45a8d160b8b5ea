"""The change that each patch makes, written a second time: by Python's own parser and the text, with no codemod.

A place is known by what only it contains (the config named `debug`, the keyword `delta_timestamps`), not by the name that
the codemod holds on to. So a place that is wrong cannot be found right by both.

The tests have a reading of their own (`tests/codemods/expected.py`), which judges this one as it judges the codemods; it
would judge nothing if it were made of this one.
"""

import ast
from collections.abc import Callable, Iterable
import dataclasses

from tools.rebase_check.guide_edits import CONFIG
from tools.refusal import Refused

_LOADER = "src/openpi/training/data_loader.py"
_WEIGHTS = "src/openpi/training/weight_loaders.py"

Splice = tuple[int, int, bytes]  # the bytes from one offset to another, and what stands there in their place


class Unreadable(Exception):  # noqa: N818  (an answer about the file)
    """The place is not there, or there is more than one; `str()` says so."""


@dataclasses.dataclass(frozen=True)
class _Reading:
    """How a patch changes a file; `module` is the overlay's module that it imports."""

    path: str
    module: str
    splices: Callable[["_Source"], list[Splice]]


class _Source:
    """A file with its syntax tree, and where a node stands in its bytes."""

    def __init__(self, text: bytes):
        self.text = text
        self.tree = ast.parse(text)
        self._starts = [0]
        for line in text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def start(self, node: ast.stmt | ast.expr) -> int:
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.stmt | ast.expr) -> int:
        return self._starts[node.end_lineno - 1] + node.end_col_offset

    def all(self, kind: type, holds: Callable[[ast.AST], bool]) -> list:
        return [node for node in ast.walk(self.tree) if isinstance(node, kind) and holds(node)]


def known() -> list[str]:
    """The names of the patches that can be read."""
    return list(_READINGS)


def patched(texts: dict[str, bytes], names: Iterable[str]) -> dict[str, bytes]:
    """The files that some patches change, as they must be after them; the place of an import among others is left open.

    Args:
        texts: The files as upstream has them.
        names: Of the patches, all of them known.

    Raises:
        Unreadable: a file is not there or is no Python, or a place is not there exactly once.
    """
    after = {}
    for reading in (_READINGS[name] for name in names):
        try:
            source = _Source(after.get(reading.path) or texts[reading.path])
        except (KeyError, SyntaxError, ValueError) as e:
            raise Unreadable(f"{reading.path}: {e!r}") from None
        splices = reading.splices(source)
        if reading.module:
            imports = [s for s in source.tree.body if isinstance(s, ast.Import) and s.names[0].name[:7] == "openpi."]
            at = source.end(_one(imports[-1:], "import of openpi", reading.path))
            splices.append((at, at, f"\nimport openpi.training.{reading.module} as {reading.module}".encode()))
        text = source.text
        for start, end, new in sorted(splices, reverse=True):
            text = text[:start] + new + text[end:]
        after[reading.path] = text
    return after


def refuse_unknown(names: Iterable[str]) -> None:
    """Refuses patches that cannot be read here, and so cannot be judged."""
    if unknown := sorted(set(names) - set(known())):
        raise Refused(
            "--baseline",
            expected=f"patches that tools/rebase_check/second_reading.py can read: {', '.join(known())}",
            found=", ".join(unknown),
            todo="write how they are read there, or leave --baseline out",
        )


def _one(found: list, what: str, where: str) -> ast.AST:
    if len(found) != 1:
        raise Unreadable(f"{where}: {len(found)} places for the {what}")
    return found[0]


def _element(source: _Source) -> list[Splice]:
    """The list that the config named `debug` is written out in gets the element, at its end."""
    lists = source.all(ast.List, lambda node: any(_is_debug(element) for element in node.elts))
    last = _one(lists, "list of configs", CONFIG).elts[-1]
    return [(source.end(last), source.end(last), b", *overlay_configs.get_overlay_configs()")]


def _is_debug(element: ast.expr) -> bool:
    keywords = element.keywords if isinstance(element, ast.Call) else []
    return any(word.arg == "name" and ast.unparse(word.value) == "'debug'" for word in keywords)


def _statement(source: _Source) -> list[Splice]:
    """The function that empties `flat_loaded` gets the statement, behind its docstring."""
    made = source.all(ast.FunctionDef, lambda node: "flat_loaded.clear()" in ast.unparse(node))
    function = _one(made, "function that merges weights", _WEIGHTS)
    first = function.body[1 if ast.get_docstring(function) is not None else 0]
    statement = f"loaded_params = shape_skip.skip_mismatched(loaded_params, params)\n{' ' * first.col_offset}"
    return [(source.start(first), source.start(first), statement.encode())]


def _calls(source: _Source) -> list[Splice]:
    """Every call with delta timestamps is wrapped."""
    calls = source.all(ast.Call, lambda node: any(word.arg == "delta_timestamps" for word in node.keywords))
    if not calls:
        raise Unreadable(f"{_LOADER}: no call with delta_timestamps")
    opened = [(source.start(call), source.start(call), b"image_decoding.decode_images(") for call in calls]
    return opened + [(source.end(call), source.end(call), b")") for call in calls]


def _import(source: _Source) -> list[Splice]:
    """The import of LeRobot's old module takes ours, under the same name."""
    old = [s for s in source.tree.body if isinstance(s, ast.Import) and s.names[0].name.startswith("lerobot.common.")]
    found = _one(old, "import of LeRobot", _LOADER)
    ours = b"import openpi.training.lerobot_dataset as lerobot_dataset"
    return [(source.start(found), source.end(found), ours)]


_READINGS = {
    "overlay-configs": _Reading(CONFIG, "overlay_configs", _element),
    "shape-skip": _Reading(_WEIGHTS, "shape_skip", _statement),
    "image-decoding": _Reading(_LOADER, "image_decoding", _calls),
    "lerobot-layout": _Reading(_LOADER, "", _import),
}
