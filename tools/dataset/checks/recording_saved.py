"""Asks whether all that was recorded has become episodes."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding
from tools.dataset.record.append_journal import NAME

SENTENCE = "No recorded episode waits to be recovered."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Looks for the journal of a recorder."""
    path = dataset.root / NAME
    if path.is_file():
        yield Finding(
            expected="no journal of a recorder",
            found=f"one of {path.stat().st_size:,} bytes",
            hint="a recorder is at work, or was killed: just recover-dataset makes an episode of it; training would not "
            "see these frames",
            file=NAME,
        )
