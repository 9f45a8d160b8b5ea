"""What info.json says of each column, and the parquet schema that LeRobot asks for it."""

from collections.abc import Iterable
import dataclasses
import json
from typing import Any

import pyarrow as pa

# What LeRobot adds to every dataset, in its order.
INDEX_FEATURES = {
    "timestamp": "float32",
    "frame_index": "int64",
    "episode_index": "int64",
    "index": "int64",
    "task_index": "int64",
}
NUMBERS = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
)  # fmt: skip
# A feature whose name holds this word is taken for a camera where its statistics are read.
CAMERA_WORD = "image"
# A camera's cell, in this order: LeRobot's reader asks for it.
IMAGE_TYPE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])


@dataclasses.dataclass(frozen=True)
class Feature:
    """One column of a dataset.

    Attributes:
        name: Such as `observation.state`.
        dtype: Of each number, or "image", "video", "string".
        shape: Of one frame's value; (1,) is a plain number.
        names: What info.json says of the axes, kept as it is.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    names: Any = None

    @property
    def is_image(self) -> bool:
        """Whether its cells are encoded images."""
        return self.dtype == "image"

    @property
    def is_video(self) -> bool:
        """Whether its frames lie in video files, and not in the parquet."""
        return self.dtype == "video"

    @property
    def is_numeric(self) -> bool:
        """Whether it is numbers."""
        return self.dtype in NUMBERS

    @property
    def has_statistics(self) -> bool:
        """Whether it is numbers of which LeRobot reads statistics.

        It takes a name with this word for a camera's, and refuses statistics that are none of three colours.
        """
        return self.is_numeric and (CAMERA_WORD not in self.name or self.shape == (3, 1, 1))

    @property
    def height_width(self) -> tuple[int, int]:
        """Of a camera, in pixels, whichever of the two orders info.json has: (3, H, W) or (H, W, 3)."""
        a, b, c = self.shape
        names = self.names if isinstance(self.names, list) else []
        first = a in (1, 3, 4) and names[:1] not in (["height"], ["h"])
        return (b, c) if first else (a, b)

    def as_info(self) -> dict[str, Any]:
        """As it stands in info.json."""
        return {"dtype": self.dtype, "shape": list(self.shape), "names": self.names}


def features_of(info: dict[str, Any]) -> dict[str, Feature]:
    """The features of an info.json that are well formed; what is not is for the checks to tell."""
    found = {}
    features = info.get("features")
    for name, one in features.items() if isinstance(features, dict) else ():
        dtype, shape = (one.get("dtype"), one.get("shape")) if isinstance(one, dict) else (None, None)
        if isinstance(dtype, str) and isinstance(shape, list | tuple) and all(type(n) is int for n in shape):
            found[name] = Feature(name, dtype, tuple(shape), one.get("names"))
    return found


def schema_of(features: Iterable[Feature]) -> pa.Schema:
    """The parquet schema of an episode, with the metadata by which `datasets` knows the cameras."""
    stored = [feature for feature in features if not feature.is_video]
    metadata = {"huggingface": json.dumps({"info": {"features": {f.name: hf_feature(f) for f in stored}}})}
    return pa.schema([pa.field(f.name, arrow_type(f)) for f in stored], metadata=metadata)


def arrow_type(feature: Feature) -> pa.DataType:
    """The type of its column, as LeRobot's own writer makes it."""
    if feature.is_image:
        return IMAGE_TYPE
    value = pa.string() if feature.dtype == "string" else pa.from_numpy_dtype(feature.dtype)
    if feature.shape == (1,):
        return value
    if len(feature.shape) == 1:
        return pa.list_(value, feature.shape[0])
    for _ in feature.shape:  # `datasets` ArrayND: nested lists, the shape in the metadata
        value = pa.list_(value)
    return value


def hf_feature(feature: Feature) -> dict[str, Any]:
    """Its entry in the `huggingface` schema metadata, in the words of `datasets` 3."""
    if feature.is_image:
        return {"_type": "Image"}
    value = {"dtype": feature.dtype, "_type": "Value"}
    if feature.shape == (1,):
        return value
    if len(feature.shape) == 1:
        return {"feature": value, "length": feature.shape[0], "_type": "Sequence"}
    return {"shape": list(feature.shape), "dtype": feature.dtype, "_type": f"Array{len(feature.shape)}D"}
