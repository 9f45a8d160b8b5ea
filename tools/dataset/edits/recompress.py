"""Makes a dataset's images smaller."""

import dataclasses
import functools
import pathlib
from typing import Any

import pyarrow as pa
import tyro

from tools.dataset import jpeg
from tools.dataset.dataset import read_dataset
from tools.dataset.drafts.draft import draft_of
from tools.dataset.drafts.edit_draft import beside
from tools.dataset.drafts.edit_draft import fill_whole
from tools.dataset.drafts.edit_draft import open_draft
from tools.dataset.drafts.edit_refusals import refuse_errors
from tools.dataset.drafts.edit_refusals import refuse_gaps
from tools.dataset.drafts.fill_statistics import fill_statistics
from tools.dataset.drafts.out_option import Out
from tools.dataset.drafts.refuse_wrong import refuse_wrong
from tools.dataset.drafts.write_meta import write_lines
from tools.dataset.drafts.write_out import new_folder
from tools.dataset.episode import holds_bytes
from tools.dataset.plain import just
from tools.refusal import Refused
from tools.refusal import WrongUsage

_JPEG = b"\xff\xd8"
# To be encoded again costs a JPEG some of what it shows: not for less than a twentieth of its bytes.
_WORTH_IT = 0.95


@dataclasses.dataclass(frozen=True)
class Recompress:
    """Encode the images again, as JPEG; all else stays as it is.

    LeRobot's own writer stores PNG, which takes many times the room. A JPEG that would not get smaller by a twentieth
    stays what it is, and any other image that would not get smaller.

    Example:
        just edit-dataset recompress ~/datasets/pick --quality 60

    Args:
        path: The dataset's folder.
        quality: Of the JPEG, 1 to 100.
        out: The new folder; by default beside the old one, with _recompressed behind its name.
        json: Print JSON instead of text.
    """

    path: tyro.conf.Positional[pathlib.Path]
    quality: int = jpeg.QUALITY
    out: Out = None
    json: bool = False

    def apply(self) -> list[pathlib.Path]:
        """Writes the new dataset and returns its folder."""
        if not 1 <= self.quality <= 100:
            raise WrongUsage("--quality", expected="1 to 100", found=str(self.quality), todo="50 to 70 is enough")
        draft = open_draft(self.path)
        root = draft.source.root
        cameras = tuple(feature.name for feature in draft.features().values() if feature.is_image)
        if not cameras:
            raise Refused(
                str(root),
                expected="images in the parquet",
                found="no feature of dtype image",
                todo=f"nothing; videos become images with: {just('convert-dataset', root, '--images')}",
            )
        refuse_errors(draft)
        refuse_gaps(draft)
        refuse_wrong(draft)
        draft.steps.append(functools.partial(_smaller, cameras=cameras, quality=self.quality))
        out = self.out or beside(root, "_recompressed")
        with new_folder(root, out) as folder:
            fill_whole(draft, folder)
            _restate(folder, cameras)
        return [out]


def _smaller(table: pa.Table, _episode: int, first: int, *, cameras: tuple[str, ...], quality: int) -> pa.Table:
    for name in cameras:
        at = table.schema.get_field_index(name)
        field = table.schema.field(at) if at >= 0 else None
        if field is None or not holds_bytes(field.type):
            continue
        was = table.column(at).to_pylist()
        cells = [_smaller_cell(cell, quality, f"{name}, frame {first + row}") for row, cell in enumerate(was)]
        if any(new is not old for new, old in zip(cells, was, strict=True)):
            table = table.set_column(at, field, pa.array(cells, field.type))
    return table


def _smaller_cell(cell: dict[str, Any] | None, quality: int, where: str) -> dict[str, Any] | None:
    """A cell as JPEG; one for which that is not worth it stays what it is.

    Raises:
        ValueError: Its image does not decode.
    """
    old = cell and cell["bytes"]
    if not old:
        raise ValueError(f"{where}: no image in the cell")
    try:
        new = jpeg.encode(jpeg.decode(old), quality)
    except ValueError as e:
        raise ValueError(f"{where}: {e}") from e
    was_jpeg = old[:2] == _JPEG
    if len(new) > len(old) * (_WORTH_IT if was_jpeg else 1) or new == old:
        return cell
    path = cell.get("path")
    return cell | {"bytes": new, "path": path and str(pathlib.PurePosixPath(path).with_suffix(".jpg"))}


def _restate(folder: pathlib.Path, cameras: tuple[str, ...]) -> None:
    """Computes the cameras' statistics anew, from the images as they were written."""
    draft = draft_of(read_dataset(folder))
    lines = [line for line in draft.stats if isinstance(line.get("stats"), dict)]
    for line in lines:
        line["stats"] = {name: one for name, one in line["stats"].items() if name not in cameras}
    fill_statistics(draft, numbers=False, images=True)
    write_lines(folder / "meta" / "episodes_stats.jsonl", draft.stats)
