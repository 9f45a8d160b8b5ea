"""Asks whether every data file is whole."""

from collections.abc import Iterator
import pathlib

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "Every data file is a whole parquet file."
SEVERITY = "error"


def of_unreadable(dataset: Dataset, episode_index: int, path: pathlib.Path, why: str) -> Iterator[Finding]:
    """Says what the reader met."""
    yield Finding(
        expected="a parquet file that reads to its end",
        found=f"{why} ({path.stat().st_size:,} bytes)" if path.is_file() else why,
        hint="one such file keeps the whole dataset from opening; copy it again, or delete this episode",
        file=dataset.name_of(path),
        episode=episode_index,
    )
