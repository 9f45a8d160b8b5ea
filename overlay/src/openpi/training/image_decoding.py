"""Decodes the images of a LeRobot dataset, whether or not its parquet files say that they are images.

LeRobot stores a camera as a struct of `bytes` and `path`. Only the `huggingface` metadata of the parquet file tells the
`datasets` library to decode it; where a tool dropped that metadata, LeRobot gets the struct and fails with "Could not
infer dtype of dict".
"""

from collections.abc import Callable
import dataclasses
import io
import pathlib
from typing import Any

import numpy as np
import PIL.ExifTags
import PIL.Image
import PIL.ImageOps

# Pillow modes with 8 bits a channel; from a deeper one it cuts the values off instead of scaling them.
_EIGHT_BIT_MODES = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr")


def decode_images(dataset: Any) -> Any:
    """Makes a LeRobot dataset decode its image columns by itself.

    Args:
        dataset: A `LeRobotDataset`. Its `hf_dataset` is given another transform; videos are not touched.

    Returns:
        The same dataset. Its images are uint8 tensors of shape (3, height, width), each a view over memory in which
        the channel comes last, so that a policy which wants it last gets it without a copy.

    Raises:
        ValueError: The dataset does not convert its columns by a transform, as LeRobot's does.
    """
    columns = dataset.hf_dataset.features
    cameras = tuple(key for key, ft in dataset.meta.features.items() if ft["dtype"] == "image" and key in columns)
    data_format = dataset.hf_dataset.format
    transform = data_format["format_kwargs"].get("transform")
    if not cameras or isinstance(transform, ImageDecoding):
        return dataset
    if transform is None:
        raise ValueError(
            f"Dataset {dataset.repo_id}: expected a transform on hf_dataset, as LeRobot sets one for format v2.1, "
            f"found format {data_format['type']!r}. Install the LeRobot revision that openpi pins."
        )
    for key in cameras:
        # Without this, where the metadata is there, `datasets` would decode first. It shares the table, so it is cheap.
        if getattr(columns[key], "decode", False) and columns[key].mode is None:
            dataset.hf_dataset = dataset.hf_dataset.cast_column(key, dataclasses.replace(columns[key], decode=False))
    decoding = ImageDecoding(str(dataset.repo_id), pathlib.Path(dataset.root), cameras, transform)
    dataset.hf_dataset.set_transform(decoding)
    return dataset


@dataclasses.dataclass(frozen=True)
class ImageDecoding:
    """A transform for `datasets`: decodes image columns and leaves the others to another transform.

    It is a class at the top level of a module, not a closure, because data loader workers receive it by pickle.
    """

    # Names the dataset in messages.
    repo_id: str
    # A relative image path is looked up here.
    root: pathlib.Path
    # Columns that hold images.
    cameras: tuple[str, ...]
    # Converts all other columns, and image columns that hold numbers already.
    other: Callable[[dict[str, list]], dict[str, list]]

    def __call__(self, columns: dict[str, list]) -> dict[str, list]:
        encoded = [key for key in self.cameras if key in columns and any(map(_is_encoded, columns[key]))]
        images = {
            key: [self._to_tensor(cell, columns, key, row) for row, cell in enumerate(columns[key])] for key in encoded
        }
        others = self.other({key: cells for key, cells in columns.items() if key not in images})
        return {key: images[key] if key in images else others[key] for key in columns}

    def _to_tensor(self, cell: Any, columns: dict[str, list], key: str, row: int) -> Any:
        # Imported here because decoding itself needs no torch.
        import torch

        try:
            image = decode_image(cell, self.root)
        except Exception as e:
            episode, frame = (columns.get(name, {row: "unknown"})[row] for name in ("episode_index", "frame_index"))
            raise ValueError(
                f"Dataset {self.repo_id}, episode {episode}, frame {frame}, camera {key}: expected an encoded image "
                f"with 8 bits a channel, as `bytes` or as a file at `path`, found {_describe(cell)} ({e}). "
                "Record the episode again, or leave it out of the dataset."
            ) from e
        return torch.from_numpy(image).permute(2, 0, 1)


def decode_image(cell: Any, root: pathlib.Path) -> np.ndarray:
    """Decodes one cell of an image column.

    Args:
        cell: A dictionary with `bytes` and `path`, encoded bytes, or a Pillow image.
        root: The folder from which a relative `path` counts. The file is read only where `bytes` is null.

    Returns:
        uint8 (height, width, 3), RGB; turned upright where the image has an EXIF orientation, as `datasets` does.

    Raises:
        ValueError: There is no image in the cell, or it has more than 8 bits a channel.
        OSError: The image cannot be read; Pillow has other types too for broken files.
    """
    image = cell
    if isinstance(cell, dict):
        content, path = cell.get("bytes"), cell.get("path")
        if content is None and path is None:
            raise ValueError("both bytes and path are null")
        image = (root / path).read_bytes() if content is None else content
    if isinstance(image, bytes):
        image = PIL.Image.open(io.BytesIO(image))
    if not isinstance(image, PIL.Image.Image):
        raise ValueError("not an image")
    if image.mode not in _EIGHT_BIT_MODES:
        raise ValueError(f"Pillow mode {image.mode} has no 8 bits a channel")
    if image.getexif().get(PIL.ExifTags.Base.Orientation) is not None:
        image = PIL.ImageOps.exif_transpose(image)
    # A conversion copies even when there is nothing to convert.
    return np.array(image if image.mode == "RGB" else image.convert("RGB"))


def _is_encoded(cell: Any) -> bool:
    return cell is None or isinstance(cell, dict | bytes | str | PIL.Image.Image)


def _describe(cell: Any) -> str:
    if not isinstance(cell, dict):
        return "null" if cell is None else f"a {type(cell).__name__}"
    content, path = cell.get("bytes"), cell.get("path")
    return f"{'null' if content is None else f'{len(content)} bytes'} and path {path!r}"
