"""Asks whether each episode has its videos."""

from collections.abc import Iterator

from tools.dataset.dataset import VIDEO_PATH
from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "Every camera of dtype video has a file for each episode, at video_path."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names each that is missing."""
    cameras = [name for name, feature in dataset.features.items() if feature.is_video]
    if cameras and dataset.video_path_of(0, cameras[0]) is None:
        yield Finding(
            expected=VIDEO_PATH,
            found=repr(dataset.info.get("video_path")),
            hint="LeRobot fills in this template for every camera of dtype video",
            file="meta/info.json",
        )
        return
    for camera in cameras:
        for index in dataset.episode_files:
            path = dataset.video_path_of(index, camera)
            if path is None or not path.is_file():
                yield Finding(
                    expected=str(path).removeprefix(f"{dataset.root}/"),
                    found="no such file",
                    hint="LeRobot goes to the hub for it, and says that it is offline or finds no such repository",
                    episode=index,
                    column=camera,
                )
