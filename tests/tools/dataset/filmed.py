"""A small dataset with a camera in video files, each of which says behind its end whose it is."""

import functools
import json
import pathlib
import tempfile

import numpy as np
import pyarrow.parquet as pq

from tests.tools.dataset.edits.edited import info
from tests.tools.dataset.edits.edited import set_info
from tests.tools.dataset.made_dataset import FRAMES
from tests.tools.dataset.made_dataset import make_dataset
from tests.tools.dataset.v30_datasets import write_video
from tools.dataset.dataset import DATA_PATH
from tools.dataset.dataset import VIDEO_PATH

FILM = "observation.images.film"
# The usual name of an episode's file and another one that LeRobot reads.
NAMES = (DATA_PATH, "data/chunk-{episode_chunk:03d}/ep_{episode_index:06d}.parquet")


def make_filmed(root: pathlib.Path, episodes: int, data_path: str = DATA_PATH) -> pathlib.Path:
    """A dataset whose episodes have a film."""
    make_dataset(root, episodes)
    features = info(root)["features"] | {FILM: {"dtype": "video", "shape": [16, 16, 3], "names": None}}
    set_info(root, data_path=data_path, video_path=VIDEO_PATH, features=features, total_videos=episodes)
    for episode in range(episodes):
        usual, named = (root / one.format(episode_chunk=0, episode_index=episode) for one in (DATA_PATH, data_path))
        usual.rename(named)
        film = film_of(root, episode)
        film.parent.mkdir(parents=True, exist_ok=True)
        film.write_bytes(_film(named))
    return root


def film_of(root: pathlib.Path, episode: int) -> pathlib.Path:
    """Where an episode's film lies."""
    return root / VIDEO_PATH.format(episode_chunk=0, video_key=FILM, episode_index=episode)


def every_film_is_its_own(root: pathlib.Path, episodes: int) -> bool:
    """Whether there are so many episodes, and each has the film of its own states."""
    assert sorted((root / "videos").rglob("*.mp4")) == [film_of(root, episode) for episode in range(episodes)]
    data_path = info(root)["data_path"]
    paths = [root / data_path.format(episode_chunk=0, episode_index=episode) for episode in range(episodes)]
    assert sorted((root / "data").rglob("*.parquet")) == paths
    films = [film_of(root, episode).read_bytes() for episode in range(episodes)]
    return films == [_film(path) for path in paths]


def _film(path: pathlib.Path) -> bytes:
    """A video, and behind it a box that players pass over, with the first state of a data file."""
    whose = json.dumps(pq.read_table(path, columns=["observation.state"]).column(0)[0].as_py()).encode()
    return _video() + (len(whose) + 8).to_bytes(4, "big") + b"free" + whose


@functools.cache
def _video() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "video.mp4")
        write_video(path, [np.full((16, 16, 3), 40 * at, np.uint8) for at in range(FRAMES)], 10)
        return path.read_bytes()
