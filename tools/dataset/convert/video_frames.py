"""Frames of a video at given times, as LeRobot's own decoder picks them: of all frames the one that is nearest."""

from collections.abc import Iterable, Iterator
import pathlib

import av
import numpy as np

_FURTHER_BACK_S = 10.0


class VideoError(Exception):
    """A video does not hold the frames that are asked of it; the text says what it has instead."""


def frames_at(path: pathlib.Path, times_s: Iterable[float], tolerance_s: float) -> Iterator[np.ndarray]:
    """Decodes the frames that are shown at the given times; one frame is held at a time.

    A time is the video's own, so that an episode which lies behind others in a file asks for its times there. Where the
    video is sought at the first of them, decoding begins at the key frame before it.

    Args:
        path: The video.
        times_s: When, in seconds, in rising order.
        tolerance_s: How far the nearest frame may be from a time; less than half the distance of two frames, or the
            frame beside the right one could pass for it.

    Yields:
        uint8[H, W, 3], RGB, one for each time.

    Raises:
        VideoError: The file is not a video, is cut, or has no frame near enough to one of the times.
    """
    times = list(times_s)
    if not times:
        return
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise VideoError("no video stream in it")
            shown = (frame for frame in _from_key_frame(container, times[0]) if frame.time is not None)
            yield from _nearest(shown, times, tolerance_s)
    except (av.FFmpegError, OSError) as e:
        raise VideoError(f"it does not decode: {e.strerror or e}") from e


def _nearest(frames: Iterator[av.VideoFrame], times: list[float], tolerance_s: float) -> Iterator[np.ndarray]:
    before, after = None, next(frames, None)
    for time in times:
        while after is not None and after.time < time:
            before, after = after, next(frames, None)
        there = [frame for frame in (before, after) if frame is not None]
        nearest = min(there, key=lambda frame: abs(frame.time - time), default=None)
        if nearest is None or abs(nearest.time - time) > tolerance_s:
            raise VideoError(_what_is_near(time, before, after))
        if nearest.is_corrupt:
            raise VideoError(f"the frame at {nearest.time:.4f} s is corrupt")
        yield nearest.to_ndarray(format="rgb24")


def _from_key_frame(container: av.container.InputContainer, first_s: float) -> Iterator[av.VideoFrame]:
    """All frames from a key frame at or before a time on; those before the time are decoded and passed over."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    # A file may be sought by the order of decoding: the key frame found is then shown after the time that was meant.
    for start in (first_s, first_s - _FURTHER_BACK_S):
        if start <= 0:
            break
        try:
            container.seek(round(start / stream.time_base), stream=stream)
            frames = container.decode(stream)
            head = next(frames, None)
        except av.FFmpegError:  # this file cannot be sought
            break
        if head is not None and head.time is not None and head.time <= first_s:
            yield head
            yield from frames
            return
    container.seek(0)
    yield from container.decode(stream)


def _what_is_near(time: float, before: av.VideoFrame | None, after: av.VideoFrame | None) -> str:
    if after is None and before is None:
        return "no frame in it"
    if after is None:
        return f"it ends with a frame at {before.time:.4f} s, and one at {time:.4f} s is asked for"
    if before is None:
        return f"it begins with a frame at {after.time:.4f} s, and one at {time:.4f} s is asked for"
    return f"frames at {before.time:.4f} and {after.time:.4f} s, and none at {time:.4f} s"
