"""Makes a dataset of a draft, in a new folder: whole or not at all, and without touching the source.

A file in which nothing changes is copied byte for byte. One in which something does is written again row group by row
group, its images as the bytes they are; so memory is bounded by one row group.
"""

from collections.abc import Callable, Iterable, Iterator
import contextlib
import errno
import fcntl
import os
import pathlib
import re
import shutil
import uuid

from tools.dataset.drafts.carry_file import copy_any
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.lay_out import lay_out
from tools.dataset.drafts.written import Written
from tools.dataset.durable import flush
from tools.dataset.plain import just
from tools.dataset.progress import Progress
from tools.refusal import Refused

# LeRobot's own writer leaves the frames there that it has put into the parquet; they are no part of a dataset.
_LEFT_BEHIND = ("images",)


def write_out(
    draft: Draft,
    target: pathlib.Path,
    progress: Callable[[int, int], None] | None = None,
    *,
    only_changed: bool = False,
) -> Written:
    """Writes a draft to a new folder.

    It is made under a hidden name beside its target, brought to the disk and renamed. What an earlier run left there
    when it was killed is removed first.

    Args:
        draft: What to write; the statistics of columns that its steps change are brought up to date in it.
        target: The new dataset's folder; nothing may be there.
        progress: Told how many of how many data files are done.
        only_changed: Write nothing where it would be the source again.

    Raises:
        Refused: Something is at the target, or it lies inside the source.
        NothingChangedError: It would be the source again.
        OSError: The disk is full or not writable; nothing is left then.
    """
    with new_folder(draft.source.root, target) as folder:
        done = fill(draft, folder, progress=progress)
        if only_changed:
            done.refuse_unchanged()
        return done


def fill(
    draft: Draft, folder: pathlib.Path, *, whole: bool = False, progress: Callable[[int, int], None] | None = None
) -> Written:
    """Writes a draft into a folder that `new_folder` gave.

    Args:
        draft: What to write.
        folder: Where.
        whole: Refuse where a file cannot be written again; without, it is carried over as it is.
        progress: Told how many of how many data files are done.

    Raises:
        Refused: A file cannot be written again, and `whole` asks for it.
    """
    done = lay_out(draft, folder, progress=progress)
    if whole and done.unreadable:
        episode, why = next(iter(done.unreadable.items()))
        path = draft.files[episode]
        number = draft.numbers[path]
        # Of several datasets that become one, the one that it is from.
        root = next((folder for folder in path.parents if (folder / "meta").is_dir()), draft.source.root)
        raise Refused(
            str(path),
            expected="a file that can be written again",
            found=why,
            todo=f"leave that episode out: {just('edit-dataset delete', root, '--episodes', number)}",
        )
    carry_over(draft.source.root, folder)
    return done


def carry_over(source: pathlib.Path, folder: pathlib.Path) -> None:
    """Copies what a dataset's folder has besides data, meta and videos: its card and the like."""
    for path in sorted(source.iterdir()):
        if path.name not in ("data", "meta", "videos", *_LEFT_BEHIND) and not path.name.startswith("."):
            copy_any(path, folder / path.name)


@contextlib.contextmanager
def new_folder(
    source: pathlib.Path, target: pathlib.Path, *, also: Iterable[pathlib.Path] = ()
) -> Iterator[pathlib.Path]:
    """Gives an empty hidden folder beside a target; what was put in it becomes the target at the end, or nothing does.

    What an earlier run left there when it was killed is removed first.

    Args:
        source: The dataset that it is made from.
        target: The new folder; nothing may be there.
        also: Other datasets that it is made from.

    Raises:
        Refused: Something is at the target, or it lies inside a source.
    """
    target = pathlib.Path(os.path.abspath(target.expanduser()))
    for one in (source, *also):
        refuse_target(one, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_over(target)
    with _aside(target) as folder:
        yield folder
        _flush_all(folder)
        if os.path.lexists(target):
            refuse_target(source, target)
        try:
            os.rename(folder, target)
        except OSError as e:  # another run was there first, after the look above
            if e.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                refuse_target(source, target)
            raise
    flush(target.parent)


def _flush_all(folder: pathlib.Path) -> None:
    """Has the disk take all that is in a folder, each file before the folder that names it."""
    paths = [
        path for at, _, names in os.walk(folder, topdown=False) for path in (*(f"{at}/{name}" for name in names), at)
    ]
    with Progress("brought {done:,} of {total:,} files and folders to the disk") as progress:
        for done, path in enumerate(paths, 1):
            flush(pathlib.Path(path))
            progress(done, len(paths))


def refuse_target(source: pathlib.Path, target: pathlib.Path) -> None:
    """Says no to a folder to which a draft of `source` cannot be written.

    Raises:
        Refused: Something is there, or one of the two lies inside the other.
    """
    real, into = source.resolve(), target.resolve()
    if into != real and (into.is_relative_to(real) or real.is_relative_to(into)):
        raise Refused(
            str(target),
            expected="a folder outside the dataset that it is made from",
            found=f"one that {'lies inside' if into.is_relative_to(real) else 'holds'} {source}",
            todo="name another folder with --out",
        )
    if os.path.lexists(target):
        raise Refused(
            str(target),
            expected="nothing there: the new dataset is made in a folder of its own",
            found="a folder" if target.is_dir() else "a file",
            todo="remove it if it is of no use, or name another folder with --out",
        )


@contextlib.contextmanager
def _aside(target: pathlib.Path) -> Iterator[pathlib.Path]:
    """An empty folder beside the target, held by a lock while it is being filled; removed where the body raises."""
    folder = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.new")
    folder.mkdir()
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a disk without locks: then what is left of a killed run stays
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        os.close(handle)


def _remove_left_over(target: pathlib.Path) -> None:
    """Removes what killed runs have left beside the target; one that is still at work holds its folder by a lock."""
    name = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.new")
    for path in target.parent.iterdir():
        if not name.fullmatch(path.name) or path.is_symlink() or not path.is_dir():
            continue
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        except OSError:
            pass  # in use, or a disk without locks
        finally:
            os.close(handle)
