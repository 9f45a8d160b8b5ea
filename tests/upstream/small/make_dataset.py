"""Makes the demo's dataset of a waving so101 with LeRobot's own writer, to hold what others make against."""

import pathlib
import shutil

from openpi.policies import so101_policy
from openpi.training.lerobot_dataset import LeRobotDataset
from tools.demo.waving_arm import EPISODES
from tools.demo.waving_arm import RATE_HZ
from tools.demo.waving_arm import SIZE
from tools.demo.waving_arm import TASK
from tools.demo.waving_arm import draw
from tools.demo.waving_arm import position


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
