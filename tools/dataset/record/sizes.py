"""What can be known to be wrong before a frame is there: features, rate, quality, and how long an episode can be."""

import re
import warnings

import numpy as np

from tools.dataset import jpeg
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.robot_features import RobotFeatures
from tools.refusal import Refused

# How far the difference of two timestamps may be from 1/fps, in seconds: LeRobot's own figure.
_TOLERANCE_S = 1e-4


def refuse_features(about: RobotFeatures) -> None:
    """Says no to features that LeRobot would not read, or that cannot be written.

    Raises:
        Refused: One of them is wrong; the message names it.
    """
    if isinstance(about.fps, bool) or not isinstance(about.fps, int | float) or not 0 < about.fps < 1000:
        raise Refused(
            "fps", expected="frames a second, more than 0", found=f"{about.fps!r}", todo="give the robot's rate"
        )
    for name, dtype in INDEX_FEATURES.items():
        feature = about.features.get(name)
        if feature is None or (feature.dtype, feature.shape) != (dtype, (1,)):
            found = "nothing" if feature is None else f"{feature.dtype}{list(feature.shape)}"
            raise Refused(
                f"the feature {name}", expected=f"{dtype}[1]", found=found, todo="take INDEX_FEATURES as they are"
            )
    for name, feature in about.given.items():
        why = None
        if feature.is_video:
            why = ("images in the parquet", "video", 'give it the dtype "image"')
        elif not (feature.is_image or feature.is_numeric or feature.dtype == "string"):
            why = ("a dtype of numbers, image or string", feature.dtype, "give it another dtype")
        elif feature.is_image and (len(feature.shape) != 3 or 3 not in (feature.shape[0], feature.shape[2])):
            why = ("[height, width, 3]", f"{list(feature.shape)}", "write colour images")
        elif feature.is_numeric and (not feature.shape or min(feature.shape) < 1 or len(feature.shape) > 5):
            why = ("one to five axes, none of them empty", f"{list(feature.shape)}", "give it a shape")
        elif feature.dtype == "string" and feature.shape != (1,):
            why = ("the shape [1]", f"{list(feature.shape)}", "give each text a feature of its own")
        elif not feature.is_image and "image" in name:  # LeRobot goes by the name when it reads the statistics
            why = ('"image" in names of cameras only', feature.dtype, "give it another name")
        elif not re.fullmatch(r"[^/\s]+", name):
            why = ("a name without slashes and blanks", name, "give it another name")
        if why:
            raise Refused(f"the feature {name}", expected=why[0], found=why[1], todo=why[2])


def refuse_quality(quality: int) -> None:
    """Says no to a JPEG quality that is none, and a word to one that the guide advises against.

    Raises:
        Refused: It is not 1 to 100.
    """
    if type(quality) is not int or not 1 <= quality <= 100:
        raise Refused(
            "quality", expected="1 to 100, 50 to 70 by the guide", found=f"{quality!r}", todo="leave it at 60"
        )
    if quality not in jpeg.QUALITIES:
        effect = "fills the disk with what the model does not see" if quality > 70 else "costs what the model does see"
        warnings.warn(f"JPEG quality {quality} {effect}: 50 to 70 is the guide's range", stacklevel=3)


def refuse_length(frame: int, fps: float, where: str) -> None:
    """Says no to a frame that comes so late in an episode that a float32 cannot tell its time from the one before.

    Raises:
        Refused: LeRobot would refuse the dataset at this frame.
    """
    step = np.float32(frame / fps) - np.float32((frame - 1) / fps)
    if abs(float(step) - 1 / fps) > _TOLERANCE_S:
        raise Refused(
            where,
            expected="an episode short enough for timestamps in float32",
            found=f"{frame / fps:.0f} s, where 1/{fps} s cannot be told exactly enough for LeRobot",
            todo="save the episode here and go on in the next; a task takes a minute at most",
        )
