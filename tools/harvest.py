"""`just harvest`: edits that you made to overlay files in the build, carried back into `overlay/`."""

import json as json_text
import os
import pathlib
import tempfile
from typing import Annotated

import tyro

from tools.builds import build
from tools.builds import stamp as stamps
from tools.builds import user_edits
from tools.command import run
from tools.plan import overlay_files
from tools.plan.overlay_files import OverlayFile
from tools.refusal import Refused
from tools.upstream import trees


def harvest(
    paths: Annotated[list[str], tyro.conf.Positional] = [],  # noqa: B006  (tyro reads it, nobody changes it)
    /,
    *,
    out: pathlib.Path = build.BUILD,
    check: bool = False,
    json: bool = False,
) -> int:
    """Carry edits of overlay files from the build back into overlay/; `just apply` is content with them then.

    Without paths: every overlay file that was edited in the build. A new file of yours must be named.

    Example:
        just harvest
        just harvest src/openpi/policies/my_policy.py

    Args:
        paths: Files in the build, by their path in the tree.
        out: The folder of the build.
        check: Only say what would be carried back.
        json: Print the result as JSON.
    """
    out = out.absolute()
    stamp = build.read(out)
    edited = user_edits.edited(out, stamp.commit)
    wanted = [_in_tree(out, path) for path in paths] or [path for path in edited if path in stamp.overlay]
    carried = {path: _read(out, path, stamp) for path in wanted}
    _refuse_conflict(carried, stamp)
    for path, file in carried.items():
        if not check:
            _write(overlay_files.OVERLAY / path, file)
    left = [] if paths else [path for path in edited if path not in stamp.overlay]
    if json:
        print(json_text.dumps({"ok": True, "carried": sorted(carried), "left": left}, indent=2))
        return 0
    for path in carried:
        print(f"{'would carry' if check else 'carried'}  overlay/{path}")
    if left:
        print(f"not carried, upstream's own (write a patch, docs/patches.md): {', '.join(left)}")
    if not carried and not left:
        print("nothing to carry back")
    return 0


def _in_tree(out: pathlib.Path, path: str) -> str:
    """The path in the tree of a file that the user named by that path, or as it lies on disk."""
    for base in (out, pathlib.Path.cwd()):
        whole = pathlib.Path(os.path.normpath(base / path))
        if whole.is_file() and out in whole.parents:
            inside = whole.relative_to(out)
            if inside.parts[0] in (".git", *user_edits.KEPT) or overlay_files.is_litter(inside):
                raise Refused(
                    path, expected="a source file", found=f"{inside}, which no overlay holds", todo="name another"
                )
            return inside.as_posix()
    raise Refused(
        path,
        expected=f"a file in the build {out}",
        found="none",
        todo="name it by its path in the tree, such as src/openpi/policies/my_policy.py",
    )


def _read(out: pathlib.Path, path: str, stamp: stamps.Stamp) -> OverlayFile:
    """Reads a file from the build; refuses upstream's own, links, and Python that does not compile."""
    file = out / path
    known = trees.GitTree(out, stamp.pristine, trees.Origin("git", stamp.pristine, "")).modes()
    if path in known and path not in stamp.overlay:
        raise Refused(path, expected="a file of the overlay, or a new one", found="a file of upstream's",
                      todo="write the change as a patch (docs/patches.md)")  # fmt: skip
    if not file.is_file() or file.is_symlink():
        found = "removed in the build" if not file.exists() else "a link"
        raise Refused(path, expected="a file", found=found, todo=f"remove overlay/{path} yourself if that is meant")
    mode = trees.EXECUTABLE if os.access(file, os.X_OK) else trees.PLAIN
    content = file.read_bytes()
    if path.endswith(".py"):
        overlay_files.refuse_broken_python(content, file)
    return OverlayFile(mode, content)


def _refuse_conflict(carried: dict[str, OverlayFile], stamp: stamps.Stamp) -> None:
    """Refuses where overlay/ changed too since the build was made: neither side is thrown away."""
    now = overlay_files.read_overlay()
    for path, file in carried.items():
        was, is_now = stamp.overlay.get(path), now[path].digest if path in now else None
        if is_now not in (was, file.digest):
            raise Refused(
                f"overlay/{path}",
                expected="the file as it was when the build was made",
                found="removed since" if is_now is None else "changed since, and the build's differs too",
                todo="merge the two by hand into overlay/, then: just apply --force",
            )


def _write(target: pathlib.Path, file: OverlayFile) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix="~", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(file.content)
            temporary.flush()
            os.fsync(temporary.fileno())
        os.chmod(name, 0o755 if file.mode == trees.EXECUTABLE else 0o644)
        os.replace(name, target)
    except BaseException:
        pathlib.Path(name).unlink(missing_ok=True)
        raise


if __name__ == "__main__":
    run(harvest, "just harvest")
