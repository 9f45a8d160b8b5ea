"""Camera strips: a few frames of an episode, small enough to stand in the page itself."""

import base64
import dataclasses
import io
import math

import numpy as np
import PIL.Image
import pyarrow as pa
import simplejpeg

from tools.dataset import jpeg
from tools.dataset.convert.video_frames import VideoError
from tools.dataset.convert.video_frames import frames_at
from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.episode import UnreadableError
from tools.dataset.episode import image_cells

FRAMES = 8
# All images of a page, in bytes of JPEG; in the page they take a third more.
_BYTES = 4_500_000
# Width and quality, the best that fits is taken; a strip is shown 8 to a page's width.
_SIZES = ((240, 60), (200, 55), (160, 55), (160, 40), (120, 40), (80, 30), (48, 20))


@dataclasses.dataclass(frozen=True)
class Thumb:
    """One frame of a camera.

    Attributes:
        frame: Its number.
        jpeg: A data URI, None where there is no image.
        problem: Why there is none.
    """

    frame: int
    jpeg: str | None = None
    problem: str = ""


@dataclasses.dataclass(frozen=True)
class Strip:
    """Some frames of a camera, from the first to the last.

    Attributes:
        camera: The column.
        size: Width and height of its first image as recorded, None where none decodes.
        thumbs: At equal distances.
    """

    camera: str
    size: tuple[int, int] | None
    thumbs: tuple[Thumb, ...]

    @property
    def name(self) -> str:
        """The camera without what all cameras' names begin with."""
        return self.camera.removeprefix("observation.").removeprefix("images.")


@dataclasses.dataclass(frozen=True)
class _Picture:
    """An image made small while it was decoded, and its size before."""

    pixels: np.ndarray
    size: tuple[int, int]


def strips_of(dataset: Dataset, episode: Episode, episodes: int) -> list[Strip]:
    """The strips of one episode, one for each camera.

    Args:
        dataset: Where its videos lie, if its cameras are videos.
        episode: The episode.
        episodes: How many share the page's room.
    """
    frames = _spaced(episode.rows)
    embedded = cameras_of(episode)
    videos = [name for name, feature in episode.features.items() if feature.is_video]
    room = _BYTES // max(1, episodes * (len(embedded) + len(videos)))
    seen = _embedded(episode, embedded, frames) if embedded and frames else {}
    seen |= {name: _filmed(dataset, episode, name, frames) for name in videos}
    return [_strip(name, frames, pictures, room) for name, pictures in seen.items()]


def cameras_of(episode: Episode) -> list[str]:
    """The columns that hold images: those that info.json names, and those that look like it without its word."""
    return list(
        dict.fromkeys([*episode.cameras, *(field.name for field in episode.schema if _holds_bytes(field.type))])
    )


def _holds_bytes(kind: pa.DataType) -> bool:
    return pa.types.is_struct(kind) and any(field.name == "bytes" for field in kind)


def _spaced(rows: int) -> list[int]:
    return sorted({round(at) for at in np.linspace(0, rows - 1, min(FRAMES, rows))}) if rows else []


def _embedded(episode: Episode, cameras: list[str], frames: list[int]) -> dict[str, dict[int, _Picture | str]]:
    """The pictures of those frames by camera, or why there is none."""
    seen: dict[str, dict[int, _Picture | str]] = {camera: {} for camera in cameras}
    try:
        for first, cells in image_cells(episode.path, cameras):
            for camera, values in cells.items():
                for frame in frames:
                    if first <= frame < first + len(values):
                        seen[camera][frame] = _picture(values[frame - first].as_py())
    except UnreadableError as e:
        for pictures in seen.values():
            pictures.update({frame: str(e) for frame in frames if frame not in pictures})
    return seen


def _picture(cell: object) -> _Picture | str:
    data = cell.get("bytes") if isinstance(cell, dict) else cell
    if not isinstance(data, bytes):
        return "no image in the cell"
    try:
        return _decoded_small(data)
    except ValueError as e:
        return f"does not decode: {e}"


def _decoded_small(data: bytes) -> _Picture:
    """Decodes a JPEG at the fraction of its size that is just enough, which costs a fifth of the whole."""
    try:
        height, width, _ = jpeg.header(data)
        turned = jpeg.orientation(data) != 1
    except ValueError:
        turned = True  # or of another kind: the slow way knows them all
    if turned:
        pixels = jpeg.decode(data)
        return _Picture(pixels, (pixels.shape[1], pixels.shape[0]))
    wide = min(width, _SIZES[0][0])
    tall = max(1, height * wide // width)
    pixels = simplejpeg.decode_jpeg(data, "RGB", min_height=tall, min_width=wide, min_factor=1)
    return _Picture(pixels, (width, height))


def _filmed(dataset: Dataset, episode: Episode, camera: str, frames: list[int]) -> dict[int, _Picture | str]:
    path, fps = dataset.video_path_of(episode.index, camera), episode.fps
    if path is None or fps is None:
        return dict.fromkeys(frames, "info.json does not say where the videos are, or their frames a second")
    if not path.is_file():
        return dict.fromkeys(frames, "its video is not there")
    seen: dict[int, _Picture | str] = {}
    try:
        for frame, pixels in zip(frames, frames_at(path, [frame / fps for frame in frames], 0.49 / fps), strict=False):
            seen[frame] = _Picture(pixels, (pixels.shape[1], pixels.shape[0]))
    except VideoError as e:
        return dict.fromkeys(frames, str(e)) | seen
    return seen


def _strip(camera: str, frames: list[int], pictures: dict[int, _Picture | str], room: int) -> Strip:
    there = {frame: one for frame, one in pictures.items() if isinstance(one, _Picture)}
    coded: dict[int, bytes] = {}
    for width, quality in _SIZES:
        coded = {frame: _encoded(one.pixels, width, quality) for frame, one in there.items()}
        if sum(map(len, coded.values())) <= room:
            break
    thumbs = tuple(
        Thumb(frame, _uri(coded[frame])) if frame in coded else Thumb(frame, problem=str(pictures.get(frame, "absent")))
        for frame in frames
    )
    return Strip(camera, next((one.size for one in there.values()), None), thumbs)


def _encoded(pixels: np.ndarray, width: int, quality: int) -> bytes:
    tall, wide = pixels.shape[:2]
    scale = min(1.0, width / wide, width / tall)
    size = max(1, math.floor(wide * scale)), max(1, math.floor(tall * scale))
    if size != (wide, tall):
        pixels = np.asarray(PIL.Image.fromarray(pixels).resize(size, PIL.Image.Resampling.BOX))
    try:
        return jpeg.encode(pixels, quality)
    except ValueError:  # a shape that the encoder does not take, such as an image of one row
        out = io.BytesIO()
        PIL.Image.fromarray(pixels).save(out, "JPEG", quality=quality)
        return out.getvalue()


def _uri(data: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()
