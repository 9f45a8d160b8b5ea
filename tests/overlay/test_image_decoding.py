"""The image decoding: every way to store an image gives the same pixels, and a bad image is named."""

import dataclasses
import importlib.util
import io
import pathlib
import pickle
import sys
import types

import numpy as np
import PIL.Image
import pytest

from openpi.training import image_decoding

CAMERA = "observation.images.scene"


def make_image(mode: str = "RGB") -> PIL.Image.Image:
    pixels = np.random.default_rng(0).integers(256, size=(24, 32, 3), dtype=np.uint8)
    return PIL.Image.fromarray(pixels).convert(mode)


def encode(image: PIL.Image.Image, file_format: str = "png", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def to_numbers(columns: dict[str, list]) -> dict[str, list]:
    """What LeRobot's transform is to the other columns: it must never see an image."""
    assert not any(isinstance(cell, dict | PIL.Image.Image) for cells in columns.values() for cell in cells)
    return {key: [("number", cell) for cell in cells] for key, cells in columns.items()}


@dataclasses.dataclass(frozen=True)
class ImageFeature:
    """As `datasets.Image`."""

    mode: str | None = None
    decode: bool = True


class Table:
    """As much of a `datasets.Dataset` as is asked of it."""

    def __init__(self, features: dict, transform=to_numbers):
        self.features = features
        self.format = {"type": "custom", "format_kwargs": {"transform": transform} if transform else {}}

    def cast_column(self, key: str, feature: ImageFeature) -> "Table":
        return Table({**self.features, key: feature}, self.format["format_kwargs"]["transform"])

    def set_transform(self, transform) -> None:
        self.format["format_kwargs"]["transform"] = transform


def make_dataset(feature, *, dtype: str = "image", transform=to_numbers) -> types.SimpleNamespace:
    return types.SimpleNamespace(
        repo_id="me/pick",
        root=pathlib.Path("pick"),
        meta=types.SimpleNamespace(features={CAMERA: {"dtype": dtype}, "action": {"dtype": "float32"}}),
        hf_dataset=Table({CAMERA: feature, "action": "float32"} if feature else {"action": "float32"}, transform),
    )


@pytest.fixture
def decoding(tmp_path, monkeypatch) -> image_decoding.ImageDecoding:
    if importlib.util.find_spec("torch") is None:
        # Only the view over the array is torch's.
        tensor = types.SimpleNamespace(from_numpy=lambda array: types.SimpleNamespace(permute=array.transpose))
        monkeypatch.setitem(sys.modules, "torch", tensor)
    return image_decoding.ImageDecoding("me/pick", tmp_path, (CAMERA,), to_numbers)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1", "CMYK", "LA"])
def test_any_mode_becomes_rgb(mode, tmp_path):
    image = make_image().convert("L").convert(mode) if mode == "LA" else make_image(mode)
    file_format = "jpeg" if mode == "CMYK" else "png"
    content = encode(image, file_format)
    expected = np.asarray(PIL.Image.open(io.BytesIO(content)).convert("RGB"))
    for cell in ({"bytes": content, "path": "a.png"}, content, PIL.Image.open(io.BytesIO(content))):
        decoded = image_decoding.decode_image(cell, tmp_path)
        assert decoded.dtype == np.uint8
        assert decoded.shape == (24, 32, 3)
        assert decoded.flags.writeable
        np.testing.assert_array_equal(decoded, expected)


def test_a_file_is_read_only_where_there_are_no_bytes(tmp_path):
    (tmp_path / "a.png").write_bytes(encode(make_image()))
    black = np.zeros((24, 32, 3), dtype=np.uint8)
    from_file = image_decoding.decode_image({"bytes": None, "path": "a.png"}, tmp_path)
    np.testing.assert_array_equal(from_file, np.asarray(make_image()))
    content = encode(PIL.Image.fromarray(black))
    np.testing.assert_array_equal(image_decoding.decode_image({"bytes": content, "path": "a.png"}, tmp_path), black)


def test_orientation_is_applied_as_datasets_does(tmp_path):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    content = encode(make_image(), "jpeg", exif=exif)
    upright = np.rot90(np.asarray(PIL.Image.open(io.BytesIO(content))), k=-1)
    np.testing.assert_array_equal(image_decoding.decode_image({"bytes": content, "path": None}, tmp_path), upright)


def test_images_are_channel_first_views_and_other_columns_go_on(decoding):
    content = encode(make_image())
    columns = {"action": [1.0, 2.0], CAMERA: [{"bytes": content, "path": None}] * 2, "episode_index": [0, 0]}
    converted = decoding(columns)
    assert list(converted) == list(columns)
    assert converted["action"] == [("number", 1.0), ("number", 2.0)]
    for tensor in converted[CAMERA]:
        array = np.asarray(tensor)
        assert array.shape == (3, 24, 32)
        assert np.moveaxis(array, 0, -1).flags.c_contiguous
        np.testing.assert_array_equal(np.moveaxis(array, 0, -1), np.asarray(make_image()))


def test_a_column_of_numbers_goes_on(decoding):
    arrays = [np.zeros((3, 24, 32))]
    assert decoding({CAMERA: arrays})[CAMERA][0][1] is arrays[0]


def test_one_column_alone(decoding):
    assert decoding({"action": [1.0]}) == {"action": [("number", 1.0)]}
    assert np.asarray(decoding({CAMERA: [{"bytes": encode(make_image()), "path": None}]})[CAMERA][0]).shape[0] == 3


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (None, "null"),
        ({"bytes": None, "path": None}, "null and path None"),
        ({"bytes": None, "path": "nowhere.png"}, "null and path 'nowhere.png'"),
        ({"bytes": b"no image", "path": None}, "8 bytes and path None"),
        ({"bytes": b"", "path": "a.png"}, "0 bytes and path 'a.png'"),
        ({"bytes": encode(make_image(), "jpeg")[:-40], "path": None}, "truncated"),
        ({"bytes": encode(make_image())[:300], "path": None}, "300 bytes and path None"),
        ({"bytes": encode(PIL.Image.fromarray(np.zeros((24, 32), dtype=np.uint16))), "path": None}, "I;16"),
        ("a.png", "a str"),
    ],
)
def test_a_bad_image_is_named(decoding, cell, found):
    good = {"bytes": encode(make_image()), "path": None}
    with pytest.raises(ValueError, match=r"me/pick, episode 4, frame 11, camera observation\.images\.scene") as e:
        decoding({CAMERA: [good, cell], "episode_index": [4, 4], "frame_index": [10, 11]})
    assert "expected an encoded image" in str(e.value)
    assert f"found {found}" in str(e.value) or found in str(e.value).partition("found")[2]
    with pytest.raises(ValueError, match="episode unknown, frame unknown"):
        decoding({CAMERA: [cell]})


def test_the_transform_is_picklable(decoding):
    assert pickle.loads(pickle.dumps(decoding)) == decoding


@pytest.mark.parametrize("feature", [ImageFeature(), {"bytes": "binary", "path": "string"}])
def test_decode_images_takes_over_the_transform(feature):
    dataset = make_dataset(feature)
    assert image_decoding.decode_images(dataset) is dataset
    transform = dataset.hf_dataset.format["format_kwargs"]["transform"]
    assert transform == image_decoding.ImageDecoding("me/pick", pathlib.Path("pick"), (CAMERA,), to_numbers)
    if isinstance(feature, ImageFeature):
        assert dataset.hf_dataset.features[CAMERA] == ImageFeature(decode=False)
    # A second time changes nothing.
    image_decoding.decode_images(dataset)
    assert dataset.hf_dataset.format["format_kwargs"]["transform"] is transform


def test_a_column_that_datasets_must_convert_is_left_to_it():
    dataset = make_dataset(ImageFeature(mode="L"))
    image_decoding.decode_images(dataset)
    assert dataset.hf_dataset.features[CAMERA] == ImageFeature(mode="L")


@pytest.mark.parametrize("dataset", [make_dataset(None, dtype="video"), make_dataset(None)])
def test_videos_and_datasets_without_images_are_left_alone(dataset):
    before = dataset.hf_dataset
    assert image_decoding.decode_images(dataset).hf_dataset is before
    assert before.format["format_kwargs"]["transform"] is to_numbers


def test_a_dataset_without_a_transform_is_refused():
    with pytest.raises(ValueError, match="me/pick: expected a transform on hf_dataset"):
        image_decoding.decode_images(make_dataset(ImageFeature(), transform=None))
