"""Leaves episodes out of a dataset."""

import dataclasses
import pathlib

import tyro

from tools.command import note
from tools.dataset.drafts.edit_draft import SPLIT_KEY
from tools.dataset.drafts.edit_draft import beside
from tools.dataset.drafts.edit_draft import count
from tools.dataset.drafts.edit_draft import fill_whole
from tools.dataset.drafts.edit_draft import open_draft
from tools.dataset.drafts.edit_refusals import refuse_errors
from tools.dataset.drafts.edit_refusals import refuse_gaps
from tools.dataset.drafts.out_option import Out
from tools.dataset.drafts.refuse_wrong import can_be_dropped
from tools.dataset.drafts.refuse_wrong import note_left
from tools.dataset.drafts.refuse_wrong import refuse_wrong
from tools.dataset.drafts.renumber import renumber
from tools.dataset.drafts.write_out import new_folder
from tools.dataset.edits.episode_numbers import EpisodeNames
from tools.dataset.edits.episode_numbers import numbers_of
from tools.dataset.finding import Finding
from tools.dataset.plain import first_of
from tools.dataset.plain import moves
from tools.dataset.plain import ranges
from tools.refusal import Refused

_OF_WHOLE_COLUMNS = (
    "camera-columns", "column-kinds", "column-shapes", "columns-read", "feature-columns", "same-columns",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Delete:
    """Leave episodes out; those behind them move up.

    An episode whose file is missing, cannot be read or has errors can be named too: it is how such a dataset is saved.
    Those that stay are checked first, without their images.

    Example:
        just edit-dataset delete ~/datasets/pick --episodes 3 7-9

    Args:
        path: The dataset's folder.
        episodes: Their numbers; 7-9 means 7, 8 and 9.
        out: The new folder; by default beside the old one, with _deleted behind its name.
        json: Print JSON instead of text.
    """

    path: tyro.conf.Positional[pathlib.Path]
    episodes: EpisodeNames
    out: Out = None
    json: bool = False

    def apply(self) -> list[pathlib.Path]:
        """Writes the new dataset and returns its folder."""
        draft = open_draft(self.path)
        last = max([*draft.files, *draft.source.lengths, draft.source.total_episodes - 1])
        gone = numbers_of(self.episodes, last)
        # That an episode is listed and has no file is what this verb is for; `refuse_gaps` asks of all others.
        refuse_errors(draft, mends=lambda one: one.episode in gone or one.check == "episodes-listed", but=gone)
        refuse_gaps(draft, but=gone)
        left = refuse_wrong(draft, leaves=_is_for_drop, but=gone)
        kept = [episode for episode in range(last + 1) if episode not in gone]
        if not kept:
            raise Refused(
                str(draft.source.root),
                expected="an episode that stays",
                found=f"all {last + 1} named",
                todo="name fewer with --episodes, or remove the folder",
            )
        if isinstance(split := draft.info.get(SPLIT_KEY), dict) and isinstance(split.get("source_episodes"), list):
            there = enumerate(split["source_episodes"])
            draft.info[SPLIT_KEY] = split | {"source_episodes": [number for i, number in there if i not in gone]}
        renumber(draft, {old: new for new, old in enumerate(kept)})
        count(draft)
        out = self.out or beside(draft.source.root, "_deleted")
        with new_folder(draft.source.root, out) as folder:
            fill_whole(draft, folder)
        note(f"left out   episodes {first_of(ranges(sorted(gone)))}")
        note(f"stay       episodes {moves(kept)}")
        note_left("delete", left, out)
        return [out]


def _is_for_drop(finding: Finding) -> bool:
    """Whether an error is of a column as a whole, which is taken out with `drop`; and drop refuses broken files."""
    return not finding.repairable and finding.check in _OF_WHOLE_COLUMNS and can_be_dropped(finding)
