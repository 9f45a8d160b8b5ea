"""Which stages of a run are done: a marker for each, written last, so that a run goes on where it stopped."""

from collections.abc import Iterable
import json
import pathlib
from typing import Any


class Progress:
    """The markers of one run.

    Args:
        folder: The folder of the run.
        made_of: What the run depends on; when it changes, nothing of an old run is worth keeping.
    """

    def __init__(self, folder: pathlib.Path, made_of: dict[str, Any]):
        self._done = folder / "done"
        self._made_of = made_of

    def fits(self) -> bool:
        """Whether there is a run, and it was begun with the same build and sizes."""
        return _read(self._done / "made-of.json") == self._made_of

    def begin(self) -> None:
        """Begins a run in an empty folder."""
        self._done.mkdir(parents=True)
        _write(self._done / "made-of.json", self._made_of)

    def is_done(self, stage: str) -> bool:
        """Whether a stage came to its end."""
        return _read(self._done / f"{stage}.json") is not None

    def forget(self, stages: Iterable[str]) -> None:
        """Takes back the markers of stages, which are to be run again."""
        for stage in stages:
            (self._done / f"{stage}.json").unlink(missing_ok=True)

    def mark(self, stage: str, said: str, seconds: float) -> None:
        """Marks a stage as done, with what came of it and how long it took."""
        _write(self._done / f"{stage}.json", {"said": said, "seconds": seconds})

    def said(self, stage: str) -> str:
        """What came of a stage that is done."""
        return _read(self._done / f"{stage}.json")["said"]

    def seconds(self, stage: str) -> float:
        """How long a stage took that is done."""
        return _read(self._done / f"{stage}.json")["seconds"]


def _read(path: pathlib.Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def _write(path: pathlib.Path, content: Any) -> None:
    aside = path.with_suffix(".new")
    aside.write_text(json.dumps(content))
    aside.replace(path)
