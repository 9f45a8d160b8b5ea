"""A copy of the project for a test to break, and what tests of commands look at."""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
from typing import Any


@dataclasses.dataclass(frozen=True)
class Project:
    """A copy of the project in a folder of its own."""

    root: pathlib.Path

    @property
    def build(self) -> pathlib.Path:
        """Where its apply builds by default."""
        return self.root / "build" / "openpi"

    def just(self, command: str, *args: str | pathlib.Path, **options: Any) -> subprocess.CompletedProcess:
        """Runs a command of the copy as a process, the way the justfile does; output comes as text."""
        env = os.environ | {"PYTHONPATH": str(self.root), "NO_COLOR": "1"} | options.pop("env", {})
        line = [sys.executable, "-P", "-m", f"tools.{command}", *map(str, args)]
        return subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=600, **options)

    def json(self, command: str, *args: str | pathlib.Path) -> dict:
        """Runs a command with --json and returns what it printed."""
        return json.loads(self.just(command, *args, "--json").stdout)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replaces a text, which must be there, in a file of the copy."""
        file = self.root / path
        text = file.read_text()
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new))


def snapshot(folder: pathlib.Path) -> dict[str, tuple[int, str | bytes]]:
    """Every file and link below a folder with its mode and content, to see whether anything changed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if "__pycache__" in path.parts:
            continue
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        found[str(path.relative_to(folder))] = (path.lstat().st_mode, content)
    return found


def show(done: subprocess.CompletedProcess) -> str:
    """What a command said, for the message of an assertion."""
    return f"exit {done.returncode}\n--- stdout\n{done.stdout}\n--- stderr\n{done.stderr}"
