"""Datasets as LeRobot's own writer leaves them: with images, and with videos."""

import pathlib

import av
import numpy as np
import pyarrow.parquet as pq

from tests.upstream.dataset_mutations import scene

VIDEO_PATH = "videos/chunk-000/{camera}/episode_{episode:06d}.mp4"


def write_by_lerobot(root: pathlib.Path, *, videos: bool = False) -> None:
    """Writes the scene's episodes; with `videos` the cameras are mp4 files, which are encoded here beforehand.

    LeRobot encodes with a codec that not every machine has, and leaves alone a video that is there.
    """
    from openpi.training.lerobot_dataset import LeRobotDataset

    numbers = {"dtype": "float32", "shape": (len(scene.JOINTS),), "names": list(scene.JOINTS)}
    image = {
        "dtype": "video" if videos else "image",
        "shape": (scene.HEIGHT, scene.WIDTH, 3),
        "names": ["height", "width", "channels"],
    }
    features = {"observation.state": numbers, "action": numbers, **dict.fromkeys(scene.CAMERAS, image)}
    dataset = LeRobotDataset.create(
        "tests/any", fps=scene.FPS, root=root, robot_type="so101", use_videos=videos, features=features
    )
    for episode, frames in enumerate(scene.LENGTHS):
        state = scene.states(episode, frames)
        action = scene.actions(state)
        for at in range(frames):
            cameras = {camera: scene.picture(camera, episode, at) for camera in scene.CAMERAS}
            frame = {"observation.state": state[at], "action": action[at], **cameras}
            dataset.add_frame(frame, task=scene.TASKS[scene.TASK_OF[episode]])
        for camera in scene.CAMERAS if videos else ():
            write_video(root / VIDEO_PATH.format(camera=camera, episode=episode), camera, episode)
        dataset.save_episode()
    assert all(pq.read_schema(path).metadata for path in root.rglob("*.parquet"))


def write_video(
    path: pathlib.Path,
    camera: str,
    episode: int,
    *,
    frames: int | None = None,
    fps: int = scene.FPS,
    enlarge: int = 1,
) -> None:
    """Writes what a camera saw in an episode as an mp4 file, in place of one that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.width, stream.height, stream.pix_fmt = scene.WIDTH * enlarge, scene.HEIGHT * enlarge, "yuv420p"
        for at in range(frames or scene.LENGTHS[episode]):
            image = scene.picture(camera, episode, at).repeat(enlarge, 0).repeat(enlarge, 1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")))
        container.mux(stream.encode())
