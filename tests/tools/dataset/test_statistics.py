"""An episode's statistics are what their names say; tests/upstream holds them against LeRobot's own. Others are told."""

import io
import json
import pathlib
import types

import numpy as np
import PIL.Image
import pyarrow as pa
import pytest

from tests.tools.dataset.made_dataset import make_dataset
from tools.dataset import check_report
from tools.dataset import jpeg
from tools.dataset import pool
from tools.dataset import repair_plan
from tools.dataset import stats_agree
from tools.dataset.check_run import check_dataset
from tools.dataset.checks import stats_true
from tools.dataset.dataset import read_dataset
from tools.dataset.drafts.draft import draft_of
from tools.dataset.features import IMAGE_TYPE
from tools.dataset.features import Feature
from tools.dataset.finding import Finding
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


SCENE = "observation.images.scene"


def colours(*values: float) -> list:
    return [[[value]] for value in values]


def lines_of(root: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in (root / "meta/episodes_stats.jsonl").read_text().splitlines()]


def with_stats(root: pathlib.Path, changes: dict[str, dict]) -> pathlib.Path:
    """A dataset of which episode 1 has these statistics instead."""
    lines = lines_of(make_dataset(root, 3))
    for name, change in changes.items():
        lines[1]["stats"][name] |= change
    (root / "meta/episodes_stats.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return root


def told(root: pathlib.Path, *, deep: bool = False) -> list[Finding]:
    return [one for one in check_dataset(root, deep=deep).findings if one.check == "stats-true"]


@pytest.fixture
def _in_one_process(monkeypatch):
    monkeypatch.setattr(pool, "over", lambda function, items, heavy=False: map(function, items))


FALSE = {
    "mean": ("action", {"mean": [1e6, 1e6, 1e6]}, False),
    "mean, a little": ("action", {"mean": [0.0, 0.0, 0.01]}, False),
    "std of none": ("action", {"std": [0.0, 0.0, 0.0]}, False),
    "std negative": ("observation.state", {"std": [-1.0, -1.0, -1.0]}, False),
    "min": ("action", {"min": [-50.0, -50.0, -50.0]}, False),
    "count": ("action", {"count": [7]}, False),
    "camera of bytes": (SCENE, {"max": colours(255, 255, 255)}, False),
    "camera below zero": (SCENE, {"min": colours(0, -1, 0)}, False),
    "camera with a mean above its max": (SCENE, {"mean": colours(0.5, 1.0, 0.5), "max": colours(0.9, 0.9, 0.9)}, False),
    "camera with a mean below its min": (SCENE, {"mean": colours(0.1, 0.5, 0.5), "min": colours(0.2, 0, 0)}, False),
    "camera with a std that cannot be": (SCENE, {"std": colours(0.2, 0.2, 60)}, False),
    "camera without deviation below zero": (SCENE, {"std": colours(0.2, -0.2, 0.2)}, False),
    "camera with NaN": (SCENE, {"mean": colours(0.5, float("nan"), 0.5)}, False),
    "camera of other images": (SCENE, {"mean": colours(0.5, 0.5, 0.2)}, True),
}


@pytest.mark.usefixtures("_in_one_process")
@pytest.mark.parametrize("name", FALSE)
def test_false_statistics_are_told_and_what_is_called_repairable_is_mended(tmp_path, name):
    column, change, deep = FALSE[name]
    root = with_stats(tmp_path / "dataset", {column: change})
    (one,) = told(root, deep=deep)
    command = check_report.next_command(check_dataset(root, deep=deep), "dataset")
    assert ("just repair-dataset dataset --deep" in command) == deep
    assert (one.severity, one.episode, one.column, one.repairable) == ("warning", 1, column, True)
    draft = draft_of(read_dataset(root))
    repair_plan.apply(["stats-true"], draft, [one])
    right = {line["episode_index"]: line["stats"][column] for line in draft.stats}
    before = lines_of(make_dataset(tmp_path / "right", 3))
    for key, value in right[1].items():
        assert np.allclose(value, before[1]["stats"][column][key], rtol=1e-5, atol=0.03 if column == SCENE else 1e-6)
    assert right[0] == before[0]["stats"][column]


@pytest.mark.usefixtures("_in_one_process")
def test_right_statistics_are_not_told(tmp_path):
    root = with_stats(tmp_path / "dataset", {"action": {"extra": [1.0]}})
    assert told(root) == told(root, deep=True) == []


def test_a_camera_in_videos_is_told_and_not_called_repairable():
    feature = Feature("cam", "video", (48, 64, 3))
    said = {"min": colours(0, 0, 0), "max": colours(255, 255, 255), "mean": colours(1, 1, 1), "std": colours(0, 0, 0)}
    line = {"episode_index": 0, "stats": {"cam": said | {"count": [9]}}}
    dataset = types.SimpleNamespace(info={}, features={"cam": feature}, stats=types.SimpleNamespace(values=[line]))
    (one,) = stats_true.of_gists(dataset, {0: {"rows": 9, "right": {}}})
    assert "max [255, 255, 255]" in one.found
    assert not one.repairable


@pytest.mark.parametrize("rows", [50, 900, 30_000])
@pytest.mark.parametrize("offset", [0, 100, -3000, 1e6])
@pytest.mark.parametrize("still", [False, True])
def test_statistics_in_single_precision_are_right_enough(rows, offset, still):
    """As LeRobot takes them: one number after the other, in the precision of the column."""
    values = np.random.default_rng(0).normal(size=(rows, 3)).cumsum(axis=0) * (0 if still else 1) + offset + 0.1
    values = values.astype(np.float32)
    feature = Feature("action", "float32", (3,))
    assert np.mean(values, axis=0).dtype == np.float32
    said = {key: getattr(np, key)(values, axis=0).tolist() for key in ("min", "max", "mean", "std")} | {"count": [rows]}
    episode = types.SimpleNamespace(columns={"action": values}, features={"action": feature}, rows=rows)
    right = stats_true.gist(episode)["right"]["action"]
    assert stats_agree.difference(said, right, rows, feature) is None
    largest = np.abs(values).max()
    for key in ("min", "max", "mean", "std"):
        off = [number + 0.01 * largest for number in said[key]]
        found = stats_agree.difference(said | {key: off}, right, rows, feature)[1]
        assert found.startswith(f"{key} ")
        assert found.endswith("; 3 of 3 numbers differ")


def test_of_false_statistics_the_number_that_is_furthest_off_is_named():
    feature = Feature("action", "float32", (4,), ["pan", "lift", "elbow", "grip"])
    right = np.array([[-1.23456789, 0, 0, 5], [1, 2, 3, 5], [0.1, 1, 1, 5], [1, 1, 1, 0]], np.float64)
    said = {key: one.tolist() for key, one in zip(("min", "max", "mean", "std"), right, strict=True)}
    wrong = said | {"min": [-1.24, 0, -40.123456789, 5]}
    expected, found = stats_agree.difference(wrong, right, 9, feature)
    assert expected == "min 0 of action[2] (elbow)"
    assert found == "min -40.1235; 2 of 4 numbers differ"
    assert stats_agree.difference(said | {"max": [1.0] * 40}, right, 9, feature)[0] == "max: 4 numbers"
    assert len(stats_agree.difference(said | {"max": [1.0] * 40}, right, 9, feature)[1]) < 100
