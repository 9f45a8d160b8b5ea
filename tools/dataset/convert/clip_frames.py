"""The frames of the stretch of a video that is one episode: as JPEG, or counted where the video is kept."""

from collections.abc import Iterator
import shutil
from typing import Any

import numpy as np

from tools.dataset import jpeg
from tools.dataset.convert.plan import Clip
from tools.dataset.convert.plan import Source
from tools.dataset.convert.shard_rows import ShardError
from tools.dataset.convert.target import Target
from tools.dataset.convert.video_frames import VideoError
from tools.dataset.convert.video_frames import frames_at
from tools.dataset.dataset import path_by_template
from tools.dataset.features import Feature
from tools.dataset.statistics import Pixels
from tools.dataset.statistics import sampled_frames

# How far, as a part of the time from one frame to the next, a video's frame may be from its row's time. Half would no
# longer tell which of two frames is meant; LeRobot itself takes 0.1 ms, which adding up times to a long file uses up.
_TOLERANCE = 0.25
# What times of a long file are off by, being sums of float64.
_ROUNDING_S = 1e-4


def jpegs_of(source: Source, target: Target, feature: Feature, times: np.ndarray) -> Iterator[bytes]:
    """The frames of an episode's video at its rows' times, float64[T], each as JPEG.

    Raises:
        ShardError: The video is not as long as the episode, of another size, or lacks a frame.
    """
    for image in _frames(source.clips[feature.name], feature, times, target.info["fps"]):
        yield jpeg.encode(image, target.quality)


def _frames(clip: Clip, feature: Feature, times: np.ndarray, fps: float) -> Iterator[np.ndarray]:
    """The frames of an episode's video at its rows' times."""
    half = 0.5 / fps
    # From its last row's time on a stretch lasts a frame. Where it is longer, frames of another episode may be in it.
    beyond = np.inf if clip.end_s is None else clip.end_s - clip.begin_s - times[-1] - 1 / fps
    if clip.end_s is not None and abs(beyond) > half + _ROUNDING_S:
        found = f"it ends at {clip.end_s - clip.begin_s:.4f} s, and its last row is at {times[-1]:.4f} s"
        raise ShardError(f"a video of {feature.name} as long as the episode", f"{found} ({clip.path})")
    try:
        for image in frames_at(clip.path, clip.begin_s + times, _TOLERANCE / fps):
            if image.shape[:2] != feature.height_width:
                found = f"{image.shape[0]}x{image.shape[1]}"
                raise ShardError(
                    f"frames of {feature.name} of {'x'.join(map(str, feature.height_width))} pixels", found
                )
            yield image
    except VideoError as e:
        raise ShardError(f"the frames of {feature.name} in {clip.path}", str(e)) from e


def keep_video(source: Source, target: Target, feature: Feature, times: np.ndarray) -> dict[str, Any]:
    """Copies an episode's video, whose rows are at `times` (float64[T], seconds), and returns its statistics.

    Raises:
        ShardError: See `jpegs_of`.
    """
    clip = source.clips[feature.name]
    path = path_by_template(target.folder, target.info, "video_path", source.index, video_key=feature.name)
    pixels = Pixels()
    for image in _frames(clip, feature, times[sampled_frames(source.rows)], target.info["fps"]):
        pixels.add(image)
    shutil.copyfile(clip.path, path)
    return pixels.stats(feature.name)
