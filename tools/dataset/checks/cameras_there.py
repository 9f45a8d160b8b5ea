"""Asks whether there is a camera at all."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "There is at least one camera."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Says so where no feature is an image or a video."""
    if dataset.features and not any(one.is_image or one.is_video for one in dataset.features.values()):
        yield Finding(
            expected="a feature such as observation.images.scene, of dtype image",
            found=", ".join(dataset.features),
            hint="pi0.5 acts on what it sees; without an image it learns one motion by heart",
            file="meta/info.json",
        )
