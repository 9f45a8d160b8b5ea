"""Where an import goes among those of a file, and how it is put there without moving a comment or a blank line."""

from collections.abc import Sequence
import re
from typing import cast

import libcst as cst

from tools.codemods.source.tree import insert_statement
from tools.codemods.source.tree import text


def sorted_place(tree: cst.Module, module: str) -> tuple[int, int] | None:
    """Before which statement a sorted file has `import module`, and how many of that one's leading lines it takes over.

    Among the imports of the same top-level package where they are sorted, behind them where they are not; None where
    that package is not imported.
    """
    top = module.partition(".")[0]
    keys = [_sort_keys(line, top) for line in tree.body]
    block = _first_run(keys)
    if not block:
        return None
    key = _key(module, from_import=False)
    own = [keys[i][0] for i in block]
    later = [i for i in block if keys[i][0] > key]
    index = later[0] if later and own == sorted(own) else block[-1] + 1
    return index, _blank_lines(tree.body[index].leading_lines) if index == block[0] else 0


def behind_last(tree: cst.Module) -> int | None:
    """The index behind the last import that stands before any function or class; None where there is no import."""
    last = None
    for i, line in enumerate(tree.body):
        if _imported(line):
            last = i
        # What is imported further down may come too late for a use at module level.
        elif last is not None and isinstance(line, cst.FunctionDef | cst.ClassDef):
            break
    return None if last is None else last + 1


def insert(tree: cst.Module, statement: str, index: int, leading: int) -> cst.Module:
    """Puts an import before a statement, where it takes over so many of that one's leading lines."""
    new = cast(cst.SimpleStatementLine, cst.parse_statement(statement, config=tree.config_for_parsing))
    neighbour = tree.body[index] if leading or index == 0 else tree.body[index - 1]
    if isinstance(neighbour, cst.SimpleStatementLine):
        # The line's own end, since a file may mix two kinds.
        ending = cst.TrailingWhitespace(newline=neighbour.trailing_whitespace.newline)
        new = new.with_changes(trailing_whitespace=ending)
    if index == 0:
        # libcst keeps the comments above the first statement with the file; those behind a blank line are its own.
        cut = _blank_lines(tree.header)
        first = tree.body[0].with_changes(leading_lines=(*tree.header[cut:], *tree.body[0].leading_lines))
        tree = tree.with_changes(header=tree.header[:cut], body=(first, *tree.body[1:])) if cut else tree
    if leading:
        lines = tree.body[index].leading_lines
        new = new.with_changes(leading_lines=lines[:leading])
        following = tree.body[index].with_changes(leading_lines=lines[leading:])
        tree = tree.with_changes(body=(*tree.body[:index], following, *tree.body[index + 1 :]))
    return cast(cst.Module, insert_statement(tree, index, new))


def take_out(tree: cst.Module, statement: str) -> cst.Module:
    """Takes an import away; the blank lines it stood behind go back to its neighbour."""
    for i, line in enumerate(tree.body):
        if isinstance(line, cst.SimpleStatementLine) and [text(s) for s in line.body] == [statement]:
            before, after = tree.body[:i], tree.body[i + 1 :]
            if not after:
                return tree.with_changes(body=before, footer=(*line.leading_lines, *tree.footer))
            following = after[0].with_changes(leading_lines=(*line.leading_lines, *after[0].leading_lines))
            return tree.with_changes(body=(*before, following, *after[1:]))
    return tree


def _imported(line: cst.CSTNode) -> list[cst.Import | cst.ImportFrom]:
    if not isinstance(line, cst.SimpleStatementLine):
        return []
    return [s for s in line.body if isinstance(s, cst.Import | cst.ImportFrom)]


def _sort_keys(line: cst.CSTNode, top: str) -> list[tuple]:
    """The sort keys of a line that does nothing but import from the package `top`; empty for any other line."""
    keys = []
    for statement in getattr(line, "body", ()) if isinstance(line, cst.SimpleStatementLine) else ():
        if isinstance(statement, cst.Import):
            names = [(text(alias.name), False) for alias in statement.names]
        elif isinstance(statement, cst.ImportFrom) and statement.module is not None and not statement.relative:
            names = [(text(statement.module), True)]
        else:
            return []
        # One name of another package and the line is not part of this package's block.
        if any(name.partition(".")[0] != top for name, _ in names):
            return []
        keys += [_key(name, from_import=is_from) for name, is_from in names]
    return keys


def _key(module: str, *, from_import: bool) -> tuple:
    """Sorts as ruff's isort does: letter by letter without case, a number by its value; `import` before `from`."""
    pieces = re.findall(r"\d+|\D", module.lower())
    return (*[("0", int(p)) if p.isdecimal() else (p, 0) for p in pieces], ("", int(from_import)))


def _first_run(keys: Sequence[list[tuple]]) -> list[int]:
    """The indices of the first unbroken run of lines that have a key."""
    run: list[int] = []
    for i, key in enumerate(keys):
        if key:
            run.append(i)
        elif run:
            break
    return run


def _blank_lines(lines: Sequence[cst.EmptyLine]) -> int:
    """How many lines there are up to the last blank one; the comments behind that belong to what follows."""
    blanks = [i for i, empty in enumerate(lines) if empty.comment is None]
    return blanks[-1] + 1 if blanks else 0
