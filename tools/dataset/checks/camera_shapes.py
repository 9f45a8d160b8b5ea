"""Asks whether info.json gives each camera a shape of three colours, height and width."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "A camera's shape is [3, height, width] or [height, width, 3]."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names cameras with another shape."""
    for name, feature in dataset.features.items():
        shape = feature.shape
        if (feature.is_image or feature.is_video) and not (len(shape) == 3 and 3 in (shape[0], shape[2])):
            yield Finding(
                expected="[3, height, width] or [height, width, 3]",
                found=str(list(shape)),
                hint="OpenPI's models see three colours; the shape is what tells the two orders apart",
                file="meta/info.json",
                column=name,
            )
