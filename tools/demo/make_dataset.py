"""Makes the demo's dataset with our own writer: `python -I -m tools.demo.make_dataset FOLDER FRAMES`."""

import pathlib
import shutil
import sys

from tools.command import ROOT
from tools.dataset.robot_features import CAMERA
from tools.dataset.robot_features import STATE
from tools.dataset.robot_features import read_robot_features
from tools.dataset.writer import Writer
from tools.demo.waving_arm import EPISODES
from tools.demo.waving_arm import SIZE
from tools.demo.waving_arm import TASK
from tools.demo.waving_arm import draw
from tools.demo.waving_arm import position


def make_dataset(folder: pathlib.Path, frames: int) -> None:
    """Writes EPISODES episodes of a so101 of `frames` frames each; a folder that is there is replaced.

    The action is left to the writer: the state one frame later, as in the guide.
    """
    shutil.rmtree(folder, ignore_errors=True)
    about = read_robot_features(ROOT / "robots" / "so101" / "robot.toml").resized(*SIZE)
    cameras = [name for name, feature in about.features.items() if feature.is_image]
    with Writer(folder, about) as writer:
        for episode in range(EPISODES):
            for frame in range(frames):
                state = position(episode, frame)
                images = {name: draw(state, name.removeprefix(CAMERA)) for name in cameras}
                writer.add_frame({STATE: state, **images}, TASK)
            writer.save_episode()


if __name__ == "__main__":
    make_dataset(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
