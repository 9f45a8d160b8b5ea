"""`just export DIR`: the series as patch files for `git am`, the same bytes on every machine."""

import json as json_text
import os
import pathlib
import re
import shutil
import tempfile
from typing import Annotated

import tyro

from tools.builds import build
from tools.builds import user_edits
from tools.command import note
from tools.command import run
from tools.fast_import import AUTHOR_EMAIL
from tools.fast_import import AUTHOR_NAME
from tools.git import git
from tools.refusal import Refused


def export(
    folder: Annotated[pathlib.Path, tyro.conf.Positional], /, *, out: pathlib.Path = build.BUILD, json: bool = False
) -> int:
    """Write the build's series as numbered patch files; `git am` lays them on the pristine upstream commit.

    A fork with CRLF line ends needs `git am --keep-cr`.

    Example:
        just export ../openpi-patches && git -C ../openpi am ../openpi-patches/*.patch

    Args:
        folder: Where the files go: a new folder, an empty one, or one that holds an earlier export.
        out: The folder of the build.
        json: Print the result as JSON.
    """
    out, folder = out.absolute(), folder.resolve()
    stamp = build.read(out)
    if edited := user_edits.edited(out, stamp.commit):
        raise Refused(
            str(out),
            expected="a build without edits, so that the export is what the series says",
            found="edits in " + ", ".join(edited[:5]),
            todo="carry them back (just harvest) or set them aside (just apply --force)",
        )
    _refuse_foreign(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = pathlib.Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        # Nothing of the machine in the files: no git version, no abbreviated hash, no statistics, no renames.
        plain = ("--no-signature", "--zero-commit", "--full-index", "--no-stat", "--no-renames", "--no-numbered")
        span = f"{stamp.pristine}..{stamp.commit}"
        git(out, "-c", "diff.noprefix=false", "format-patch", "--quiet", "--diff-algorithm=myers", *plain,
            "--output-directory", str(aside), span)  # fmt: skip
        os.chmod(aside, 0o777 & ~_umask())
        names = sorted(path.name for path in aside.iterdir())
        if folder.exists():
            old = aside.with_name(aside.name + ".old")
            os.rename(folder, old)
            os.rename(aside, folder)
            shutil.rmtree(old)
        else:
            os.rename(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    files = [str(folder / name) for name in names]
    if json:
        print(json_text.dumps({"ok": True, "onto": stamp.pristine, "gives": stamp.commit, "files": files}, indent=2))
    else:
        print("\n".join(files))
        origin = stamp.upstream
        note(f"they fit {origin['source']} {origin['id']} of {origin['date'] or 'no known date'}, and no other tree")
    return 0


def _refuse_foreign(folder: pathlib.Path) -> None:
    """Refuses a folder that holds anything but an earlier export: it is replaced as a whole."""
    if folder.exists() and not folder.is_dir():
        raise Refused(str(folder), expected="a folder or nothing", found="a file", todo="name another folder")
    others = sorted(path.name for path in folder.iterdir() if not _is_ours(path)) if folder.exists() else []
    if others:
        raise Refused(
            str(folder),
            expected="a new folder, an empty one, or one with nothing but an earlier export",
            found=", ".join(others[:5]),
            todo="name another folder",
        )


def _is_ours(path: pathlib.Path) -> bool:
    """Is it a patch file that `export` wrote, by its name and its first lines?"""
    if not re.fullmatch(r"\d{4}-.*\.patch", path.name) or not path.is_file() or path.is_symlink():
        return False
    head = path.read_bytes()[:300].split(b"\n")
    return head[0].startswith(b"From " + b"0" * 40) and f"From: {AUTHOR_NAME} <{AUTHOR_EMAIL}>".encode() in head[:2]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


if __name__ == "__main__":
    run(export, "just export")
