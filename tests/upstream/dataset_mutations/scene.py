"""The little robot that all datasets here show: what its joints do, and what its cameras see."""

import io

import numpy as np
import PIL.Image

FPS = 10
# The first and the last are of one length, so that one may stand in the other's place; the middle one is not.
LENGTHS = (5, 4, 5)
# By episode: two tasks, so that a wrong one is seen.
TASK_OF = (0, 1, 0)
TASKS = ("Pick up the bottle and place it on the yellow square.", "Put the bottle back.")
JOINTS = ("shoulder", "elbow", "wrist", "gripper")
CAMERAS = ("observation.images.scene", "observation.images.wrist")
HEIGHT, WIDTH = 16, 24  # not square, so that one taken for the other is seen


def states(episode: int, frames: int) -> np.ndarray:
    """Where the joints are, float32[frames, 4]: all of them move, and each episode starts somewhere else."""
    phase = 0.35 * np.arange(frames)[:, None] + 0.9 * episode + 0.7 * np.arange(len(JOINTS))
    return (30 * np.sin(phase)).astype(np.float32)


def actions(state: np.ndarray) -> np.ndarray:
    """The state one frame later, the last one's own: the guide's convention."""
    return np.concatenate([state[1:], state[-1:]])


def picture(camera: str, episode: int, frame: int) -> np.ndarray:
    """What a camera sees, uint8[H, W, 3]: a slope of colours with a patch in it that moves from frame to frame."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    image = np.stack([rows * 12, columns * 9, rows * 4 + columns * 5], axis=-1)
    if camera == CAMERAS[1]:
        image = 255 - image
    left = (3 * frame + 5 * episode) % (WIDTH - 6)
    image[4:10, left : left + 6] = (220, 40 + 30 * episode, 60)
    return image.astype(np.uint8)


def encoded(image: np.ndarray | PIL.Image.Image, kind: str = "JPEG", **options) -> bytes:
    """An image as the bytes of a file; a JPEG has quality 60 unless told otherwise."""
    image = image if isinstance(image, PIL.Image.Image) else PIL.Image.fromarray(image)
    out = io.BytesIO()
    image.save(out, kind, **({"quality": 60} if kind == "JPEG" else {}) | options)
    return out.getvalue()
