"""An episode's statistics are what their names say; tests/upstream holds them against LeRobot's own."""

import io

import numpy as np
import PIL.Image
import pyarrow as pa
import pytest

from tools.dataset import jpeg
from tools.dataset.features import IMAGE_TYPE
from tools.dataset.statistics import episode_stats
from tools.dataset.statistics import sampled_frames
from tools.dataset.statistics import thinned


def png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    PIL.Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def test_numbers():
    values = np.array([[1, 10], [2, 10], [6, 10]], np.float32)
    stats = episode_stats({"observation.state": values, "index": np.array([4, 5, 9])})
    assert stats["observation.state"] == {
        "min": [1.0, 10.0], "max": [6.0, 10.0], "mean": [3.0, 10.0], "std": [pytest.approx(np.sqrt(14 / 3)), 0.0],
        "count": [3],
    }  # fmt: skip
    assert stats["index"] == {
        "min": [4],
        "max": [9],
        "mean": [6.0],
        "std": [pytest.approx(np.sqrt(14 / 3))],
        "count": [3],
    }
    assert isinstance(stats["index"]["min"][0], int)


def test_a_joint_that_stands_still_has_no_deviation_however_long_the_episode():
    stats = episode_stats({"action": np.full((50_000, 1), 0.1, np.float32)})
    assert stats["action"]["std"] == [pytest.approx(0, abs=1e-12)]
    assert stats["action"]["mean"] == [pytest.approx(np.float32(0.1), rel=1e-12)]


def test_images_are_taken_in_0_to_1_for_each_colour():
    one, two = np.zeros((2, 4, 4, 3), np.uint8)
    one[..., 0], two[..., 0] = 100, 200
    one[..., 2] = 255
    stats = episode_stats({}, [(0, {"cam": [png(one)]}), (1, {"cam": [png(two)]})], rows=2)["cam"]
    assert stats["min"] == [[[100 / 255]], [[0.0]], [[0.0]]]
    assert stats["max"] == [[[200 / 255]], [[0.0]], [[1.0]]]
    assert np.allclose(stats["mean"], [[[150 / 255]], [[0.0]], [[0.5]]])
    assert np.allclose(stats["std"], [[[50 / 255]], [[0.0]], [[0.5]]])
    assert stats["count"] == [2]


def test_the_same_from_struct_arrays_in_groups_as_from_bytes_in_one():
    rng = np.random.default_rng(1)
    images = [jpeg.encode(rng.integers(0, 255, (20, 30, 3), np.uint8)) for _ in range(250)]
    cells = pa.array([{"bytes": one, "path": None} for one in images], IMAGE_TYPE)
    groups = [(first, {"cam": cells.slice(first, 100)}) for first in range(0, 250, 100)]
    columns = {"index": np.arange(250)}
    assert episode_stats(columns, groups) == episode_stats(columns, [(0, {"cam": images})])
    assert episode_stats(columns, groups)["cam"]["count"] == [100]


def test_which_frames_are_looked_at():
    assert sampled_frames(1).tolist() == [0]
    assert sampled_frames(7).tolist() == list(range(7))
    assert len(sampled_frames(400)) == 100
    assert len(sampled_frames(1000)) == 177
    assert len(sampled_frames(2_000_000)) == 10_000
    assert sampled_frames(1000)[[0, -1]].tolist() == [0, 999]


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((64, 64), (64, 64)),
        ((299, 299), (299, 299)),
        ((480, 640), (120, 160)),
        ((640, 480), (160, 120)),
        ((300, 10), (150, 5)),
    ],
)
def test_large_images_are_thinned(size, small):
    assert thinned(np.zeros((*size, 3), np.uint8)).shape == (*small, 3)


@pytest.mark.parametrize("cell", [b"", None, b"no image", jpeg.encode(np.zeros((8, 8, 3), np.uint8))[:-40]])
def test_an_image_that_does_not_decode_is_named(cell):
    good = jpeg.encode(np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(ValueError, match="cam, frame 1: "):
        episode_stats({}, [(0, {"cam": [good, cell]})], rows=2)


def test_no_frames_have_no_statistics():
    with pytest.raises(ValueError, match="no frames"):
        episode_stats({"index": np.array([], np.int64)})
    with pytest.raises(ValueError, match="cam: no image"):
        episode_stats({}, [(0, {"cam": []})], rows=2)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_every_mode_is_decoded_as_pillow_does(mode):
    rng = np.random.default_rng(2)
    image = PIL.Image.fromarray(rng.integers(0, 255, (16, 24, 3), np.uint8)).convert(mode)
    for kind in ("PNG", "JPEG") if mode == "L" else ("JPEG",) if mode == "CMYK" else ("PNG",):
        file = io.BytesIO()
        image.save(file, kind)
        assert np.array_equal(jpeg.decode(file.getvalue()), PIL.Image.open(file).convert("RGB"))


def test_a_jpeg_is_decoded_to_the_pixels_that_pillow_gets():
    smooth = np.linspace(0, 255, 480 * 640 * 3).reshape(480, 640, 3).astype(np.uint8)
    data = jpeg.encode(smooth)
    assert np.array_equal(jpeg.decode(data), PIL.Image.open(io.BytesIO(data)))
    assert np.abs(jpeg.decode(data).astype(int) - smooth).mean() < 3
    assert jpeg.header(data) == (480, 640, "YCbCr")
    assert len(jpeg.encode(smooth, 95)) > len(data) > len(jpeg.encode(smooth, 20))
