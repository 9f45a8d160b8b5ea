"""What an episode's cameras show: each image decoded once, and only what the checks ask of it kept.

A JPEG is decoded to an eighth of its size. That reads all of its bytes, so that a cut is found as in a full decode, and
takes half the time of one.
"""

from collections.abc import Iterator
import dataclasses
import functools
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import simplejpeg

from tools.dataset import jpeg
from tools.dataset.episode import Episode
from tools.dataset.episode import UnreadableError
from tools.dataset.episode import image_cells

# Of a thumb, in pixels: its longer side at most, and of the smaller decode that it is taken from each side at least.
_LONGEST = 32
_SHORTEST = 16
_JPEG = b"\xff\xd8\xff"
# As Pillow names them; of a CMYK one it knows best what it is.
_MODES = {"YCbCr": "RGB", "RGB": "RGB", "Gray": "L"}

# Levels of 0..255 between the darkest and the lightest field of a picture; a lens cap with noise has fewer.
_BLANK = 8

NO_BYTES = "the cell holds no bytes"


@dataclasses.dataclass(frozen=True)
class Looks:
    """What one camera showed in one episode.

    Attributes:
        problems: Frames whose image is not there or not whole, each with what is wrong.
        sizes: int64[T, 2], height and width in pixels, turned as LeRobot turns it; 0 where it did not decode.
        modes: Of each frame, as Pillow names it: "RGB", "L", "RGBA"; "" where it did not decode.
        formats: The same for "JPEG", "PNG".
        thumbs: uint8[T, h, w, 3], a small picture of each frame; black where it did not decode.
        digests: uint64[T], of the encoded bytes.
    """

    problems: tuple[tuple[int, str], ...]
    sizes: np.ndarray
    modes: list[str]
    formats: list[str]
    thumbs: np.ndarray
    digests: np.ndarray

    @functools.cached_property
    def decoded(self) -> np.ndarray:
        """Which frames did, bool[T]."""
        return self.sizes[:, 0] > 0

    @functools.cached_property
    def blank(self) -> np.ndarray:
        """Which frames are of one colour all over, bool[T]; a picture of three fields or fewer cannot be told."""
        fields = self.thumbs.reshape(len(self.thumbs), int(np.prod(self.thumbs.shape[1:3])), 3)
        if fields.shape[1] < 4:
            return np.zeros(len(fields), bool)
        return self.decoded & (np.ptp(fields, axis=1).max(axis=1) < _BLANK)


@dataclasses.dataclass(frozen=True)
class _Look:
    """What was seen of one image."""

    mode: str
    format: str
    height: int
    width: int
    small: np.ndarray


def looks_of(episode: Episode) -> dict[str, Looks]:
    """Decodes each image of an episode once, one row group in memory at a time.

    Args:
        episode: The episode; cameras whose column does not hold bytes are left out, which is for another check to tell.

    Returns:
        By column: cameras, then images that info.json does not tell of, since LeRobot decodes them too. Where a page of the file cannot be read, the frames from there on are problems.
    """
    cameras = episode.images
    seen = {name: _Seen(episode.rows) for name in cameras}
    try:
        for first, cells in image_cells(episode.path, cameras) if cameras else ():
            for name, column in cells.items():
                for frame, cell in enumerate(_cells(column), first):
                    seen[name].add(frame, cell)
    except UnreadableError as e:
        for one in seen.values():
            one.problems += [(frame, f"the file: {e}") for frame in range(one.next, episode.rows)]
    return {name: one.looks() for name, one in seen.items()}


class _Seen:
    """Gathers the frames of one camera."""

    def __init__(self, rows: int):
        self.next = 0
        self.problems: list[tuple[int, str]] = []
        self._sizes = np.zeros((rows, 2), np.int64)
        self._modes = [""] * rows
        self._formats = [""] * rows
        self._digests = np.zeros(rows, np.uint64)
        self._thumbs: np.ndarray | None = None

    def add(self, frame: int, cell: memoryview | None) -> None:
        self.next = frame + 1
        if cell is None:
            self.problems.append((frame, NO_BYTES))
            return
        self._digests[frame] = len(cell) << 32 | zlib.crc32(cell)
        try:
            look = _look(cell)
        except ValueError as e:
            self.problems.append((frame, str(e)))
            return
        self._sizes[frame] = look.height, look.width
        self._modes[frame], self._formats[frame] = look.mode, look.format
        if self._thumbs is None:
            shape = tuple(-(-side // _stride(look.small)) for side in look.small.shape[:2])
            self._thumbs = np.zeros((len(self._sizes), *shape, 3), np.uint8)
        self._thumbs[frame] = look.small[_places(look.small.shape[:2], self._thumbs.shape[1:3])]

    def looks(self) -> Looks:
        thumbs = self._thumbs if self._thumbs is not None else np.zeros((len(self._sizes), 1, 1, 3), np.uint8)
        return Looks(tuple(self.problems), self._sizes, self._modes, self._formats, thumbs, self._digests)


def _stride(small: np.ndarray) -> int:
    return -(-max(small.shape[:2]) // _LONGEST)


@functools.lru_cache(64)
def _places(of: tuple[int, int], thumb: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Which pixels of a small picture make its thumb; an image of another size gives as many."""
    return np.ix_(*(np.arange(to) * side // to for side, to in zip(of, thumb, strict=True)))


def _cells(column: pa.Array) -> Iterator[memoryview | None]:
    """The bytes of each cell, where they lie in memory; None where there are none."""
    values = pc.struct_field(column, "bytes")  # null where the struct itself is
    if pa.types.is_binary_view(values.type):
        values = values.cast(pa.binary())
    kind = np.int64 if pa.types.is_large_binary(values.type) else np.int32
    _, offsets, data = values.buffers()
    places = np.frombuffer(offsets, kind)[values.offset : values.offset + len(values) + 1].tolist() if offsets else []
    # Arrow calls its bytes signed, which simplejpeg refuses.
    view = memoryview(data).cast("B") if data is not None else memoryview(b"")
    there = values.is_valid().to_pylist()
    for at, is_there in enumerate(there):
        yield view[places[at] : places[at + 1]] if is_there else None


def _look(cell: memoryview) -> _Look:
    """Decodes one image.

    Raises:
        ValueError: It is no image, or not whole; the text says which.
    """
    if len(cell) == 0:
        raise ValueError("the cell's bytes are empty")
    if bytes(cell[: len(_JPEG)]) != _JPEG:
        return _look_with_pillow(cell)
    try:
        height, width, colours = jpeg.header(cell)
    except ValueError:
        return _look_with_pillow(cell)
    small = _decode_small(cell, height, width)
    if colours not in _MODES or jpeg.orientation(cell) != 1:
        return _look_with_pillow(cell)
    return _Look(_MODES[colours], "JPEG", height, width, small)


def _factor(height: int, width: int) -> int:
    """How many times smaller an image is decoded; 8 costs least."""
    return next((n for n in (8, 4, 2) if min(height, width) >= n * _SHORTEST), 1)


def _decode_small(cell: memoryview, height: int, width: int) -> np.ndarray:
    """Decodes a JPEG at the least cost, to RGB.

    Pillow, with which LeRobot decodes, fills in lost pixels without a word where the mark of the image's end is there.

    Raises:
        ValueError: A part of it is lost.
    """
    factor = _factor(height, width)
    try:
        return simplejpeg.decode_jpeg(cell, "RGB", min_height=-(-height // factor), min_width=-(-width // factor))
    except ValueError as e:
        raise ValueError(f"the JPEG is damaged: {e}") from e


def _look_with_pillow(cell: memoryview) -> _Look:
    """Decodes as LeRobot does, any format."""
    image, kind = jpeg.decode_any(cell)
    small = np.asarray(image.convert("RGB").reduce(_factor(image.height, image.width)))
    return _Look(image.mode, kind, image.height, image.width, small)
