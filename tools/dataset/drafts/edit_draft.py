"""Datasets on their way through an edit: opened where they are in order, counted when they are done."""

import pathlib

from tools.dataset.dataset import VERSION
from tools.dataset.dataset import read_dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.draft import draft_of
from tools.dataset.drafts.edit_refusals import broken
from tools.dataset.drafts.write_out import fill
from tools.dataset.plain import just
from tools.dataset.progress import Progress
from tools.dataset.record.append_journal import NAME as JOURNAL
from tools.refusal import Refused

# What `split` writes into info.json; LeRobot passes over it.
SPLIT_KEY = "held_out_split"


def open_draft(path: pathlib.Path) -> Draft:
    """A draft of a dataset whose meta files can be read; what is in them, `refuse_errors` asks.

    Raises:
        Refused: It is of another version, a meta file is missing or torn, data/ holds files of no episode, or an episode
            that was recorded is not saved yet.
    """
    source = read_dataset(path)
    version = source.info.get("codebase_version")
    if source.info_problem is None and version != VERSION:
        raise Refused(
            f"{source.root}: meta/info.json",
            expected=f"codebase_version {VERSION}",
            found=repr(version),
            todo=f"bring it there first: {just('convert-dataset', source.root)}",
        )
    if (source.root / JOURNAL).exists():
        raise Refused(
            str(source.root / JOURNAL),
            expected="no recorded episode that is still to be saved",
            found="the journal of a recorder: the new dataset would be without these frames",
            todo=f"stop the recorder, then: {just('recover-dataset', source.root)}",
        )
    if source.info_problem:
        raise broken(source, "meta/info.json", "a JSON object", source.info_problem)
    for file in (source.tasks, source.episodes, source.stats):
        if file.problem or file.bad:
            found = file.problem or f"line {file.bad[0].number}: {file.bad[0].why}"
            raise broken(source, source.name_of(file.path), "a JSON object a line", found)
    draft = draft_of(source)
    if draft.others:
        raise broken(source, source.name_of(draft.others[0]), "an episode where meta/info.json says", "another file")
    return draft


def fill_whole(draft: Draft, folder: pathlib.Path) -> None:
    """Writes a draft into a folder that `new_folder` gave, and tells how far it is.

    Raises:
        Refused: A file cannot be written again.
    """
    with Progress("written {done:,} of {total:,} data files") as progress:
        fill(draft, folder, whole=True, progress=progress)


def count(draft: Draft) -> None:
    """Puts the totals in the info of a draft right."""
    episodes, size = len(draft.files), draft.info.get("chunks_size")
    draft.info |= {
        "total_episodes": episodes,
        "total_frames": sum(draft.rows.values()),
        "total_tasks": len(draft.tasks),
        "total_videos": episodes * sum(one.is_video for one in draft.features().values()),
        "splits": {"train": f"0:{episodes}"},
    }
    if type(size) is int and size > 0:
        draft.info["total_chunks"] = -(-episodes // size)


def beside(path: pathlib.Path, suffix: str) -> pathlib.Path:
    """A folder beside another, with something behind its name."""
    return path.with_name(path.name + suffix)
