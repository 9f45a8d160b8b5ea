"""A file as Python's own parser reads it, to judge it before it is changed, and its lines to show when it is refused."""

import ast
from collections.abc import Iterable
import dataclasses
import difflib
import functools
import re
import sys

import libcst as cst

from tools.codemods import NoPlace
from tools.codemods.source.tree import printed


@dataclasses.dataclass(frozen=True)
class Source:
    """A file as Python's own parser sees it.

    Attributes:
        lines: The source lines without their ends; line 1 is `lines[0]`.
        module: The parsed file.
    """

    lines: list[str]
    module: ast.Module

    def candidates(self, lines: Iterable[int]) -> list[tuple[int, str]]:
        """The lines as `NoPlace` shows them, each once, in the order given."""
        return [(n, self.lines[n - 1].strip()) for n in dict.fromkeys(lines)]


# The codemods of one file follow each other on the same tree object where nothing changes in between.
@functools.lru_cache(maxsize=2)
def read(tree: cst.Module) -> Source:
    """Prints a libcst tree and parses it with `ast`.

    Raises:
        NoPlace: Python's own parser does not take the file.
    """
    code = printed(tree)
    try:
        module = ast.parse(code)
    except (SyntaxError, ValueError) as e:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise NoPlace(f"a file that Python {version} can parse", f"{e}") from e
    return Source(re.split(r"\r\n|\r|\n", code), module)


def nearest(name: str, others: Iterable[tuple[str, int]]) -> list[int]:
    """The lines of the (name, line) pairs whose name looks most like `name`, best first; the unlike are left out."""
    scored = [(difflib.SequenceMatcher(None, name, other).ratio(), line) for other, line in others]
    return [line for score, line in sorted(scored, key=lambda s: (-s[0], s[1])) if score > 0.6][:5]
