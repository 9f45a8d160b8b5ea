"""Asks whether every feature in info.json has a dtype and a shape."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "features in info.json gives each column a dtype and a shape."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names each feature that LeRobot cannot read."""
    if not dataset.info_is_known:
        return
    features = dataset.info.get("features")
    if not isinstance(features, dict) or not features:
        yield _finding(None, "nothing" if features is None else repr(features))
        return
    for name, one in features.items():
        if not isinstance(one, dict):
            yield _finding(name, repr(one))
        elif missing := [key for key in ("dtype", "shape") if key not in one]:
            yield _finding(name, f"no {' and no '.join(missing)}")
        elif not isinstance(one["shape"], list | str | dict):
            yield _finding(name, f"shape {one['shape']!r}")


def _finding(name: str | None, found: str) -> Finding:
    return Finding(
        expected='an entry such as {"dtype": "float32", "shape": [6], "names": [...]}',
        found=found,
        hint="LeRobot reads the shape and dtype of every feature when it opens a dataset",
        file="meta/info.json",
        column=name,
    )
