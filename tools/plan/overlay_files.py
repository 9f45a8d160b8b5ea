"""Reads `overlay/`: new files, at the path they will have in the upstream tree. It only ever adds."""

import dataclasses
import hashlib
import os
import pathlib

from tools.command import ROOT
from tools.refusal import Refused
from tools.upstream import trees

OVERLAY = ROOT / "overlay"

# What editors, Python and macOS leave lying around; never laid into a build.
_LITTER_FOLDERS = {"__pycache__", ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints"}
_LITTER_ENDINGS = (".pyc", ".pyo", ".swp", ".swo", "~", ".orig", ".rej", ".DS_Store")


@dataclasses.dataclass(frozen=True)
class OverlayFile:
    """One file of the overlay: its git mode and what it holds."""

    mode: str
    content: bytes

    @property
    def digest(self) -> str:
        """The sha256 of mode and content, as the stamp keeps it."""
        return hashlib.sha256(self.mode.encode() + b"\0" + self.content).hexdigest()


def read_overlay(folder: pathlib.Path = OVERLAY) -> dict[str, OverlayFile]:
    """Reads every file of the overlay, by its path in the tree.

    Raises:
        Refused: no folder, a link in it, or a Python file that does not compile.
    """
    if not folder.is_dir():
        raise Refused(str(folder), expected="a folder", found="nothing there", todo="restore it: git checkout overlay")
    files = {}
    for top, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LITTER_FOLDERS)
        here = pathlib.Path(top)
        for path in [here / name for name in sorted([*names, *folders])]:
            if path.is_symlink():
                raise Refused(str(path), expected="a file", found="a link", todo="put the file itself into the overlay")
            if path.is_file() and not is_litter(path.relative_to(folder)):
                mode = trees.EXECUTABLE if os.access(path, os.X_OK) else trees.PLAIN
                files[path.relative_to(folder).as_posix()] = OverlayFile(mode, path.read_bytes())
    for name, file in files.items():
        if name.endswith(".py"):
            refuse_broken_python(file.content, folder / name)
    return files


def is_litter(path: pathlib.PurePath) -> bool:
    """Is it something that an editor, Python or macOS left lying around?"""
    return path.name.endswith(_LITTER_ENDINGS) or not _LITTER_FOLDERS.isdisjoint(path.parts)


def check_only_adds(overlay: dict[str, OverlayFile], upstream: trees.Tree) -> None:
    """Refuses an overlay file that stands over something of upstream's; the same bytes in both are no harm."""
    modes = upstream.modes()
    by_case = {path.casefold(): path for path in modes}
    folders = {str(parent) for path in modes for parent in pathlib.PurePosixPath(path).parents}
    theirs = upstream.read([path for path in overlay if path in modes])
    for path, file in overlay.items():
        above = [str(parent) for parent in pathlib.PurePosixPath(path).parents if str(parent) in modes]
        if path in modes and theirs.get(path) == file.content:
            continue
        if path in modes:
            found = "upstream has a file at that path, with other content"
        elif path in folders:
            found = "upstream has a folder at that path"
        elif above:
            found = f"upstream has a file at {above[0]}"
        elif path.casefold() in by_case:
            found = f"upstream has {by_case[path.casefold()]}, the same name on a Mac"
        else:
            continue
        raise Refused(
            f"overlay/{path}",
            expected="a path that upstream does not have: the overlay only adds",
            found=found,
            todo="give the file another name; to change a file of upstream's, write a patch (docs/patches.md)",
        )


def refuse_broken_python(content: bytes, where: pathlib.Path | str) -> None:
    """Raises `Refused` with the line when the content is not Python that compiles."""
    try:
        compile(content, str(where), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as e:
        line = getattr(e, "lineno", None)
        raise Refused(
            f"{where}, line {line}" if line else str(where),
            expected="Python that compiles",
            found=f"{getattr(e, 'msg', e)}: {(getattr(e, 'text', '') or '').strip()}".rstrip(": "),
            todo="mend that line",
        ) from e
