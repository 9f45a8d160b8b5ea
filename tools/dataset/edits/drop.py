"""Takes a feature out of a dataset."""

import contextlib
import dataclasses
import functools
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq
import tyro

from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.edit_draft import beside
from tools.dataset.drafts.edit_draft import count
from tools.dataset.drafts.edit_draft import fill_whole
from tools.dataset.drafts.edit_draft import open_draft
from tools.dataset.drafts.edit_refusals import refuse_gaps
from tools.dataset.drafts.edit_refusals import refuse_new_errors
from tools.dataset.drafts.out_option import Out
from tools.dataset.drafts.refuse_wrong import can_be_dropped
from tools.dataset.drafts.refuse_wrong import column_of
from tools.dataset.drafts.refuse_wrong import note_left
from tools.dataset.drafts.refuse_wrong import refuse_wrong
from tools.dataset.drafts.write_out import new_folder
from tools.dataset.edits.feature_named import feature_named
from tools.dataset.features import INDEX_FEATURES


@dataclasses.dataclass(frozen=True)
class Drop:
    """Take a feature out, such as a camera that the policy does not see, or a column of which LeRobot can make nothing.

    Example:
        just edit-dataset drop ~/datasets/pick observation.images.side

    Args:
        path: The dataset's folder.
        feature: The feature's name, or that of a column that meta/info.json does not tell of.
        out: The new folder; by default beside the old one, with _dropped behind its name.
        json: Print JSON instead of text.
    """

    path: tyro.conf.Positional[pathlib.Path]
    feature: tyro.conf.Positional[str]
    out: Out = None
    json: bool = False

    def apply(self) -> list[pathlib.Path]:
        """Writes the new dataset and returns its folder."""
        draft = open_draft(self.path)
        if not _is_undeclared(draft, self.feature):
            feature_named(draft, self.feature)
            del draft.info["features"][self.feature]
        for line in draft.stats:
            if isinstance(line.get("stats"), dict):
                line["stats"].pop(self.feature, None)
        refuse_new_errors(draft)
        refuse_gaps(draft)
        left = refuse_wrong(draft, heals=lambda one: column_of(one) == self.feature, leaves=can_be_dropped)
        draft.steps.append(functools.partial(_without, name=self.feature))
        count(draft)
        out = self.out or beside(draft.source.root, "_dropped")
        with new_folder(draft.source.root, out) as folder:
            fill_whole(draft, folder)
        note_left("drop", left, out)
        return [out]


def _is_undeclared(draft: Draft, name: str) -> bool:
    """Whether a data file has such a column, info.json does not tell of it, and LeRobot can do without."""
    told = draft.info.get("features")
    if name in INDEX_FEATURES or (isinstance(told, dict) and name in told):
        return False
    for path in draft.files.values():
        with contextlib.suppress(pa.ArrowException, OSError):  # of a file that cannot be read, filling tells
            if name in pq.read_schema(path).names:
                return True
    return False


def _without(table: pa.Table, _episode: int, _first: int, *, name: str) -> pa.Table:
    return table.drop_columns([name]) if name in table.column_names else table
