"""Says no to an edit of a dataset whose meta files or file names are not in order, or would not be."""

import collections
from collections.abc import Callable, Collection
import dataclasses
from typing import Any

from tools.command import note
from tools.dataset.check_run import of_meta
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding
from tools.dataset.plain import just
from tools.dataset.progress import Progress
from tools.dataset.row_order import in_file_order
from tools.refusal import Refused


def refuse_errors(
    draft: Draft, mends: Callable[[Finding], bool] = lambda finding: False, but: Collection[int] = ()
) -> None:
    """Says no to a dataset in whose meta files or file names the check finds an error.

    Args:
        draft: A dataset as it is.
        mends: Which errors the edit takes away.
        but: Episodes that it takes away.

    Raises:
        Refused: The message is the first error.
    """
    for one in of_meta(draft.source):
        if one.severity == "error" and not mends(one):
            raise _broken_by(draft, one, but)


def refuse_new_errors(draft: Draft) -> None:
    """Says no to an edit of the features after which the check would find an error, and tells of new warnings and notes.

    Args:
        draft: With its info and its statistics as they will be, and its files as they are.

    Raises:
        Refused: The message is the first error.
    """
    source = draft.source
    stats = dataclasses.replace(source.stats, objects=dict(enumerate(draft.stats, 1)))
    after = of_meta(dataclasses.replace(source, info=draft.info, stats=stats))
    was = collections.Counter(one.check for one in of_meta(source))
    for one in after:
        if one.severity == "error" and was[one.check]:
            raise _broken_by(draft, one)
        if one.severity == "error":
            raise Refused(
                f"{source.root}: {_place(one)}, as it would be",
                expected=one.expected,
                found=one.found,
                todo=f"leave that feature as it is: {one.hint}",
            )
    now = collections.Counter(one.check for one in after)
    for one in after:
        if one.severity != "error" and now[one.check] > was[one.check]:
            note(f"{one.severity:<10} {one.check}: expected {one.expected}; found {one.found}: {one.hint}")


def refuse_gaps(draft: Draft, but: Collection[int] = ()) -> None:
    """Says no to a draft in which an episode has no file that can be read, or no line that says its length.

    Args:
        draft: A dataset as it is.
        but: Episodes of which nothing is asked.

    Raises:
        Refused: The message names the episode.
    """
    lengths: dict[int, Any] = {line.get("episode_index"): line.get("length") for line in draft.episodes}
    total = max(draft.source.total_episodes, *(episode + 1 for episode in (*draft.files, *draft.source.lengths, -1)))
    with Progress("looked at {done:,} of {total:,} episodes") as progress:
        for episode in range(total):
            if episode not in but:
                _refuse_gap(draft, episode, lengths, but)
            progress(episode + 1, total)


def _refuse_gap(draft: Draft, episode: int, lengths: dict[int, Any], but: Collection[int]) -> None:
    source, path, rows = draft.source, draft.files.get(episode), draft.rows_of(episode)

    def lost(where: str, expected: str, found: str) -> Refused:
        return broken(source, where, expected, found, leave_out(draft, *but, episode))

    if path is None:
        place = source.path_of(episode) or source.root / "data"
        raise lost(source.name_of(place), f"the rows of episode {episode}", "no such file")
    if rows is None:
        raise lost(str(path), "a parquet file", "one that cannot be read")
    if lengths.get(episode) != rows:
        said = f"{lengths[episode]!r} there" if episode in lengths else "no line"
        expected = f"length {rows} of episode {episode}, as its file has rows"
        raise broken(source, "meta/episodes.jsonl", expected, said)
    for column in ("frame_index", "index"):  # they could not be counted anew
        if not in_file_order(path, column):
            raise lost(str(path), f"rows in the order of their {column}", "another order, or gaps")
    for feature in draft.features().values():
        video = source.video_path_of(draft.numbers[path], feature.name) if feature.is_video else None
        if feature.is_video and video is None:
            expected = f"the video of {feature.name} in episode {episode}"
            raise broken(source, "meta/info.json, video_path", expected, "no such file")
        if feature.is_video and not video.is_file():
            raise lost(source.name_of(video), f"the video of {feature.name} in episode {episode}", "no such file")


def _place(finding: Finding) -> str:
    parts = [finding.file, finding.episode is not None and f"episode {finding.episode}", finding.column]
    return ", ".join(part for part in parts if part) or "data"


def leave_out(draft: Draft, *episodes: int) -> str:
    """What to do about episodes that nothing mends; those whose files are missing or cannot be read are among them."""
    known = {*draft.files, *draft.source.lengths}
    gone = sorted({*episodes, *(episode for episode in known if draft.rows_of(episode) is None)})
    those = "that episode" if len(gone) == 1 else "those episodes"
    return f"leave {those} out: {just('edit-dataset delete', draft.source.root, '--episodes', *gone)}"


def _broken_by(draft: Draft, one: Finding, but: Collection[int] = ()) -> Refused:
    lost = one.episode is not None and draft.rows_of(one.episode) is None
    todo = leave_out(draft, *but, one.episode) if lost else None
    return broken(draft.source, _place(one), one.expected, one.found, todo)


def broken(source: Dataset, where: str, expected: str, found: str, todo: str | None = None) -> Refused:
    """The refusal of a dataset in which something is not as it should be; without another way, the repair is named."""
    mend = (
        f"see what is wrong: {just('check-dataset', source.root)}; and mend it: {just('repair-dataset', source.root)}"
    )
    todo = todo or mend
    return Refused(f"{source.root}: {where}", expected=expected, found=found, todo=todo)
