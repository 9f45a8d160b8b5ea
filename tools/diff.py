"""`just diff`: the whole change to upstream, as it stands in the build."""

import json as json_text
import pathlib
import sys

from tools.builds import build
from tools.command import run
from tools.git import git


def diff(*, out: pathlib.Path = build.BUILD, stat: bool = False, patches_only: bool = False, json: bool = False) -> int:
    """Show the whole change to upstream: overlay, patches, and what you edited in the build since.

    Example:
        just diff --patches-only

    Args:
        out: The folder of the build.
        stat: Only the files and how many lines each.
        patches_only: Only the files that upstream owns, without the overlay's new ones.
        json: Print each file with the lines that it gained and lost, as JSON.
    """
    stamp = build.read(out.absolute())
    colour = "--color=always" if sys.stdout.isatty() else "--color=never"
    options = [*(["--stat"] if stat else []), *(["--diff-filter=a"] if patches_only else [])]
    if json:
        rows = (
            git(out.absolute(), "diff", "--no-renames", "--numstat", "-z", *options, stamp.pristine)
            .decode()
            .split("\0")
        )
        counts = [row.split("\t", 2) for row in rows if row]  # of a binary file git counts no lines and says "-"
        files = [
            {"path": path, **{key: int(n) if n != "-" else None for key, n in (("added", more), ("removed", less))}}
            for more, less, path in counts
        ]
        print(json_text.dumps({"ok": True, "onto": stamp.pristine, "files": files}, indent=2))
        return 0
    text = git(out.absolute(), "diff", colour, "--no-renames", *options, stamp.pristine)
    sys.stdout.buffer.write(text)
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    run(diff, "just diff")
