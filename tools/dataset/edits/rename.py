"""Gives a feature another name."""

import dataclasses
import functools
import pathlib

import pyarrow as pa
import tyro

from tools.dataset.drafts.edit_draft import beside
from tools.dataset.drafts.edit_draft import fill_whole
from tools.dataset.drafts.edit_draft import open_draft
from tools.dataset.drafts.edit_refusals import refuse_gaps
from tools.dataset.drafts.edit_refusals import refuse_new_errors
from tools.dataset.drafts.out_option import Out
from tools.dataset.drafts.refuse_wrong import refuse_wrong
from tools.dataset.drafts.rewrite import with_metadata
from tools.dataset.drafts.write_out import new_folder
from tools.dataset.edits.feature_named import feature_named
from tools.dataset.features import Feature
from tools.dataset.plain import just
from tools.refusal import Refused


@dataclasses.dataclass(frozen=True)
class Rename:
    """Give a feature another name, in the data and in all of meta.

    Example:
        just edit-dataset rename ~/datasets/pick observation.images.top observation.images.scene

    Args:
        path: The dataset's folder.
        old: The feature's name.
        new: The name it gets.
        out: The new folder; by default beside the old one, with _renamed behind its name.
        json: Print JSON instead of text.
    """

    path: tyro.conf.Positional[pathlib.Path]
    old: tyro.conf.Positional[str]
    new: tyro.conf.Positional[str]
    out: Out = None
    json: bool = False

    def apply(self) -> list[pathlib.Path]:
        """Writes the new dataset and returns its folder."""
        draft = open_draft(self.path)
        feature = feature_named(draft, self.old)
        is_camera = feature.is_image or feature.is_video
        for wrong, expected, todo in (
            (self.new in draft.info["features"], "a name that no feature has", "drop that feature first"),
            (not self.new.strip() or "/" in self.new, "a name without /", "LeRobot refuses it: use dots"),
            (
                "image" in self.new and not is_camera,
                "no `image` in the name of a feature that is no camera",
                "LeRobot would take its statistics for a camera's",
            ),
        ):
            if wrong:
                raise Refused(f"{draft.source.root}: {self.new!r}", expected=expected, found=repr(self.new), todo=todo)
        if feature.is_video:
            raise Refused(
                f"{draft.source.root}: {self.old}",
                expected="a feature in the parquet",
                found="a video",
                todo=f"make images of it first: {just('convert-dataset', draft.source.root, '--images')}",
            )
        draft.info["features"] = {self._name(name): one for name, one in draft.info["features"].items()}
        for line in draft.stats:
            if isinstance(line.get("stats"), dict):
                line["stats"] = {self._name(name): one for name, one in line["stats"].items()}
        refuse_new_errors(draft)
        refuse_gaps(draft)
        refuse_wrong(draft, heals=lambda one: one.check == "schema-metadata")  # which is written anew
        draft.steps.append(functools.partial(_renamed, old=self.old, new=self.new, features=draft.features()))
        out = self.out or beside(draft.source.root, "_renamed")
        with new_folder(draft.source.root, out) as folder:
            fill_whole(draft, folder)
        return [out]

    def _name(self, name: str) -> str:
        return self.new if name == self.old else name


def _renamed(
    table: pa.Table, _episode: int, _first: int, *, old: str, new: str, features: dict[str, Feature]
) -> pa.Table:
    table = table.rename_columns([new if name == old else name for name in table.column_names])
    return table.replace_schema_metadata(with_metadata(table.schema, features).metadata)
