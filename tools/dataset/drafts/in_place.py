"""Changes a dataset where it lies, so that it is the old one or the new one whatever happens, and can be put back.

The new `data` and `meta` are made inside the dataset in a hidden folder; files that stay as they are are shared with the
old ones by hard links. Putting them in place is then only a matter of renames. Where a change stands is told by the name
of its folder, and going on from one to the next is one rename:

    .repair-making    being written: thrown away by the next change
    .repair-going     written: whoever reads the dataset next finishes putting it in place
    .repair-undo      done: holds the old folders, and journal.json with what the new ones were
    .repair-undoing   being put back: whoever reads the dataset next finishes that
    .repair-gone      of no more use: thrown away by the next change
"""

from collections.abc import Callable
import contextlib
import json
import os
import pathlib
import shutil
import time
from typing import Any

from tools.dataset.drafts.own_files import refuse_links
from tools.dataset.durable import flush
from tools.dataset.durable import write_durably
from tools.dataset.record import write_lock
from tools.refusal import Refused

_MAKING, _GOING, _UNDO, _UNDOING, _GONE = (
    f".repair-{state}" for state in ("making", "going", "undo", "undoing", "gone")
)
_JOURNAL = "journal.json"


def change(root: pathlib.Path, make: Callable[[pathlib.Path], None], what: list[str]) -> None:
    """Replaces folders of a dataset.

    Args:
        root: The dataset's folder.
        make: Writes the new folders, such as `data` and `meta`, into the empty folder that it is given.
        what: What is being done, for the journal.

    Raises:
        Refused: Another process writes to it, or its files are links to files elsewhere.
        OSError: The disk is full or not writable; the dataset is the old one then.
    """
    refuse_links(root)
    with write_lock.held(root):
        _settle(root)
        for name in (_MAKING, _GONE):
            _remove(root / name)
        making = root / _MAKING
        try:
            (making / "new").mkdir(parents=True)
            (making / "old").mkdir()
            make(making / "new")
            journal = {
                "when": time.strftime("%Y-%m-%d %H:%M:%S"),
                "what": what,
                "folders": sorted(os.listdir(making / "new")),
                "became": _state(making / "new"),
            }
            write_durably(making / _JOURNAL, json.dumps(journal).encode())
            _flush_all(making)
            os.rename(making, root / _GOING)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        flush(root)
        _settle(root)


def undo(root: pathlib.Path) -> dict[str, Any]:
    """Puts back what was there before the last change, to the byte.

    Returns:
        The journal of that change: `when` and `what`.

    Raises:
        Refused: There is nothing to undo, or the dataset has been changed since by something else.
    """
    with write_lock.held(root):
        _settle(root)
        if not (root / _UNDO / _JOURNAL).is_file():
            raise Refused(
                str(root),
                expected="a dataset that was repaired with --in-place",
                found=f"no {_UNDO}/ in it",
                todo="nothing: it is as it was; what --in-place replaces is kept until the next time",
            )
        journal = json.loads((root / _UNDO / _JOURNAL).read_bytes())
        now = {path: state for name in journal["folders"] for path, state in _state(root, name).items()}
        changed = sorted(path for path in {**now, **journal["became"]} if now.get(path) != journal["became"].get(path))
        if changed:
            raise Refused(
                str(root / changed[0]),
                expected=f"the dataset as the repair of {journal['when']} has left it",
                found=f"{len(changed)} of its files changed, added or removed since",
                todo=f"take what you need from {root / _UNDO / 'old'}, which is the dataset before that repair",
            )
        os.rename(root / _UNDO, root / _UNDOING)
        flush(root)
        _settle(root)
        return journal


def settle(root: pathlib.Path) -> None:
    """Finishes a change or an undoing that was interrupted; does nothing where there is none.

    Raises:
        Refused: One is under way right now, or another program has put files where a folder has to go.
    """
    if os.path.lexists(root / _GOING) or os.path.lexists(root / _UNDOING):
        with write_lock.held(root):
            _settle(root)


def _settle(root: pathlib.Path) -> None:
    """Goes on from whatever state there is; each step, done again from the start, comes to the same."""
    going, undoing = root / _GOING, root / _UNDOING
    if going.is_dir():
        for name in _names(going):
            if os.path.lexists(going / "new" / name):
                if os.path.lexists(root / name) and not os.path.lexists(going / "old" / name):
                    os.rename(root / name, going / "old" / name)
                _make_way(root / name)
                os.rename(going / "new" / name, root / name)
        for folder in (root, going / "old", going / "new"):
            flush(folder)
        if os.path.lexists(root / _UNDO):  # only the last change can be undone
            _remove(root / _GONE)
            os.rename(root / _UNDO, root / _GONE)
        os.rename(going, root / _UNDO)
        flush(root)
    if undoing.is_dir():
        for name in _names(undoing):
            if os.path.lexists(root / name) and not os.path.lexists(undoing / "new" / name):
                os.rename(root / name, undoing / "new" / name)
            if os.path.lexists(undoing / "old" / name):
                _make_way(root / name)
                os.rename(undoing / "old" / name, root / name)
        for folder in (root, undoing / "old", undoing / "new"):
            flush(folder)
        _remove(root / _GONE)
        os.rename(undoing, root / _GONE)
        flush(root)
    _remove(root / _GONE)


def _make_way(place: pathlib.Path) -> None:
    """Removes what another program has made where a folder has just gone aside, if there is no file in it.

    Raises:
        Refused: There is one; nothing is done to it.
    """
    if place.is_dir() and not place.is_symlink():
        for at, _, _ in os.walk(place, topdown=False):
            with contextlib.suppress(OSError):  # something is in it
                os.rmdir(at)
    if os.path.lexists(place):
        raise Refused(
            str(place),
            expected="nothing: a repair was interrupted while it exchanged this folder, and goes on now",
            found="files that another program has put there since",
            todo=f"move it out of {place.parent}, or remove it if it is of no use; then run this again. All files of the "
            f"dataset are in {place.parent}, in {_GOING} or {_UNDOING}",
        )


def _names(folder: pathlib.Path) -> list[str]:
    """The folders of the dataset that a change is about."""
    return json.loads((folder / _JOURNAL).read_bytes())["folders"]


def _state(folder: pathlib.Path, name: str = "") -> dict[str, list[int]]:
    """Size and time of every file, by path, by which a change is seen later."""
    found = {}
    for at, _, names in os.walk(folder / name):
        for one in names:
            status = os.lstat(os.path.join(at, one))
            found[pathlib.Path(at, one).relative_to(folder).as_posix()] = [status.st_size, status.st_mtime_ns]
    return found


def _flush_all(folder: pathlib.Path) -> None:
    for at, _, names in os.walk(folder, topdown=False):
        for name in names:
            flush(pathlib.Path(at, name))
        flush(pathlib.Path(at))


def _remove(folder: pathlib.Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
