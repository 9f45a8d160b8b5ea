"""A small robot to record: its features, its frames, and processes that are killed while they record it."""

import pathlib
import subprocess
import sys

import numpy as np

from tools.command import ROOT
from tools.dataset.robot_features import RobotFeatures
from tools.dataset.robot_features import robot_features

JOINTS = ["base", "elbow", "gripper"]
ABOUT = robot_features("tiny", 30, JOINTS, JOINTS, {"scene": (48, 64)})
SCENE = "observation.images.scene"


def frame(number: int, about: RobotFeatures = ABOUT) -> dict[str, np.ndarray]:
    """The frame of that number: joints that move, and a picture in which a bar does."""
    image = np.full((48, 64, 3), 40, np.uint8)
    image[:, : 1 + number % 60] = (200, 120, 90)
    cameras = {name: image for name, feature in about.features.items() if feature.is_image}
    return {"observation.state": state(number), **cameras}


def state(number: int) -> np.ndarray:
    """Where the joints are in a frame, float32[3]."""
    return np.array([number, np.sin(number / 5), 50 + number % 7], np.float32)


def run_script(code: str, *args: str | pathlib.Path) -> subprocess.CompletedProcess:
    """Runs code in a process of its own, in which the names of this module are there."""
    return subprocess.run(_line(code, args), capture_output=True, text=True, check=False, cwd=ROOT)


def start_script(code: str, *args: str | pathlib.Path) -> subprocess.Popen:
    """Starts such a process, and leaves it running."""
    return subprocess.Popen(_line(code, args), stdout=subprocess.PIPE, text=True, cwd=ROOT)


def span_of_lost(told: list[str], kept: int) -> float:
    """From the first frame that a killed recorder lost to the last that it took, in seconds.

    Exact on a machine that may stop at any moment: the writer took the last frame after `before` and while the first lost
    one, taken before `after`, was younger than it allows.

    Args:
        told: `before after` of each frame that was taken, read off a clock around the call.
        kept: How many are in the journal.
    """
    lost = [tuple(map(float, line.split())) for line in told[kept:]]
    return lost[-1][0] - lost[0][1] if lost else 0.0


def _line(code: str, args: tuple[str | pathlib.Path, ...]) -> list[str]:
    head = "import os, pathlib, signal, sys, time\nfrom tests.tools.dataset.recording import *\n"
    head += "from tools.dataset.writer import Writer\nroot = pathlib.Path(sys.argv[1])\n"
    return [sys.executable, "-c", head + code, *map(str, args)]
