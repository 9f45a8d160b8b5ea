"""Asks whether each video holds the frames that its episode asks of it."""

from collections.abc import Iterator
import functools
import pathlib

from tools.dataset import pool
from tools.dataset.dataset import Dataset
from tools.dataset.features import Feature
from tools.dataset.finding import Finding

SENTENCE = "Each video can be opened, has the dataset's rate and size, and a frame for every row of its episode."
SEVERITY = "error"
# Of LeRobot: how far the nearest frame may be from the time that is asked for.
_TOLERANCE_S = 1e-4


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Reads the head of each video; its frames are not decoded."""
    cameras = [feature for feature in dataset.features.values() if feature.is_video]
    asked = [
        (index, feature, path)
        for feature in cameras
        for index in dataset.episode_files
        if (path := dataset.video_path_of(index, feature.name)) is not None and path.is_file()
    ]
    ask = functools.partial(_problem, fps=dataset.fps, lengths=dataset.lengths)
    for (index, feature, path), problem in zip(asked, pool.over(ask, asked), strict=True):
        if problem is not None:
            expected, found = problem
            yield Finding(
                expected,
                found,
                hint="LeRobot seeks each frame by its time, and stops at the first that it does not find; one of "
                "another size reaches the policy as it is",
                file=dataset.name_of(path),
                episode=index,
                column=feature.name,
            )


def _problem(
    asked: tuple[int, Feature, pathlib.Path], *, fps: float | None, lengths: dict[int, int]
) -> tuple[str, str] | None:
    """What was expected and found where a video is wrong, else None."""
    import av  # only where there are videos

    index, feature, path = asked
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                return "a video", "no video stream in it"
            stream = container.streams.video[0]
            rate, frames, size = stream.average_rate, stream.frames, (stream.height, stream.width)
            if not frames:  # the container does not count them
                frames = sum(packet.pts is not None for packet in container.demux(stream))
    except (av.FFmpegError, OSError) as e:
        return "a video", f"it does not open: {e.strerror or e}"
    rows = lengths.get(index, 0)
    if frames < rows:
        return f"{rows} frames, as episodes.jsonl has it", f"{frames}"
    if fps is not None and rate and abs(rows / float(rate) - rows / fps) > _TOLERANCE_S:
        return f"{fps:g} frames a second", f"{float(rate):g}"
    if len(feature.shape) == 3 and size != feature.height_width:
        return "{}x{}, as info.json has it".format(*reversed(feature.height_width)), "{1}x{0}".format(*size)
    return None
