"""just repair-dataset: mends what a check of a dataset found and can be mended, without touching a pixel."""

import json as json_lib
import os
import pathlib
from typing import Annotated

import tyro

from tools.command import run
from tools.dataset import repair_plan
from tools.dataset import repair_report
from tools.dataset.check_run import check_dataset
from tools.dataset.dataset import path_by_template
from tools.dataset.dataset import read_dataset
from tools.dataset.drafts import in_place as in_place_lib
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.draft import draft_of
from tools.dataset.drafts.lay_out import lay_out
from tools.dataset.drafts.own_files import refuse_links
from tools.dataset.drafts.write_out import refuse_target
from tools.dataset.drafts.write_out import write_out
from tools.dataset.drafts.written import NothingChangedError
from tools.dataset.drafts.written import Written
from tools.dataset.plain import say
from tools.dataset.progress import Progress
from tools.dataset.record.append_journal import NAME as JOURNAL
from tools.dataset.report import Report
from tools.refusal import WrongUsage


def repair(
    path: Annotated[pathlib.Path, tyro.conf.Positional], *, out: pathlib.Path | None = None, only: tuple[str, ...] = (),
    deep: bool = False, dry_run: bool = False, in_place: bool = False, undo: bool = False, json: bool = False,
) -> int:  # fmt: skip
    """Mend what `just check-dataset` calls repairable, into a new folder; images stay the bytes they are.

    Exit code 0: no errors are left. 1: some are; they are named, with the command that drops their episodes. 2: wrong
    usage.

    Example:
        just repair-dataset my_dataset
        just repair-dataset my_dataset --only schema-metadata --only timestamps --out mended
        just repair-dataset my_dataset --in-place && just repair-dataset my_dataset --undo

    Args:
        path: The dataset's folder, which holds meta/ and data/. Without --in-place nothing in it is changed.
        out: The new dataset's folder; PATH_repaired where it is not given. Nothing may be there.
        only: Apply only the repair of this check; may be given several times. Notes are mended only when named here.
        deep: Decode every image too, so that the episodes with damaged ones are named; they cannot be mended.
        dry_run: Say what would be mended, and write nothing.
        in_place: Change the dataset itself, all of it or nothing. The old files are kept in it, hidden, for --undo.
        undo: Put back what was there before the last --in-place.
        json: Print only JSON.
    """
    root = pathlib.Path(os.path.abspath(path.expanduser()))
    _refuse_together(out=out is not None, in_place=in_place, undo=undo, rest=bool(only or deep or dry_run))
    repair_plan.refuse_unknown(only)
    if undo:
        read_dataset(root)
        journal = in_place_lib.undo(root)
        answer = {"ok": True, "undone": {"when": journal["when"], "what": journal["what"]}}
        say(json_lib.dumps(answer, indent=2) if json else f"put back as it was before {journal['when']}: {root}")
        return 0
    target = root if in_place else pathlib.Path(os.path.abspath(out.expanduser())) if out else _beside(root)
    if in_place:
        refuse_links(root)
    elif not dry_run:
        refuse_target(root, target)
    before = _checked(root, deep=deep)
    listed = set(read_dataset(root).lengths)
    names = repair_plan.chosen(before.findings, only)
    written, moved, after = None, {}, before
    if names and not dry_run:
        try:
            written, moved = _written(root, target, names, before, in_place=in_place)
            after = _checked(target, deep=deep)
        except NothingChangedError:
            names = []
    # No repair brings an episode back that has no file.
    lost = len(listed) - after.episodes if written or "episode-files" in names else 0
    journal = root / JOURNAL if target != root and (root / JOURNAL).is_file() else None
    result = repair_report.Result(
        root, target if written else None, names, before, after, written, max(0, lost), moved, journal, only
    )
    say(json_lib.dumps(result.as_json(), indent=2) if json else result.as_text())
    return 0 if result.ok else 1


def _written(
    root: pathlib.Path, target: pathlib.Path, names: list[str], before: Report, *, in_place: bool
) -> tuple[Written, dict[str, str]]:
    """Applies the repairs and writes what comes of them; says also which data files got another place.

    Raises:
        NothingChangedError: Nothing came of them, and nothing was written.
    """
    progress = Progress("written {done:,} of {total:,} data files")
    written, moved = Written(), {}

    def mended() -> Draft:
        draft = draft_of(read_dataset(root))
        repair_plan.apply(names, draft, before.findings)
        moved.update(_moved(draft))
        return draft

    def make(folder: pathlib.Path) -> None:
        nonlocal written
        written = lay_out(mended(), folder, link=True, progress=progress)  # now no other process can be writing to it
        written.refuse_unchanged()

    try:
        if in_place:
            in_place_lib.change(root, make, names)
        else:
            written = write_out(mended(), target, progress, only_changed=True)
    finally:
        progress.end()
    return written, moved


def _moved(draft: Draft) -> dict[str, str]:
    """The new places of data files that get one, by the old ones."""
    source = draft.source
    places = ((path, path_by_template(source.root, draft.info, "data_path", at)) for at, path in draft.files.items())
    return {source.name_of(path): source.name_of(place) for path, place in places if place not in (path, None)}


def _checked(root: pathlib.Path, *, deep: bool) -> Report:
    progress = Progress("checked {done:,} of {total:,} episodes")
    try:
        return check_dataset(root, deep=deep, progress=progress)
    finally:
        progress.end()


def _beside(root: pathlib.Path) -> pathlib.Path:
    return root.with_name(f"{root.name}_repaired")


def _refuse_together(*, out: bool, in_place: bool, undo: bool, rest: bool) -> None:
    if out and in_place:
        where, todo = "--out with --in-place", "leave one of them out"
    elif undo and (out or in_place or rest):
        where, todo = "--undo with another option", "leave the others out"
    else:
        return
    raise WrongUsage(where, expected="one of them", found="both", todo=todo)


if __name__ == "__main__":
    run(repair, "just repair-dataset")
