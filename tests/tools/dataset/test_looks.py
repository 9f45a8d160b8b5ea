"""Each image is decoded once, and what is wrong with one is said of its frame."""

import io

import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import simplejpeg

from tools.dataset.episode import Episode
from tools.dataset.episode import read_episode
from tools.dataset.features import IMAGE_TYPE
from tools.dataset.features import Feature
from tools.dataset.looks import NO_BYTES
from tools.dataset.looks import Looks
from tools.dataset.looks import looks_of

CAMERA = "observation.images.scene"
SLOPE = np.stack([np.add.outer(np.arange(96), np.arange(128)) + level for level in (0, 10, 20)], axis=-1).astype(
    np.uint8
)


def file(image: np.ndarray = SLOPE, mode: str = "RGB", kind: str = "JPEG", **options) -> bytes:
    out = io.BytesIO()
    PIL.Image.fromarray(image).convert(mode).save(out, kind, **options)
    return out.getvalue()


def episode(folder, cells: list, kind: pa.DataType = IMAGE_TYPE, rows: int = 2) -> Episode:
    path = folder / "episode_000000.parquet"
    pq.write_table(pa.table({CAMERA: pa.array(cells, kind)}), path, row_group_size=rows)
    return read_episode(path, 0, {CAMERA: Feature(CAMERA, "image", (96, 128, 3))}, 10, folder)


def look(folder, *images: bytes | None) -> Looks:
    return looks_of(episode(folder, [{"bytes": one, "path": None} for one in images]))[CAMERA]


def test_a_jpeg(tmp_path):
    one = look(tmp_path, file(), file(SLOPE[::-1]), file())
    assert one.problems == ()
    assert one.sizes.tolist() == [[96, 128]] * 3
    assert (one.modes, one.formats) == (["RGB"] * 3, ["JPEG"] * 3)
    assert one.decoded.all()
    assert one.digests[0] == one.digests[2] != one.digests[1]
    # A quarter of the height and width; each field is where it was, in its colours.
    assert one.thumbs.shape == (3, 24, 32, 3)
    assert np.abs(one.thumbs[0, 8, 11].astype(int) - SLOPE[34, 46]).max() < 12
    assert np.abs(one.thumbs[1, 0, 0].astype(int) - SLOPE[93, 2]).max() < 12


def test_formats_give_like_thumbs(tmp_path):
    one = look(tmp_path, file(quality=95), file(kind="PNG"), file(kind="BMP"), file(kind="WEBP", lossless=True))
    assert one.formats == ["JPEG", "PNG", "BMP", "WEBP"]
    assert np.abs(one.thumbs.astype(int) - one.thumbs[1]).max() <= 4


@pytest.mark.parametrize(
    ("image", "mode", "size"),
    [
        (file(mode="L"), "L", [96, 128]),
        (file(mode="L", kind="PNG"), "L", [96, 128]),
        (file(mode="RGBA", kind="PNG"), "RGBA", [96, 128]),
        (file(mode="P", kind="PNG"), "P", [96, 128]),
        (file(mode="CMYK"), "CMYK", [96, 128]),
        (file(SLOPE[:48]), "RGB", [48, 128]),
        (file(SLOPE[:5, :3]), "RGB", [5, 3]),
        (file(progressive=True), "RGB", [96, 128]),
        (file() + bytes(64), "RGB", [96, 128]),
    ],
)
def test_modes_and_sizes(tmp_path, image, mode, size):
    one = look(tmp_path, file(), image)
    assert one.problems == ()
    assert one.modes[1] == mode
    assert one.sizes[1].tolist() == size
    assert one.thumbs[1].any()


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_an_image_is_turned_as_its_exif_says(tmp_path, kind):
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    one = look(tmp_path, file(), file(kind=kind, exif=exif))
    assert one.sizes.tolist() == [[96, 128], [128, 96]]


# Ends that Pillow, and LeRobot with it, takes for whole: the mark of the end, after half of the pixels.
HALF = (len(file()) + file().index(b"\xff\xda")) // 2
PROGRESSIVE = file(progressive=True)


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (None, NO_BYTES),
        (b"", "empty"),
        (b"a picture", "not an image: its 9 bytes begin with b'a pictur'"),
        (bytes(500), "not an image"),
        (file()[:HALF], "damaged"),
        (file()[:-1], "damaged"),
        (file()[:HALF] + b"\xff\xd9", "damaged"),
        (file()[:HALF] + bytes(40) + file()[HALF + 40 :], "damaged"),
        (PROGRESSIVE[: len(PROGRESSIVE) // 2], "damaged"),
        (file(mode="CMYK")[:HALF] + b"\xff\xd9", "damaged"),
        (file()[:200], "cannot be read"),
        (file(kind="PNG")[:-60], "cannot be read"),
    ],
)
def test_what_is_not_whole_is_told(tmp_path, image, why):
    one = look(tmp_path, file(), file(), image, file())
    [(frame, text)] = one.problems
    assert frame == 2
    assert why in text
    assert one.sizes[2].tolist() == [0, 0]
    assert (one.modes[2], one.formats[2]) == ("", "")
    assert not one.thumbs[2].any()
    assert one.decoded.tolist() == [True, True, False, True]


def test_a_null_struct_has_no_bytes(tmp_path):
    one = looks_of(episode(tmp_path, [{"bytes": file(), "path": "a"}, None]))[CAMERA]
    assert one.problems == ((1, NO_BYTES),)


def test_no_image_at_all(tmp_path):
    one = look(tmp_path, None, b"x")
    assert [frame for frame, _ in one.problems] == [0, 1]
    assert len(one.thumbs) == 2


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_the_order_and_width_of_the_struct_do_not_matter(tmp_path, kind):
    struct = pa.struct([pa.field("path", pa.string()), pa.field("bytes", kind)])
    one = looks_of(episode(tmp_path, [{"bytes": file(), "path": None}] * 3, struct))[CAMERA]
    assert one.decoded.all()


@pytest.mark.parametrize("kind", [pa.string(), pa.struct([pa.field("bytes", pa.string())])])
def test_a_camera_without_bytes_is_left_out(tmp_path, kind):
    cell = "a" if pa.types.is_string(kind) else {"bytes": "a"}
    assert looks_of(episode(tmp_path, [cell], kind)) == {}


def test_a_damaged_page_is_told_of_its_frames(tmp_path):
    made = episode(tmp_path, [{"bytes": file(quality=90 + n), "path": None} for n in range(6)])
    at = made.footer.row_group(1).column(0)
    place = at.dictionary_page_offset or at.data_page_offset
    content = bytearray(made.path.read_bytes())
    content[place : place + 40] = bytes(40)
    made.path.write_bytes(content)
    one = looks_of(made)[CAMERA]
    assert [frame for frame, _ in one.problems] == [2, 3, 4, 5]
    assert one.decoded.tolist() == [True, True, False, False, False, False]


def test_every_jpeg_is_decoded_once_and_small(tmp_path, monkeypatch):
    shapes = []
    decode = simplejpeg.decode_jpeg
    monkeypatch.setattr(simplejpeg, "decode_jpeg", lambda *a, **k: shapes.append(decode(*a, **k)) or shapes[-1])
    monkeypatch.setattr(PIL.Image, "open", lambda *_: pytest.fail("decoded with Pillow"))
    look(tmp_path, *[file(np.kron(SLOPE, np.ones((5, 5, 1), np.uint8)))] * 3)
    assert [one.shape for one in shapes] == [(60, 80, 3)] * 3
