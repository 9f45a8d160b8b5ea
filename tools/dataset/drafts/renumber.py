"""Gives the episodes of a draft other numbers, everywhere that a number stands."""

from tools.dataset.drafts.draft import Draft
from tools.dataset.exchanged import refuse_exchanged
from tools.dataset.frame_columns import restate


def renumber(draft: Draft, numbers: dict[int, int]) -> None:
    """Gives episodes other numbers: their files, their lines in meta/, and the columns that count.

    Args:
        draft: What to change. Its totals and its splits are not touched.
        numbers: The new number of each episode by its old one; an episode that is not here is dropped.

    Raises:
        Refused: Data files have each other's names.
    """
    refuse_exchanged(draft)
    draft.files = dict(sorted((numbers[old], path) for old, path in draft.files.items() if old in numbers))
    for lines in (draft.episodes, draft.stats):
        kept = [line for line in lines if line.get("episode_index") in numbers]
        lines[:] = sorted(
            (line | {"episode_index": numbers[line["episode_index"]]} for line in kept),
            key=lambda line: line["episode_index"],
        )
    restate(draft, ("episode_index", "index"))
