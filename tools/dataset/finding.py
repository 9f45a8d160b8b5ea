"""What a check says of a dataset: where, what was expected, what was found, why it matters."""

import dataclasses
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        expected: What would have been right.
        found: What was there, with its value.
        hint: Why it matters at training time, and what to do where there is something.
        file: Path within the dataset, with `/`.
        episode: Its number.
        frame: The first such frame within the episode.
        column: The feature's name, with [i] for one dimension of it.
        repairable: Whether `just repair-dataset` mends it.
        check: The check's name; the runner puts it in.
        severity: Of the check; the runner puts it in.
    """

    expected: str
    found: str
    hint: str
    file: str | None = None
    episode: int | None = None
    frame: int | None = None
    column: str | None = None
    repairable: bool = False
    check: str = ""
    severity: Severity = "error"

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        where = {"file": self.file, "episode": self.episode, "frame": self.frame, "column": self.column}
        return {
            "check": self.check,
            "severity": self.severity,
            "where": where,
            "expected": self.expected,
            "found": self.found,
            "hint": self.hint,
            "repairable": self.repairable,
        }
