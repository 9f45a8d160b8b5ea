"""Images are decoded to the pixels that LeRobot's reader gets, turned as they say."""

import io

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest

from tests.tools.dataset.made_dataset import make_dataset
from tools.dataset import jpeg

CAMERA = "observation.images.scene"
# Another colour in each corner, so that no turn looks like another; large, so that the JPEG keeps them.
CORNERS = np.kron(np.arange(0, 240, 40, dtype=np.uint8).reshape(2, 3), np.ones((16, 16), np.uint8))
PICTURE = np.stack([CORNERS, CORNERS // 2, 255 - CORNERS], axis=-1)
XMP = b'http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'


def said(orientation: int, kind: str = "JPEG", mode: str = "RGB") -> bytes:
    """The picture in a file that says it is to be turned."""
    exif, out = PIL.Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    PIL.Image.fromarray(PICTURE).convert(mode).save(out, kind, exif=exif, quality=95)
    return out.getvalue()


def plain(quality: int = 95) -> bytes:
    out = io.BytesIO()
    PIL.Image.fromarray(PICTURE).save(out, "JPEG", quality=quality)
    return out.getvalue()


def with_segment(data: bytes, mark: int, content: bytes, times: int = 1) -> bytes:
    """A JPEG with a segment more, before all others."""
    segment = bytes([0xFF, mark]) + (len(content) + 2).to_bytes(2, "big") + content
    return data[:2] + segment * times + data[2:]


def as_lerobot(data: bytes) -> np.ndarray:
    """What `datasets` makes of it."""
    return np.asarray(PIL.ImageOps.exif_transpose(PIL.Image.open(io.BytesIO(data))).convert("RGB"))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGB")])
def test_an_image_is_turned_as_it_says(orientation, kind, mode):
    data = said(orientation, kind, mode)
    wanted = as_lerobot(data)
    got = jpeg.decode(data)
    assert got.shape == wanted.shape
    assert np.abs(got.astype(int) - wanted).max() <= 3
    assert wanted.shape[:2] == ((48, 32) if orientation > 4 else (32, 48))
    if kind == "JPEG":
        assert jpeg.orientation(data) == orientation


@pytest.mark.parametrize(
    "data",
    [
        with_segment(plain(), 0xE1, XMP),
        with_segment(with_segment(plain(), 0xE1, XMP), 0xFE, bytes(60_000), 3),
        with_segment(said(6), 0xE2, b"ICC_PROFILE\0" + bytes(900)),
        said(6)[:2] + b"\xff\xff" + said(6)[2:],  # marks may be padded
    ],
    ids=["xmp", "xmp far behind", "exif behind a profile", "padded"],
)
def test_it_is_found_wherever_it_stands(data):
    assert jpeg.orientation(data) == 6
    assert jpeg.decode(data).shape == (48, 32, 3) == as_lerobot(data).shape


@pytest.mark.parametrize("orientation", [0, 1, 9, 65535])
def test_what_says_nothing_stays_as_it_lies(orientation):
    assert jpeg.orientation(plain()) == jpeg.orientation(said(orientation)) == 1
    assert jpeg.decode(said(orientation)).shape == (32, 48, 3)
    assert (jpeg.decode(plain()) == jpeg.decode_strictly(plain())).all()


def test_a_plain_jpeg_does_without_pillow(monkeypatch):
    monkeypatch.setattr(PIL.Image, "open", None)
    assert jpeg.decode(plain()).shape == (32, 48, 3)


def test_what_is_encoded_again_is_seen_as_it_was(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from tests.tools.dataset.edits.edited import images
    from tests.tools.dataset.edits.edited import info
    from tests.tools.dataset.edits.edited import set_info
    from tools.dataset.check_run import check_dataset
    from tools.dataset.edits.recompress import Recompress

    root = make_dataset(tmp_path / "in", 2)
    features = info(root)["features"]
    features[CAMERA]["shape"] = [3, 48, 32]
    set_info(root, features=features)
    for path in (root / "data").rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        at = table.schema.get_field_index(CAMERA)
        cells = [{"bytes": said(6), "path": None}] * table.num_rows
        pq.write_table(table.set_column(at, table.schema.field(at), pa.array(cells, table.schema.field(at).type)), path)
    [out] = Recompress(root, quality=40).apply()
    was, got = images(root, 1, CAMERA)[0], images(out, 1, CAMERA)[0]
    assert len(got) < len(was)
    assert jpeg.orientation(got) == 1
    assert np.abs(as_lerobot(got).astype(int) - as_lerobot(was)).mean() < 3
    assert "images-size" not in {finding.check for finding in check_dataset(out, deep=True).findings}


def test_a_preview_shows_it_turned_too():
    from tools.dataset.preview.strips import _decoded_small

    assert _decoded_small(said(6)).size == (32, 48)
    assert _decoded_small(plain()).size == (48, 32)
