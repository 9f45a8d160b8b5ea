"""How fast videos become JPEG in parquet, beside what decoding and encoding the same frames alone take on all cores."""

import json
import pathlib
import statistics
import tempfile
import time

import av
import pyarrow.parquet as pq

from tools.command import ROOT
from tools.dataset import jpeg
from tools.dataset import pool
from tools.dataset.convert import __main__ as command
from tools.dataset.dataset import VIDEO_PATH
from tools.dataset.dataset import read_dataset
from tools.dataset.episode import image_cells
from tools.dataset.made_up import make_up

# Of decoder and encoder alone: a hundred images of each camera and episode are decoded again for their statistics.
_LEAST = 0.5


def convert(*, runs: int, as_json: bool) -> int:
    """Makes a dataset with two videos an episode, converts it `runs` times, and prints medians; 0 when within the limit."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="bench-convert-") as folder:
        root = make_up(pathlib.Path(folder, "filmed"), episodes=16, frames=150, height=480, width=640)
        videos, rates = _film(root), {"convert": [], "decoder and encoder alone": []}
        for number in range(runs):
            began = time.perf_counter()
            command.convert(command.read_plan(root, images=True), pathlib.Path(folder, f"converted-{number}"))
            between = time.perf_counter()
            frames = sum(pool.over(_decode_and_encode, videos, heavy=True))
            rates["convert"].append(frames / (between - began))
            rates["decoder and encoder alone"].append(frames / (time.perf_counter() - between))
    figures = {name: statistics.median(values) for name, values in rates.items()}
    part = figures["convert"] / figures["decoder and encoder alone"]
    told = [f"{name:<28}{figure:>8,.0f} frames/s of 640x480" for name, figure in figures.items()]
    told.append(f"{'convert, of these alone':<28}{part:>8.2f} limit {_LEAST}")
    print(json.dumps({"a_second": figures, "part": part}) if as_json else "\n".join(told))
    return 0 if part >= _LEAST else 1


def _film(root: pathlib.Path) -> list[pathlib.Path]:
    """Makes videos of a dataset's images, in its own place, and returns them."""
    dataset, made = read_dataset(root), []
    cameras = [name for name, feature in dataset.features.items() if feature.is_image]
    for episode, path in dataset.episode_files.items():
        groups = [group for _, group in image_cells(path, cameras)]
        for camera in cameras:
            made.append(root / VIDEO_PATH.format(episode_chunk=0, video_key=camera, episode_index=episode))
            made[-1].parent.mkdir(parents=True, exist_ok=True)
            with av.open(str(made[-1]), "w") as container:
                stream = container.add_stream("libx264", round(dataset.fps), options={"g": "2", "crf": "30"})
                stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
                for cell in (cell for group in groups for cell in group[camera].to_pylist()):
                    container.mux(stream.encode(av.VideoFrame.from_ndarray(jpeg.decode(cell["bytes"]))))
                container.mux(stream.encode())
        pq.write_table(pq.read_table(path).drop_columns(cameras), path)
    for camera in cameras:
        dataset.info["features"][camera]["dtype"] = "video"
    (root / "meta" / "info.json").write_text(json.dumps(dataset.info | {"video_path": VIDEO_PATH}))
    return made


def _decode_and_encode(path: pathlib.Path) -> int:
    with av.open(str(path)) as container:
        return sum(bool(jpeg.encode(frame.to_ndarray(format="rgb24"))) for frame in container.decode(video=0))
