"""Ways to change the text of a Python file: none knows how a codemod finds its place, and none uses libcst.

Each is, or returns, a function of a text and a source of chance that gives the new text, or None where it does not
apply to this one.
"""

import ast
from collections.abc import Callable
import io
import random
import re
import subprocess
import sys
import tokenize

Reshape = Callable[[str, random.Random], str | None]


def shuffle_imports(text: str, chance: random.Random) -> str | None:
    """Puts the one-line imports of the top level each in the place of another."""
    lines = text.splitlines(keepends=True)
    found = [s for s in ast.parse(text).body if isinstance(s, ast.Import | ast.ImportFrom)]
    at = [s.lineno - 1 for s in found if s.lineno == s.end_lineno and "__future__" not in ast.unparse(s)]
    if not all(lines[i].endswith("\n") and lines[i].startswith(("import ", "from ")) for i in at):
        return None
    moved = dict(zip(at, (lines[i] for i in chance.sample(at, len(at))), strict=True))
    return "".join(moved.get(i, line) for i, line in enumerate(lines))


def close_up_imports(text: str, _: random.Random) -> str:
    """Takes the blank lines between the imports away."""
    return re.sub(r"^((?:import|from) .*\n)(?:\r?\n)+(?=import |from )", r"\1", text, flags=re.MULTILINE)


def ruff_format(*options: str) -> Reshape:
    """Formats the text with a line length that chance chooses."""

    def reshape(text: str, chance: random.Random) -> str | None:
        width = chance.choice([40, 79, 160, 320])
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", f"--line-length={width}"]
        command += [part for option in options for part in ("--config", option)]
        done = subprocess.run([*command, "-"], input=text.encode(), capture_output=True, check=False)
        return done.stdout.decode() if done.returncode == 0 else None

    return reshape


def unparse(text: str, _: random.Random) -> str:
    """No comments, every statement on one line, no trailing commas."""
    return ast.unparse(ast.parse(text)) + "\n"


def comment(text: str, chance: random.Random) -> str:
    """Comments behind and between the lines, wherever the tokenizer sees the end of one; they name the anchors."""
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    commented = {t.start[0] for t in tokens if t.type == tokenize.COMMENT}
    ends = {t.start[0] for t in tokens if t.type in (tokenize.NEWLINE, tokenize.NL) and t.string}
    for row in sorted(ends):
        line = lines[row - 1]
        body = line.rstrip("\r\n")
        ending = line[len(body) :]
        if row not in commented and chance.random() < 0.3 and body.strip():
            lines[row - 1] = f"{body}  # _CONFIGS = [LeRobotDataset()]{ending}"
        if ending and chance.random() < 0.2:
            indent = chance.choice(["", "    ", "        "])
            lines[row - 1] += f"{indent}# import openpi.training.overlay_configs as overlay_configs, ö{ending}"
    return "".join(lines)


def use_crlf(text: str, _: random.Random) -> str:
    """Windows line ends."""
    return re.sub(r"\r?\n", "\r\n", text)


def end_without_newline(text: str, _: random.Random) -> str:
    """A last line without its end."""
    return text.rstrip("\r\n")


def begin_with_a_mark(text: str, _: random.Random) -> str:
    """A byte order mark."""
    return "\ufeff" + text


def import_the_future(text: str, _: random.Random) -> str | None:
    """`from __future__ import annotations` behind the docstring."""
    tree, lines = ast.parse(text), text.splitlines(keepends=True)
    at = tree.body[1 if ast.get_docstring(tree) is not None else 0].lineno - 1
    if "__future__" in text:
        return None
    return "".join([*lines[:at], "from __future__ import annotations\n", *lines[at:]])


def substitute(pattern: str, new: str) -> Reshape:
    """Replaces what a regular expression finds, line by line; None where it finds nothing."""

    def reshape(text: str, _: random.Random) -> str | None:
        reshaped, count = re.subn(pattern, new, text, flags=re.MULTILINE)
        return reshaped if count else None

    return reshape


def append(code: str) -> Reshape:
    """Adds code at the end of the file."""
    return lambda text, _: f"{text.rstrip()}\n\n\n{code}\n"


def around_value(name: str, before: str, after: str) -> Reshape:
    """Writes code around what the top level assigns to a name."""

    def reshape(text: str, _: random.Random) -> str | None:
        statement = _assignment(text, name)
        if statement is None:
            return None
        value, lines = statement.value, text.splitlines(keepends=True)
        # From the back, so that the first place stays where it was.
        for row, column, code in (
            (value.end_lineno, value.end_col_offset, after),
            (value.lineno, value.col_offset, before),
        ):
            line = lines[row - 1].encode()  # ast counts columns in UTF-8 bytes
            lines[row - 1] = (line[:column] + code.encode() + line[column:]).decode()
        return "".join(lines)

    return reshape


def in_place_of_assignment(name: str, code: str) -> Reshape:
    """Writes code where the top level assigns to a name."""

    def reshape(text: str, _: random.Random) -> str | None:
        statement = _assignment(text, name)
        if statement is None:
            return None
        lines = text.splitlines(keepends=True)
        return "".join([*lines[: statement.lineno - 1], code + "\n", *lines[statement.end_lineno :]])

    return reshape


def _assignment(text: str, name: str) -> ast.Assign | ast.AnnAssign | None:
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                return statement
    return None
