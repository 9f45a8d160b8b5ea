"""Changes of the cells of cameras, where a frame's image lies as the bytes of a file."""

import base64
import io

import numpy as np
import PIL.Image
import pyarrow as pa

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told

SCENE, WRIST = scene.CAMERAS
# One colour, 24x16, as newer versions of Pillow write and read it.
AVIF = base64.b64decode(
    "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADrbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAA"
    "AAAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAETAAAAIQAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEA"
    "AGF2MDFDb2xvcgAAAABqaXBycAAAAEtpcGNvAAAAFGlzcGUAAAAAAAAAGAAAABAAAAAQcGl4aQAAAAADCAgIAAAADGF2MUOBAAwA"
    "AAAAE2NvbHJuY2x4AAEADQAGgAAAABdpcG1hAAAAAAAAAAEAAQQBAoMEAAAAKW1kYXQSAAoJGBDv7ZAQ0GhAMhIf94eFFcAALAAA"
    "AK6xnJlcQ0s="
)


def _bytes(change, episodes=(0,), frames=(2,)):
    """Other bytes in cells of the scene: a function of the old ones."""
    return edits.images(SCENE, lambda old, at: {"bytes": change(old["bytes"]), "path": None}, episodes, frames)


def _picture(change, kind="PNG", episodes=(0,), frames=(2,), **options):
    """Other images in cells of the scene: a function of the old one, as a Pillow image."""
    return _bytes(lambda old: scene.encoded(change(PIL.Image.open(io.BytesIO(old))), kind, **options), episodes, frames)


def _everywhere(change, **more):
    return edits.both(*(_picture(change, episodes=(e,), frames=range(n), **more) for e, n in enumerate(scene.LENGTHS)))


def _turned_by_exif() -> dict:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # orientation: a quarter turn
    return {"exif": exif}


def _from_file(root) -> None:
    """A cell that names a file beside the dataset instead of holding its bytes."""
    aside = root / "images" / "frame_000002.jpg"
    aside.parent.mkdir()
    edits.images(SCENE, lambda old, at: aside.write_bytes(old["bytes"]) and {"bytes": None, "path": str(aside)})(root)


def _cut_but_ended(old: bytes) -> bytes:
    """A JPEG whose last pixels are gone, closed by the marker that ends a whole one."""
    start = old.index(b"\xff\xda")
    return old[: start + (len(old) - start) // 2] + b"\xff\xd9"


def _swap_cameras(old: pa.Table) -> pa.Table:
    a, b = (old.schema.get_field_index(name) for name in scene.CAMERAS)
    columns = [old.column(a), old.column(b)]
    return old.set_column(a, SCENE, columns[1]).set_column(b, WRIST, columns[0])


BROKEN = (
    refused("image-null-inside", edits.images(SCENE, lambda old, at: {"bytes": None, "path": None})),
    silent("image-null", edits.images(SCENE, lambda old, at: None), SCENE),
    silent("image-null-in-first", edits.images(SCENE, lambda old, at: None, frames=(0,)), SCENE),
    silent("image-all-null-in-an-episode", edits.images(SCENE, lambda old, at: None, (1,), range(4)), SCENE),
    refused("image-empty", _bytes(lambda old: b"")),
    refused("image-of-text", _bytes(lambda old: b"not an image")),
    refused("image-of-zeros", _bytes(lambda old: bytes(len(old)))),
    refused("image-cut", _bytes(lambda old: old[: len(old) // 2])),
    refused("image-cut-in-pixels", _bytes(lambda old: old[:-20])),
    refused("image-last-of-all-cut", _bytes(lambda old: old[: len(old) // 2], (2,), (4,))),
    refused("image-png-cut", _bytes(lambda old: scene.encoded(PIL.Image.open(io.BytesIO(old)), "PNG")[:-60])),
    silent("image-cut-but-ended", _bytes(_cut_but_ended), SCENE),
    refused(
        "image-file-not-there", edits.images(SCENE, lambda old, at: {"bytes": None, "path": "images/frame_000002.jpg"})
    ),
    told("image-from-file", _from_file),
    refused("image-avif", _bytes(lambda old: AVIF)),
    refused("image-svg", _bytes(lambda old: b"<svg xmlns='http://www.w3.org/2000/svg'/>")),
    refused("image-raw-pixels", _bytes(lambda old: np.asarray(PIL.Image.open(io.BytesIO(old))).tobytes())),
)

KIND = (
    silent("image-grey", _picture(lambda image: image.convert("L"), "JPEG"), SCENE),
    silent("image-grey-everywhere", _everywhere(lambda image: image.convert("L"), kind="JPEG"), SCENE),
    silent("image-with-alpha", _picture(lambda image: image.convert("RGBA")), SCENE),
    silent("image-of-palette", _picture(lambda image: image.convert("P")), SCENE),
    silent("image-cmyk", _picture(lambda image: image.convert("CMYK"), "JPEG"), SCENE),
    silent("image-of-two-colours", _picture(lambda image: image.convert("1")), SCENE),
    silent(
        "image-16-bit",
        _picture(lambda image: PIL.Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)),
        SCENE,
    ),
    silent("image-smaller", _picture(lambda image: image.resize((12, 8))), SCENE),
    silent(
        "image-larger-in-an-episode",
        _picture(lambda image: image.resize((48, 32)), episodes=(1,), frames=range(4)),
        SCENE,
    ),
    silent("image-on-its-side", _picture(lambda image: image.transpose(PIL.Image.Transpose.ROTATE_90)), SCENE),
    silent("image-turned-by-exif", _picture(lambda image: image, "JPEG", **_turned_by_exif()), SCENE),
    told("image-all-of-another-size", _everywhere(lambda image: image.resize((48, 32))), SCENE),
    harmless("image-png", _everywhere(lambda image: image)),
    harmless("image-webp", _everywhere(lambda image: image, kind="WEBP", lossless=True)),
    harmless("image-bmp", _everywhere(lambda image: image, kind="BMP")),
    harmless("image-jpeg-2000", _picture(lambda image: image, "JPEG2000")),
    harmless("image-tiff", _picture(lambda image: image, "TIFF")),
    harmless("image-ppm", _picture(lambda image: image, "PPM")),
    harmless("image-dds", _picture(lambda image: image, "DDS")),
    harmless("image-one-png", _picture(lambda image: image)),
    harmless("image-progressive", _everywhere(lambda image: image, kind="JPEG", progressive=True), alters=SCENE),
    harmless("image-better-quality", _everywhere(lambda image: image, kind="JPEG", quality=95), alters=SCENE),
    harmless("image-with-tail", _bytes(lambda old: old + bytes(64))),
)

SHOWN = (
    told("image-black", _picture(lambda image: PIL.Image.new("RGB", image.size), "JPEG"), SCENE),
    told("camera-black", _everywhere(lambda image: PIL.Image.new("RGB", image.size), kind="JPEG"), SCENE),
    told("camera-frozen", _bytes(lambda old: scene.encoded(scene.picture(SCENE, 0, 0)), (0,), range(5)), SCENE),
    told("image-of-the-frame-before", _bytes(lambda old: scene.encoded(scene.picture(SCENE, 0, 1))), SCENE),
    told("cameras-swapped-in-an-episode", edits.table(_swap_cameras, (1,)), f"{SCENE} {WRIST}"),
    told(
        "cameras-the-same",
        edits.table(lambda old: old.set_column(old.schema.get_field_index(WRIST), WRIST, old.column(SCENE))),
        WRIST,
    ),
)

MUTATIONS = BROKEN + KIND + SHOWN
