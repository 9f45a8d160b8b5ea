"""An episode's statistics as LeRobot 0.3.3 computes them: min, max, mean, std and count of each feature.

Numbers are taken over all frames. Images are taken from some frames and, where they are large, from every n-th pixel, so
that an episode costs the decoding of about a hundred images; their values lie in 0..1, one for each colour.
"""

from collections.abc import Iterable, Mapping
import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa

from tools.dataset import jpeg

Stats = dict[str, dict[str, Any]]

# LeRobot's own figures for what is sampled: frames (at least, at most, the power of the length), and pixels.
_FEWEST_FRAMES = 100
_MOST_FRAMES = 10_000
_POWER = 0.75
_LARGE = 300
_TARGET = 150


def episode_stats(
    columns: Mapping[str, np.ndarray], cells: Iterable[tuple[int, Mapping[str, Any]]] = (), rows: int | None = None
) -> Stats:
    """The statistics of one episode, as a line of meta/episodes_stats.jsonl holds them under `stats`.

    Args:
        columns: The numbers by feature, [T] or [T, D...]; text has no statistics and is left out by the caller.
        cells: The images, a group of frames at a time in their order: the group's first frame, and each camera's cells
            (a struct array of `bytes` and `path`, or a list of bytes). `image_cells` of tools.dataset.episode gives it.
        rows: How many frames the episode has; taken from the columns where there is one.

    Returns:
        By feature `min`, `max`, `mean`, `std`, `count`, all of them lists: columns in their order, then cameras.

    Raises:
        ValueError: There is no frame, or an image that is looked at does not decode; the text says where.
    """
    rows = len(next(iter(columns.values()))) if rows is None else rows
    if rows == 0:
        raise ValueError("no frames")
    stats = {name: _of_numbers(values) for name, values in columns.items()}
    wanted = sampled_frames(rows)
    seen: dict[str, Pixels] = {}
    for first, group in cells:
        for camera, values in group.items():
            pixels = seen.setdefault(camera, Pixels())
            for frame in wanted[(wanted >= first) & (wanted < first + len(values))]:
                try:
                    pixels.add(jpeg.decode(_bytes(values[int(frame) - first])))
                except ValueError as e:
                    raise ValueError(f"{camera}, frame {frame}: {e}") from e
    return stats | {camera: pixels.stats(camera) for camera, pixels in seen.items()}


def sampled_frames(rows: int) -> np.ndarray:
    """Which frames of an episode are looked at, int64[N], in their order."""
    most = max(min(rows, _FEWEST_FRAMES), min(int(rows**_POWER), _MOST_FRAMES))
    return np.round(np.linspace(0, rows - 1, most)).astype(np.int64)


def thinned(image: np.ndarray) -> np.ndarray:
    """Every n-th pixel of a large image both ways, all of a small one; a view of [H, W, 3]."""
    height, width = image.shape[:2]
    if max(height, width) < _LARGE:
        return image
    step = max(height, width) // _TARGET
    return image[::step, ::step]


@dataclasses.dataclass
class Pixels:
    """What has been seen of one camera: sums of whole numbers, so that the result is exact in whatever order.

    Attributes:
        frames: How many images.
        counts: int64[3, 256], how often each colour had each value.
    """

    frames: int = 0
    counts: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros((3, 256), np.int64))

    def add(self, image: np.ndarray) -> None:
        """Adds an image, uint8[H, W, 3]."""
        self.frames += 1
        for colour, plane in enumerate(np.moveaxis(thinned(image), -1, 0)):
            self.counts[colour] += np.bincount(plane.ravel(), minlength=256)

    def stats(self, camera: str) -> dict[str, Any]:
        """Its statistics, each of shape (3, 1, 1), with values in 0..1.

        Raises:
            ValueError: It had no image.
        """
        if not self.frames:
            raise ValueError(f"{camera}: no image to look at")
        values = np.arange(256)
        colours = []
        for counts in self.counts:
            there = np.flatnonzero(counts)
            mean = counts @ values / counts.sum()
            std = np.sqrt(counts @ (values - mean) ** 2 / counts.sum())
            colours.append((there[0], there[-1], mean, std))
        low, high, means, stds = ([[[float(value / 255)]] for value in one] for one in zip(*colours, strict=True))
        return {"min": low, "max": high, "mean": means, "std": stds, "count": [self.frames]}


def _of_numbers(values: np.ndarray) -> dict[str, Any]:
    plain = values.ndim == 1
    # In double precision: a long episode's sum in single precision is off, and a joint that stands still would have a
    # deviation.
    with np.errstate(over="ignore", invalid="ignore"):  # of infinite numbers, which become infinite statistics
        found = {
            "min": np.min(values, axis=0, keepdims=plain),
            "max": np.max(values, axis=0, keepdims=plain),
            "mean": np.mean(values, axis=0, keepdims=plain, dtype=np.float64),
            "std": np.std(values, axis=0, keepdims=plain, dtype=np.float64),
        }
    return {name: value.tolist() for name, value in found.items()} | {"count": [len(values)]}


def _bytes(cell: Any) -> bytes:
    value = cell.as_py() if isinstance(cell, pa.StructScalar) else cell
    data = value.get("bytes") if isinstance(value, dict) else value
    if not data:
        raise ValueError("no image in the cell")
    return data
