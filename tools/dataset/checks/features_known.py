"""Asks whether info.json describes its columns in words that others understand."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.features import NUMBERS
from tools.dataset.finding import Finding

SENTENCE = "Each feature's dtype is a number type, image, video or string, and its shape whole numbers."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names features that LeRobot opens, but nobody can check or rewrite."""
    features = dataset.info.get("features")
    for name, one in features.items() if isinstance(features, dict) else ():
        dtype, shape = (one.get("dtype"), one.get("shape")) if isinstance(one, dict) else ("image", [1])
        if not isinstance(dtype, str) or dtype not in (*NUMBERS, "image", "video", "string"):
            expected, found = "float32, int64, another number type, image, video or string", repr(dtype)
        elif not isinstance(shape, list) or not all(type(n) is int and n > 0 for n in shape):
            expected, found = "a shape of whole numbers such as [6]", repr(shape)
        else:
            continue
        hint = "the checks pass over this column, and LeRobot's writer refuses to add to it"
        yield Finding(expected, found, hint, file="meta/info.json", column=name)
