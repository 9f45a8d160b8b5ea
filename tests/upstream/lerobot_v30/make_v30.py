"""Makes datasets with LeRobot 0.4.4, and says what its own reader gives: `make_v30.py FOLDER`, in its own environment.

Beside each dataset lies NAME.npz: every camera's frames as LeRobot's reader decodes them, uint8[T, H, W, 3].
"""

import pathlib
import sys

from lerobot.datasets.lerobot_dataset import LeRobotDataset
import numpy as np

from tests.tools.dataset import v30_datasets as small

LENGTHS = (6, 3, 9, 2, 5, 12, 4)
# name -> (images or videos, frames a second, codec). 7 does not divide into whole milliseconds.
KINDS = {
    "images": ("image", 30, "h264"),
    "av1": ("video", 30, "libsvtav1"),
    "h264": ("video", 7, "h264"),
}


def make(root: pathlib.Path, kind: str, fps: int, codec: str) -> None:
    """Records a dataset in LeRobot's own way."""
    numbers = {"dtype": "float32", "names": None}
    sizes = {small.CAMERAS[0]: (small.HEIGHT, small.WIDTH, 3), small.CAMERAS[1]: (3, small.HEIGHT, small.WIDTH)}
    features = {
        small.STATE: numbers | {"shape": (6,)},
        small.ACTION: numbers | {"shape": (6,)},
        small.GRID: numbers | {"shape": (2, 3)},
        small.SPEED: numbers | {"shape": (1,)},
        **{camera: {"dtype": kind, "shape": size, "names": None} for camera, size in sizes.items()},
    }
    features[small.CAMERAS[0]]["names"] = ["height", "width", "channels"]
    features[small.CAMERAS[1]]["names"] = ["channels", "height", "width"]
    dataset = LeRobotDataset.create(
        f"tests/{root.name}", fps, features, root=root, robot_type="so101", use_videos=kind == "video", vcodec=codec
    )
    # So small that the episodes come to lie in several files, and several in most of them.
    dataset.meta.info |= {"data_files_size_in_mb": 0.015, "video_files_size_in_mb": 0.004}
    for episode, rows in enumerate(LENGTHS):
        values = small.numbers(episode, rows)
        for at in range(rows):
            frame = {name: np.atleast_1d(one[at]) for name, one in values.items()}
            pictures = [small.picture(camera, episode, at) for camera in small.CAMERAS]
            frame |= {small.CAMERAS[0]: pictures[0], small.CAMERAS[1]: pictures[1].transpose(2, 0, 1)}
            dataset.add_frame(frame | {"task": small.TASKS[(episode + 1) % 2]})
        with small.ordinary_priority():
            dataset.save_episode()
    dataset.finalize()


def read(root: pathlib.Path) -> dict[str, np.ndarray]:
    """Every camera's frames, as LeRobot reads them."""
    dataset = LeRobotDataset(f"tests/{root.name}", root=root, video_backend="pyav")
    items = [dataset[at] for at in range(len(dataset))]
    return {
        camera: np.stack(
            [np.round(np.asarray(item[camera]) * 255).astype(np.uint8).transpose(1, 2, 0) for item in items]
        )
        for camera in small.CAMERAS
    }


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    for name, (kind, fps, codec) in KINDS.items():
        make(folder / name, kind, fps, codec)
        np.savez(folder / f"{name}.npz", **read(folder / name))
