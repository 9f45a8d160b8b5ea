"""Asks whether the images lie in the parquet, where OpenPI's loader is fast."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "Cameras are images in the parquet, and not videos."
SEVERITY = "note"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names the cameras that are videos."""
    cameras = [name for name, feature in dataset.features.items() if feature.is_video]
    if cameras:
        yield Finding(
            expected="dtype image",
            found=f"video: {', '.join(cameras)}",
            hint="each frame drawn in training is found by decoding from the last key frame on, and the GPU waits",
            file="meta/info.json",
        )
