"""What every codemod promises, asked of every case: the author of a case gives two texts, and cannot forget the rest.

Each case is also run with CRLF line ends, without the last line's end, and behind a byte order mark.
"""

import ast
from collections.abc import Iterator

import libcst as cst
import pytest

from tools.codemods import Codemod
from tools.codemods import NoPlace


def changes(codemod: Codemod, before: str, after: str, *, count: int = 1) -> None:
    """Asserts that `before` becomes `after`, to the byte, and everything that follows from that."""
    assert before != after, "a case that changes nothing is for `already`"
    for old, new in zip(_variants(before), _variants(after), strict=True):
        tree = _parse(old)
        assert not codemod.holds(ast.parse(old)), "it holds before the change"
        change = codemod.apply(tree, count=count)
        assert change.tree.bytes == new
        assert (change.places, change.changed) == (count, count)
        assert tree.bytes == old, "the tree that went in was changed"
        compile(new, "after.py", "exec", dont_inherit=True)
        assert codemod.holds(ast.parse(new)), "it does not hold after the change"
        told = codemod.by_hand()
        assert told.where
        assert all(part in told.code for part in codemod.injects()), "a person is told to write something else"
        for tree_after in (change.tree, _parse(new)):
            again = codemod.apply(tree_after, count=count)
            assert again.tree is tree_after, "a second run changes something"
            assert (again.places, again.changed) == (count, 0)
            assert codemod.undo(tree_after).bytes == old, "taking it away does not give the bytes back"


def already(codemod: Codemod, before: str, *, count: int = 1) -> None:
    """Asserts that the change is found to be there, and nothing is touched."""
    for text in _variants(before):
        tree = _parse(text)
        change = codemod.apply(tree, count=count)
        assert change.tree is tree
        assert (change.places, change.changed) == (count, 0)
        assert codemod.holds(ast.parse(text))


def refused(codemod: Codemod, before: str, found: str, lines: list[int] | None = None, *, count: int = 1) -> None:
    """Asserts that there is no place, that the reason says `found`, and that the candidates are at `lines`."""
    for text in _variants(before):
        tree = _parse(text)
        with pytest.raises(NoPlace) as caught:
            codemod.apply(tree, count=count)
        assert found in caught.value.found
        assert caught.value.looked_for
        assert tree.bytes == text
        source = before.splitlines()
        for line, shown in caught.value.candidates:
            assert source[line - 1].strip() == shown.removeprefix("\ufeff")
        if lines is not None:
            assert [line for line, _ in caught.value.candidates] == lines


def _variants(text: str) -> Iterator[bytes]:
    yield text.encode()
    yield text.replace("\n", "\r\n").encode()
    yield text.removesuffix("\n").encode()
    yield b"\xef\xbb\xbf" + text.encode()


def _parse(text: bytes) -> cst.Module:
    tree = cst.parse_module(text)
    assert tree.bytes == text, "libcst does not print this case back: it tests nothing"
    return tree
