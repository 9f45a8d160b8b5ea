"""One upstream file on its way through the series: edits are made one by one, and all of them checked at the end."""

import ast
import dataclasses
import difflib
import functools
import re
from typing import Self

import libcst as cst

from tools import codemods
from tools.codemods.source import tree as syntax_trees
from tools.plan import names
from tools.plan.patch import Edit
from tools.plan.patch import UpstreamHas


class CannotEdit(Exception):  # noqa: N818  (an answer about the file, which becomes the verdict of a patch)
    """The file is not as the edit needs it; `str()` is the reason, with the nearest candidates.

    Args:
        reason: What was looked for, and what was found.
        in_the_way: What has to be mended too where the edit is made by hand, or it would do nothing; "" for nothing.
    """

    def __init__(self, reason: str, in_the_way: str = ""):
        super().__init__(reason)
        self.in_the_way = in_the_way


@dataclasses.dataclass(frozen=True)
class Made:
    """One edit that was made, or found to be there already (`changed` is 0); `lines` of the patched file, from 1."""

    patch: str
    edit: Edit
    places: int
    changed: int
    lines: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class EditedFile:
    """An upstream file and the edits made to it so far; `edit` gives a new one and leaves this as it is."""

    path: str
    pristine: bytes
    text: bytes
    made: tuple[Made, ...] = ()
    tree: cst.Module | None = None

    def edit(self, edit: Edit, patch: str) -> Self:
        """Makes one edit.

        Raises:
            CannotEdit: the file does not parse, or the edit does not find its place exactly as often as it must.
        """
        tree = self.tree or parse(self.path, self.text)
        try:
            change = edit.change.apply(tree, count=edit.count)
        except codemods.NoPlace as e:
            raise self._no_place(e) from e
        except RecursionError as e:
            raise CannotEdit(f"{self.path}: its expressions are nested too deeply to be read") from e
        text = _bytes(change.tree) if change.changed else self.text
        lines, shift = _touched(self.text, text)
        earlier = tuple(dataclasses.replace(m, lines=tuple(shift(line) for line in m.lines)) for m in self.made)
        made = Made(patch, edit, change.places, change.changed, tuple(lines))
        return dataclasses.replace(self, text=text, tree=change.tree, made=(*earlier, made))

    def _no_place(self, e: codemods.NoPlace) -> CannotEdit:
        # Earlier edits moved the lines: the user looks for them in upstream's file.
        old, new = self.pristine.splitlines(), self.text.splitlines()
        same = difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_matching_blocks() if old != new else []
        back = {block.b + i + 1: block.a + i + 1 for block in same for i in range(block.size)}
        found = re.sub(r"\bline (\d+)\b", lambda match: f"line {back.get(int(match[1]), match[1])}", e.found)
        nearest = "".join(f"\n  {self.path}:{back.get(n, n)}  {source.strip()}" for n, source in e.candidates[:3])
        that = "that " if found.startswith("line ") else ""
        reason = f"{self.path}: looked for {e.looked_for}; found {that}{found}"
        return CannotEdit(reason + (f". Nearest:{nearest}" if nearest else ""), found if e.in_the_way else "")

    def answers(self, question: UpstreamHas) -> bool:
        """Does upstream, before any edit, do itself what this asks?"""
        return question.probe.holds(_parsed(self.pristine))

    def fault(self, modules: dict[str, ast.Module]) -> tuple[str, str] | None:
        """Looks at the finished file once more; returns the patch to blame and the reason, or None when all is well.

        Asked: does it compile; is every edit where it was meant to be, by Python's own parser; are all names that
        came in bound, and in the overlay; does a second run change nothing; does taking the edits away again give
        upstream's bytes back.

        Args:
            modules: The overlay's modules by dotted name.
        """
        ours = [made for made in self.made if made.changed]
        if not ours:
            return None
        try:
            compile(self.text, self.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as e:
            return ours[-1].patch, f"{self.path} would not compile: {e}"
        tree, parsed = parse(self.path, self.text), _parsed(self.text)
        for made in ours:
            change, where = made.edit.change, f"{self.path}: {made.edit.codemod}"
            if not change.holds(parsed):
                return made.patch, f"{where} did not end up where it was meant to"
            if wrong := names.unbound(change.injects(), parsed, modules):
                return made.patch, f"{where} brings in what is not there: {'; '.join(wrong)}"
            if change.apply(tree, count=made.edit.count).changed:
                return made.patch, f"{where} would be made a second time by a second run"
        for made in reversed(ours):
            tree = made.edit.change.undo(tree)
        if _bytes(tree) != self.pristine:
            why = (
                " (libcst does not print the file as it is)"
                if cst.parse_module(self.pristine).bytes != self.pristine
                else ""
            )
            return ours[-1].patch, f"{self.path}: taking the edits away does not give upstream's bytes back{why}"
        return None


def parse(path: str, text: bytes) -> cst.Module:
    """Parses a file; raises `CannotEdit` with the line where it is no Python."""
    try:
        return syntax_trees.parse(text)
    except cst.ParserSyntaxError as e:
        line, found = e.raw_line, e.message
        try:
            ast.parse(text)
        except SyntaxError as better:  # Python's own parser names the place more exactly
            line, found = better.lineno, f"{better.msg}: {(better.text or '').strip()}"
        raise CannotEdit(f"{path}, line {line}: expected Python, found {found}") from e
    except (UnicodeDecodeError, LookupError, RecursionError) as e:
        raise CannotEdit(f"{path}: expected Python source that libcst can read, found {e}") from e


def _bytes(tree: cst.Module) -> bytes:
    return syntax_trees.printed(tree).encode(tree.encoding)


def overlay_modules(overlay: dict[str, bytes]) -> dict[str, ast.Module]:
    """The Python modules of the overlay by dotted name, `src/openpi/a/__init__.py` as `openpi.a`."""
    found = {}
    for path, content in overlay.items():
        if path.startswith("src/") and path.endswith(".py"):
            dotted = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            found[dotted] = _parsed(content)
    return found


@functools.lru_cache(maxsize=32)
def _parsed(text: bytes) -> ast.Module:
    return ast.parse(text)


def _touched(before: bytes, after: bytes):
    """The lines of `after` that are new or changed, and a function that carries a line of `before` over to `after`."""
    if before == after:
        return [], lambda line: line
    old, new = before.splitlines(), after.splitlines()
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    most = min(len(old), len(new)) - head
    tail = next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)
    middle = difflib.SequenceMatcher(a=old[head : len(old) - tail], b=new[head : len(new) - tail], autojunk=False)
    lines = [head + j + 1 for tag, _, _, j1, j2 in middle.get_opcodes() if tag != "equal" for j in range(j1, j2)]
    return lines, lambda line: line + len(new) - len(old) if line > len(old) - tail else line
