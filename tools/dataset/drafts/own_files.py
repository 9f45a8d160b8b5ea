"""Whether a dataset's files are its own, and not links to files that others read too."""

import os
import pathlib

from tools.refusal import Refused


def refuse_links(root: pathlib.Path) -> None:
    """Says no to a dataset whose files are not its own: a link, or the hub's cache, whose files are links.

    Raises:
        Refused: It is one; the message says which.
    """
    linked = [path for path in (root, root / "data", root / "meta") if path.is_symlink()]
    for name in ("data", "meta") if not linked else ():
        for at, folders, names in os.walk(root / name):
            linked += (pathlib.Path(at, one) for one in (*folders, *names) if pathlib.Path(at, one).is_symlink())
            if linked:
                break
    real = root.resolve()
    if not linked and real.parent.name == "snapshots" and (real.parent.parent / "blobs").is_dir():
        linked = [root]
    if linked:
        raise Refused(
            str(linked[0]),
            expected="a dataset with files of its own, to change it in place",
            found=f"a link to {os.readlink(linked[0])}" if linked[0].is_symlink() else "a snapshot in the hub's cache",
            todo="leave --in-place out, which writes a dataset of its own"
            + (f"; or name {real} itself" if linked[0] == root and root.is_symlink() else ""),
        )
