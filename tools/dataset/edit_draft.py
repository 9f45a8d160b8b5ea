"""Datasets on their way through an edit: opened where they are in order, counted when they are done."""

from collections.abc import Collection
import pathlib
from typing import Any

from tools.dataset.dataset import VERSION
from tools.dataset.dataset import Dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.draft import Draft
from tools.dataset.draft import draft_of
from tools.dataset.draft import number_of
from tools.dataset.frame_columns import in_file_order
from tools.refusal import Refused

# What `split` writes into info.json; LeRobot passes over it.
SPLIT_KEY = "held_out_split"


def open_draft(path: pathlib.Path) -> Draft:
    """A draft of a dataset whose meta files can be relied on.

    Raises:
        Refused: It is of another version, a meta file is missing or torn, or data/ holds files of no episode.
    """
    source = read_dataset(path)
    version = source.info.get("codebase_version")
    if source.info_problem is None and version != VERSION:
        raise Refused(
            f"{source.root}: meta/info.json",
            expected=f"codebase_version {VERSION}",
            found=repr(version),
            todo=f"bring it there first: just convert-dataset {source.root}",
        )
    if source.info_problem:
        raise _broken(source, "meta/info.json", "a JSON object", source.info_problem)
    for file in (source.tasks, source.episodes, source.stats):
        if file.problem or file.bad:
            found = file.problem or f"line {file.bad[0].number}: {file.bad[0].why}"
            raise _broken(source, source.name_of(file.path), "a JSON object a line", found)
    draft = draft_of(source)
    if draft.others:
        raise _broken(source, source.name_of(draft.others[0]), "an episode where meta/info.json says", "another file")
    return draft


def refuse_gaps(draft: Draft, but: Collection[int] = ()) -> None:
    """Says no to a draft in which an episode has no file that can be read, or no line that says its length.

    Args:
        draft: A dataset as it is.
        but: Episodes of which nothing is asked.

    Raises:
        Refused: The message names the episode.
    """
    rows = draft.rows
    lengths: dict[int, Any] = {line.get("episode_index"): line.get("length") for line in draft.episodes}
    total = max(draft.source.total_episodes, *(episode + 1 for episode in (*draft.files, *draft.source.lengths, -1)))
    for episode in (episode for episode in range(total) if episode not in but):
        path = draft.files.get(episode)
        name = (
            draft.source.name_of(draft.source.path_of(episode) or draft.source.root / "data")
            if path is None
            else str(path)
        )
        if path is None:
            raise _broken(draft.source, name, f"the rows of episode {episode}", "no such file")
        if episode not in rows:
            raise _broken(draft.source, name, "a parquet file", "one that cannot be read")
        if lengths.get(episode) != rows[episode]:
            said = f"{lengths[episode]!r} there" if episode in lengths else "no line"
            expected = f"length {rows[episode]} of episode {episode}, as its file has rows"
            raise _broken(draft.source, "meta/episodes.jsonl", expected, said)
        for column in ("frame_index", "index"):  # they could not be counted anew
            if not in_file_order(path, column):
                raise _broken(draft.source, str(path), f"rows in the order of their {column}", "another order, or gaps")
        for feature in draft.features().values():
            video = draft.source.video_path_of(number_of(path) or 0, feature.name) if feature.is_video else None
            if feature.is_video and (video is None or not video.is_file()):
                where = draft.source.name_of(video) if video else "meta/info.json, video_path"
                raise _broken(draft.source, where, f"the video of {feature.name} in episode {episode}", "no such file")


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


def _broken(source: Dataset, where: str, expected: str, found: str) -> Refused:
    todo = f"see what is wrong: just check-dataset {source.root}; and mend it: just repair-dataset {source.root}"
    return Refused(f"{source.root}: {where}", expected=expected, found=found, todo=todo)
