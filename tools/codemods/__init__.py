"""Codemods: each file here is one generic change to a Python file, and knows nothing of OpenPI.

A codemod `add_import` is the file `add_import.py` with a frozen dataclass `AddImport`. Its fields are its parameters,
as a patch in `patches/*.toml` writes them, and it answers five questions about one file:

- `apply(tree)`: the file with the change made (`Change`), or a `NoPlace` that says what was looked for.
- `undo(tree)`: the file with the change taken away again, to the byte.
- `holds(tree)`: does the change stand where it was meant to? Asked of Python's own `ast`, on purpose not of libcst:
  two parsers must agree before a byte is written.
- `injects()`: the import that the change puts into the file, or the dotted and the called names; whoever applies it
  checks that they exist. A function's parameters are not among them: those are for `apply` to check.
- `by_hand()`: what a person would write, and where, in a file that `apply` refuses.

A second `apply` returns the same tree with `changed=0`: the change is already there. What several codemods need, and
is none itself, is in `source/`.
"""

import ast
import dataclasses
from typing import Protocol, Self

import libcst as cst


@dataclasses.dataclass(frozen=True)
class Change:
    """What `apply` did.

    Attributes:
        tree: The file after the change; the same object when nothing had to change.
        places: How many places matched, those that had the change already included.
        changed: How many of them were changed now; 0 means it was there already.
    """

    tree: cst.Module
    places: int
    changed: int


@dataclasses.dataclass(frozen=True)
class ByHand:
    """The change as a person makes it: where, in words, and the code to write there."""

    where: str
    code: str


class NoPlace(Exception):  # noqa: N818  (not a fault: the file is not of the shape that the change needs)
    """No place, or not the expected number of places, for a change.

    Args:
        looked_for: What the codemod holds on to, in words: "a module-level list named _CONFIGS".
        found: What there is instead, in words: "2 of them".
        candidates: The nearest things in the file, as (line, source line), best first.
        in_the_way: The place is there, and what was found is why the change would do nothing in it: whoever makes the
            change by hand has to mend that too.
    """

    def __init__(
        self,
        looked_for: str,
        found: str,
        candidates: list[tuple[int, str]] | None = None,
        *,
        in_the_way: bool = False,
    ):
        super().__init__(f"{looked_for}: {found}")
        self.looked_for = looked_for
        self.found = found
        self.candidates = candidates or []
        self.in_the_way = in_the_way


class Codemod(Protocol):
    """What each codemod class offers; its dataclass fields are its parameters."""

    def apply(self: Self, tree: cst.Module, *, count: int = 1) -> Change: ...

    def undo(self: Self, tree: cst.Module) -> cst.Module: ...

    def holds(self: Self, tree: ast.Module) -> bool: ...

    def injects(self: Self) -> list[str]: ...

    def by_hand(self: Self) -> ByHand: ...
