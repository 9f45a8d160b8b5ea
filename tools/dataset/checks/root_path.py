"""Asks whether LeRobot can find files below the dataset's folder."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "The dataset's path holds none of * ? [ ]."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names the signs that a file search takes for patterns."""
    signs = [sign for sign in "*?[]" if sign in str(dataset.root)]
    if signs:
        yield Finding(
            expected="a path of other signs",
            found=f"{' '.join(signs)} in {dataset.root}",
            hint="the file search below LeRobot reads them as patterns and finds nothing: rename the folder",
        )
