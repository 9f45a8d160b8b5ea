"""What a patched file must say, worked out from the mutated text by Python's own parser alone.

The places are known by what only they contain (the last config of the list, the keyword of the call), not by the names
that the codemods hold on to; so a wrong place cannot be found right by both.

It shares nothing with `tools/rebase_check/second_reading.py`, which says the like of upstream's own files, in bytes: that
one is what it judges, too.
"""

import ast
import copy

from tests.mutations import CONFIG
from tests.mutations import LOADER
from tests.mutations import WEIGHTS


def patched(patch: str, texts: dict[str, str]) -> dict[str, ast.Module]:
    """The files as a patch must leave them, without the import that it adds."""
    make = {
        "overlay-configs": lambda: {CONFIG: _with_element(ast.parse(texts[CONFIG]))},
        "shape-skip": lambda: {WEIGHTS: _with_statement(ast.parse(texts[WEIGHTS]))},
        "image-decoding": lambda: {LOADER: _with_call(ast.parse(texts[LOADER]))},
        "lerobot-layout": lambda: {LOADER: _with_other_import(ast.parse(texts[LOADER]))},
    }
    return make[patch]()


def without_import(tree: ast.Module, module: str) -> tuple[ast.Module, list[str]]:
    """Takes the one top-level import of a module out, and says what is wrong with where it stood."""
    at = [i for i, s in enumerate(tree.body) if isinstance(s, ast.Import) and s.names[0].name == module]
    if len(at) != 1:
        return tree, [f"{len(at)} imports of {module}"]
    rest = copy.copy(tree)
    rest.body = tree.body[: at[0]] + tree.body[at[0] + 1 :]
    tops = [_top(s) for s in tree.body]
    beside = {tops[i] for i in (at[0] - 1, at[0] + 1) if 0 <= i < len(tops)}
    wrong = [] if "openpi" in beside else [f"not beside another import of its package: {beside}"]
    # `from __future__` must be the first statement but for the docstring; moving it back finds that out.
    if "__future__" in tops[at[0] :]:
        wrong.append("in front of from __future__")
    return rest, wrong


def _top(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Import):
        return statement.names[0].name.partition(".")[0]
    return (statement.module or "").partition(".")[0] if isinstance(statement, ast.ImportFrom) else None


def _with_element(tree: ast.Module) -> ast.Module:
    """The list that has the polaris or roboarena configs, or the debug config of pi0.5, gets the element."""
    lists = [n for s in tree.body for n in ast.walk(s) if isinstance(n, ast.List) and any(map(_is_known, n.elts))]
    assert len(lists) == 1, "the mutation lost the list, but does not say that it breaks the patch"
    element = ast.parse("[*overlay_configs.get_overlay_configs()]", mode="eval").body.elts[0]
    lists[0].elts.append(element)
    return tree


def _is_known(element: ast.expr) -> bool:
    shown = ast.unparse(element)
    return shown.startswith(("*polaris_config.", "*roboarena_config.")) or "'debug_pi05'" in shown


def _with_statement(tree: ast.Module) -> ast.Module:
    """The function that empties `flat_loaded` gets the statement behind its docstring."""
    found = [s for s in tree.body if isinstance(s, ast.FunctionDef) and "flat_loaded.clear()" in ast.unparse(s)]
    assert len(found) == 1
    start = int(ast.get_docstring(found[0]) is not None)
    found[0].body[start:start] = ast.parse("loaded_params = shape_skip.skip_mismatched(loaded_params, params)").body
    return tree


class _Wrap(ast.NodeTransformer):
    wrapped = 0

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if not any(keyword.arg == "delta_timestamps" for keyword in node.keywords):
            return node
        self.wrapped += 1
        func = ast.parse("image_decoding.decode_images", mode="eval").body
        return ast.Call(func=func, args=[node], keywords=[])


def _with_call(tree: ast.Module) -> ast.Module:
    """Every call with delta timestamps is wrapped."""
    wrap = _Wrap()
    tree = wrap.visit(tree)
    assert wrap.wrapped
    return tree


def _with_other_import(tree: ast.Module) -> ast.Module:
    """The top-level import of the LeRobot module names ours, under the same name."""
    for i, statement in enumerate(tree.body):
        if isinstance(statement, ast.Import | ast.ImportFrom) and "lerobot.common" in ast.unparse(statement):
            way = "from openpi.training import lerobot_dataset"
            if isinstance(statement, ast.Import):
                way = "import openpi.training.lerobot_dataset as lerobot_dataset"
            tree.body[i] = ast.parse(way).body[0]
            return tree
    raise AssertionError("the mutation lost the import, but does not say that it breaks the patch")
