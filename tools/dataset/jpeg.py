"""Images as they lie in a dataset: encoding frames to JPEG, and decoding whatever a cell holds.

A camera may say in an image's EXIF that it is to be turned, and LeRobot's reader turns it. What is decoded here is turned
likewise; what is encoded here says nothing of the kind.
"""

import io
from typing import TYPE_CHECKING

import numpy as np
import simplejpeg

if TYPE_CHECKING:
    import PIL.Image

# The guide's range: the model sees 224x224 pixels, and more quality only fills disks.
QUALITY = 60
QUALITIES = range(50, 71)

_MAGIC = b"\xff\xd8\xff"
# Where EXIF lies, and XMP, which can say the same. Segments up to the image itself have a length; a few marks have none.
_APP1, _SCAN = 0xE1, 0xDA
_WITHOUT_LENGTH = (0x01, *range(0xD0, 0xD9))
_ORIENTATION = 0x0112  # the EXIF tag

# Colours that both decoders bring to the same RGB; of CMYK each has its own idea.
_ALIKE = ("YCbCr", "RGB", "Gray")
# What the Pillow of OpenPI's lock reads; a newer one reads AVIF too, at which LeRobot stops.
FORMATS = (
    "BLP", "BMP", "BUFR", "CUR", "DCX", "DDS", "DIB", "EPS", "FITS", "FLI", "FTEX", "GBR", "GIF", "GRIB", "HDF5", "ICNS",
    "ICO", "IM", "IMT", "IPTC", "JPEG", "JPEG2000", "MCIDAS", "MPEG", "MSP", "PCD", "PCX", "PIXAR", "PNG", "PPM", "PSD",
    "QOI", "SGI", "SPIDER", "SUN", "TGA", "TIFF", "WEBP", "WMF", "XBM", "XPM", "XVTHUMB",
)  # fmt: skip


def encode(image: np.ndarray, quality: int = QUALITY) -> bytes:
    """Encodes a frame.

    simplejpeg takes 0.49 ms for 640x480 at quality 60, OpenCV 0.53 ms with the turn to its order of colours, Pillow 0.67 ms
    (a photograph, one core of a small server); the files are alike to a tenth of a percent. Colour is kept at half the
    resolution both ways (4:2:0), as cameras themselves send it: in the 224x224 pixels that the model sees, the photograph is
    then as near to the original as 41 dB, with whole colour (4:4:4) 45 dB, for a fifth more bytes and 1.7 times the time.

    Args:
        image: uint8[H, W, 3], RGB.
        quality: 1 to 100.
    """
    return simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality, "RGB", "420")


def decode(data: bytes) -> np.ndarray:
    """Decodes an image to the pixels that LeRobot's reader gets, turned as the image says.

    Args:
        data: An encoded image in any format that Pillow knows, and in any of its modes.

    Returns:
        uint8[H, W, 3], RGB.

    Raises:
        ValueError: It is not an image, or is cut or corrupt.
    """
    if data[:3] == _MAGIC:
        try:
            if header(data)[2] in _ALIKE and orientation(data) == 1:
                return decode_strictly(data)
        except ValueError:
            pass  # Pillow knows more kinds, and where it does not, says why
    return np.asarray(decode_any(data)[0].convert("RGB"))


def decode_any(data: bytes | memoryview) -> tuple["PIL.Image.Image", str]:
    """Decodes an image of any format as LeRobot's reader does.

    Returns:
        The image, turned as it says and in its own mode, and the name of its format: "JPEG", "PNG".

    Raises:
        ValueError: It is not an image, or is cut or corrupt; the text says which.
    """
    import PIL.Image  # a robot's computer, where every image is a plain JPEG, does without
    import PIL.ImageOps

    try:
        with PIL.Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            opened.load()
            return PIL.ImageOps.exif_transpose(opened), opened.format or ""
    except PIL.UnidentifiedImageError:
        raise ValueError(f"not an image: its {len(data)} bytes begin with {bytes(data[:8])!r}") from None
    except Exception as e:  # its decoders raise whatever they stumble over
        raise ValueError(f"it cannot be read: {e}") from e


def orientation(data: bytes | memoryview) -> int:
    """How a JPEG says that it is to be turned, in the numbers of EXIF: 1 is as it lies, 6 a quarter to the right.

    Raises:
        ValueError: It has no header that Pillow can read.
    """
    if not _has_app1(data):
        return 1
    import PIL.Image

    try:
        with PIL.Image.open(io.BytesIO(data), formats=FORMATS) as image:
            told = image.getexif().get(_ORIENTATION, 1)
    except Exception as e:
        raise ValueError(f"it cannot be read: {e}") from e
    return told if told in range(2, 9) else 1


def _has_app1(data: bytes | memoryview) -> bool:
    """Whether a JPEG may bring EXIF or XMP: it has a segment for them, or none of its segments can be followed."""
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return True
        mark = data[at + 1]
        if mark in (_APP1, _SCAN):
            return mark == _APP1
        if mark == 0xFF:
            at += 1
        elif mark in _WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + (data[at + 2] << 8 | data[at + 3])
    return True


def decode_strictly(data: bytes) -> np.ndarray:
    """Decodes a JPEG to uint8[H, W, 3], RGB.

    Raises:
        ValueError: It is not a JPEG, or is cut or corrupt in however small a place.
    """
    return simplejpeg.decode_jpeg(data, "RGB")


def header(data: bytes) -> tuple[int, int, str]:
    """Height, width and colours ("YCbCr", "RGB", "Gray", "CMYK", "YCCK") of a JPEG, by its header.

    Raises:
        ValueError: It has none.
    """
    height, width, colours, _ = simplejpeg.decode_jpeg_header(data)
    return height, width, colours
