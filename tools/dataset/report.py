"""What a check of a dataset found."""

import dataclasses
import pathlib
from typing import Any

from tools.dataset.finding import Finding

SEVERITIES = ("error", "warning", "note")


@dataclasses.dataclass(frozen=True)
class Report:
    """What a check of a dataset found.

    Attributes:
        root: The dataset's folder.
        findings: Errors first, then warnings, then notes.
        frames: Rows of all data files that could be read.
        episodes: How many data files were asked, readable or not.
        deep: Whether the images were decoded.
        seconds: How long it took.
    """

    root: pathlib.Path
    findings: tuple[Finding, ...]
    frames: int
    episodes: int
    deep: bool = False
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """No finding is an error."""
        return not self.errors

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(finding.severity == "warning" for finding in self.findings)

    @property
    def repairable(self) -> int:
        """How many findings `just repair-dataset` mends."""
        return sum(finding.repairable for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {
            "ok": self.ok,
            "errors": self.errors,
            "warnings": self.warnings,
            "frames": self.frames,
            "episodes": self.episodes,
            "findings": [finding.as_json() for finding in self.findings],
        }
