"""Asks whether LeRobot can find files below the dataset's folder."""

from collections.abc import Iterator
import os

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "The dataset's path holds none of * ? [ ], no :: and no $NAME of a variable that is set."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names the signs that a file search takes for patterns, for one path after the other, or for a variable."""
    path = str(dataset.root)
    signs = [sign for sign in ("*", "?", "[", "]", "::") if sign in path]
    signs += ["$"] if os.path.expandvars(path) != path else []
    if signs:
        yield Finding(
            expected="a path of other signs",
            found=f"{' '.join(signs)} in {dataset.root}",
            hint="the file search below LeRobot gives them a meaning of its own and finds nothing: rename the folder",
        )
