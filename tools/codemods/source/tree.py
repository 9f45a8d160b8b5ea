"""Walks a libcst tree, and replaces one node of it by rebuilding only the nodes above it.

libcst's own visitors and `deep_replace` rebuild or visit every node, whitespace too; on a file of a thousand lines
that takes ten times as long as what is here.
"""

from collections.abc import Iterator
import dataclasses
import functools

import libcst as cst

# From a node to one below it: the field, and the index in it where the field is a sequence.
Path = tuple[tuple[str, int | None], ...]

# Fields that hold only whitespace and punctuation: no expression or statement is below them.
_PUNCTUATION = (
    "whitespace",
    "comma",
    "lpar",
    "rpar",
    "semicolon",
    "bracket",
    "brace",
    "leading_lines",
    "footer",
    "header",
)


@functools.cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = (f.name for f in dataclasses.fields(kind))
    return tuple(name for name in names if not any(part in name for part in _PUNCTUATION))


# Printing is what takes longest but for parsing, and a tree is printed by whoever reads, compares or writes it.
_printed: dict[cst.Module, str] = {}  # the newest few; a tree is told from others by identity


def parse(source: bytes) -> cst.Module:
    """Parses a file and takes it that the tree prints as the file reads.

    libcst is not true to the byte for every file (a form feed, a lone carriage return): whoever writes what became of
    the tree compares bytes at the end, as `apply` does when it takes all edits away again.

    Raises:
        cst.ParserSyntaxError: It is no Python.
    """
    tree = cst.parse_module(source)
    _remember(tree, source.decode(tree.encoding))
    return tree


def printed(tree: cst.Module) -> str:
    """The source text of a file, without a byte order mark; printed once for each tree."""
    return _printed[tree] if tree in _printed else _remember(tree, tree.code)


def _remember(tree: cst.Module, code: str) -> str:
    _printed[tree] = code
    if len(_printed) > 8:
        del _printed[next(iter(_printed))]
    return code


def walk(node: cst.CSTNode) -> Iterator[tuple[Path, cst.CSTNode]]:
    """Yields a node and everything below it but whitespace and punctuation, each with its path from the node."""
    todo: list[tuple[Path, cst.CSTNode]] = [((), node)]
    while todo:
        path, current = todo.pop()
        yield path, current
        for field in _fields(type(current)):
            value = getattr(current, field)
            if isinstance(value, cst.CSTNode):
                todo.append(((*path, (field, None)), value))
            elif isinstance(value, list | tuple):
                todo.extend(((*path, (field, i)), v) for i, v in enumerate(value) if isinstance(v, cst.CSTNode))


def node_at(root: cst.CSTNode, path: Path) -> cst.CSTNode:
    """The node that a path leads to."""
    node = root
    for field, index in path:
        node = getattr(node, field) if index is None else getattr(node, field)[index]
    return node


def replace_at(root: cst.CSTNode, path: Path, new: cst.CSTNode) -> cst.CSTNode:
    """A copy of `root` with another node at the end of the path; everything off the path is shared.

    Raises:
        cst.CSTValidationError: The new node cannot stand there, as a name right behind a keyword without a space.
    """
    if not path:
        return new
    (field, index), rest = path[0], path[1:]
    value = getattr(root, field)
    if index is None:
        return root.with_changes(**{field: replace_at(value, rest, new)})
    return root.with_changes(
        **{field: (*value[:index], replace_at(value[index], rest, new), *value[index + 1 :])},
    )


def insert_statement(block: cst.Module | cst.IndentedBlock, index: int, new: cst.SimpleStatementLine) -> cst.CSTNode:
    """A copy of a module or block with one more statement before the one at `index`."""
    return block.with_changes(body=(*block.body[:index], new, *block.body[index:]))


def text(node: cst.CSTNode) -> str:
    """The source text of a node that stands on its own."""
    return cst.Module(body=()).code_for_node(node)
