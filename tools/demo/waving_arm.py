"""The demo's motion: a drawn so101 that waves, and two cameras that show where its joints are."""

import numpy as np

RATE_HZ = 30
SIZE = (64, 64)  # height, width
EPISODES = 2
# The whole arm swings to and fro in this time, each joint by its own reach, in the units of the state, and a little
# later than the one before: where one joint is going can be seen from where the others are.
PERIOD_S = 2.0
REACHES = np.array([40.0, 30.0, 30.0, 25.0, 20.0, 45.0])
TASK = "Wave at the camera."


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
