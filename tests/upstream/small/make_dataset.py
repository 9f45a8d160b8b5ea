"""Makes a small dataset of a so101 in smooth motion with LeRobot's own writer: `make_dataset.py ROOT REPO_ID [FRAMES]`.

A drawn arm that waves, and two cameras that show where its joints are. The action is the state one frame later, as in the
guide.
"""

import pathlib
import shutil
import sys

import numpy as np

from openpi.policies import so101_policy
from openpi.training.lerobot_dataset import LeRobotDataset

RATE_HZ = 30
SIZE = (64, 64)  # height, width
EPISODES = 2
# The whole arm swings to and fro in this time, each joint by its own reach, in the units of the state, and a little
# later than the one before: where one joint is going can be seen from where the others are.
PERIOD_S = 2.0
REACHES = np.array([40.0, 30.0, 30.0, 25.0, 20.0, 45.0])
TASK = "Wave at the camera."


def make_dataset(root: pathlib.Path, repo_id: str, frames: int) -> None:
    """Writes EPISODES episodes of `frames` frames each; a folder that is there is replaced."""
    shutil.rmtree(root / repo_id, ignore_errors=True)
    height, width = SIZE
    names = list(so101_policy.STATE_NAMES)
    numbers = {"dtype": "float32", "shape": (len(names),), "names": names}
    image = {"dtype": "image", "shape": (height, width, 3), "names": ["height", "width", "channels"]}
    dataset = LeRobotDataset.create(
        repo_id,
        fps=RATE_HZ,
        root=root / repo_id,
        robot_type="so101",
        use_videos=False,
        features={
            "observation.state": numbers,
            "action": numbers,
            **{f"observation.images.{camera}": image for camera in so101_policy.CAMERAS},
        },
    )
    for episode in range(EPISODES):
        for frame in range(frames):
            state = position(episode, frame)
            cameras = {f"observation.images.{key}": draw(state, key) for key in so101_policy.CAMERAS}
            action = position(episode, min(frame + 1, frames - 1))
            dataset.add_frame({"observation.state": state, "action": action, **cameras}, task=TASK)
        dataset.save_episode()


def position(episode: int, frame: int) -> np.ndarray:
    """Where the joints are, float32[6], in degrees and percent."""
    phase = 2 * np.pi * (frame / RATE_HZ / PERIOD_S + 0.3 * episode + 0.12 * np.arange(6))
    state = REACHES * np.sin(phase)
    state[5] += 50
    return state.astype(np.float32)


def draw(state: np.ndarray, camera: str) -> np.ndarray:
    """What a camera sees, uint8[H, W, 3]: a gauge for each joint, one under the other, longer where it is further."""
    height, width = SIZE
    image = np.full((height, width, 3), 30 if camera == "scene" else 60, np.uint8)
    middle = np.array([0, 0, 0, 0, 0, 50])
    filled = np.round(width * (0.5 + 0.45 * (state - middle) / REACHES)).astype(int)
    for joint, length in enumerate(filled):
        row = 2 + joint * 10
        image[row : row + 8, :length] = (250 - 35 * joint, 60 + 35 * joint, 90)
    return image


if __name__ == "__main__":
    make_dataset(pathlib.Path(sys.argv[1]), sys.argv[2], int((sys.argv[3:] or ["60"])[0]))
