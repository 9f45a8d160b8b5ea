"""Makes a dataset's images smaller."""

import dataclasses
import pathlib

import tyro

from tools.dataset import jpeg
from tools.dataset.convert import convert
from tools.dataset.edit_draft import beside
from tools.dataset.edit_draft import open_draft
from tools.dataset.read_v2x import read_v2x
from tools.refusal import Refused
from tools.refusal import WrongUsage


@dataclasses.dataclass(frozen=True)
class Recompress:
    """Encode the images again, as JPEG; numbers stay as they are.

    LeRobot's own writer stores PNG, which takes many times the room. An image that would not get smaller stays what
    it is.

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
    out: pathlib.Path | None = None
    json: bool = False

    def apply(self) -> list[pathlib.Path]:
        """Writes the new dataset and returns its folder."""
        if not 1 <= self.quality <= 100:
            raise WrongUsage("--quality", expected="1 to 100", found=str(self.quality), todo="50 to 70 is enough")
        source = open_draft(self.path).source
        if not any(feature.is_image for feature in source.features.values()):
            raise Refused(
                str(source.root),
                expected="images in the parquet",
                found="no feature of dtype image",
                todo=f"nothing; videos become images with: just convert-dataset {source.root} --images",
            )
        out = self.out or beside(source.root, "_recompressed")
        convert(read_v2x(source, to_images=False), out, quality=self.quality, recompress=True)
        return [out]
