"""What a check of a dataset found."""

import dataclasses
import pathlib
from typing import Any

from tools.dataset.finding import Finding

SEVERITIES = ("error", "warning", "note")
# What the policy learns from, the worst first; what stands in meta alone, and what there is too little of, comes after.
_LEARNED_FROM = (
    "camera-alive",
    "cameras-in-place",
    "colours-in-order",
    "action-follows-state",
    "camera-sees",
    "camera-keeps-up",
    "cameras-differ",
    "cameras-there",
    "robot-matches",
    "dimensions-move",
    "steps-possible",
    "tasks-said",
    "tasks-alike",
    "episodes-differ",
    "starts-vary",
    "episodes-short",
    "episodes-few",
)


def rank(finding: Finding) -> tuple[int, int]:
    """Where a finding stands among others: errors first; of warnings those that change what the policy learns.

    A camera that shows nothing in the whole dataset comes before all other warnings.
    """
    severity = SEVERITIES.index(finding.severity)
    if finding.severity != "warning":
        return severity, 0
    if finding.check == "camera-sees" and finding.episode is None:
        return severity, -1
    check = finding.check
    return severity, _LEARNED_FROM.index(check) if check in _LEARNED_FROM else len(_LEARNED_FROM)


@dataclasses.dataclass(frozen=True)
class Report:
    """What a check of a dataset found.

    Attributes:
        root: The dataset's folder.
        findings: Errors first, then warnings, then notes, each as `rank` has it.
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
    def worst(self) -> str:
        """ "error" or "warning" where there is one, else "good"."""
        return "error" if self.errors else "warning" if self.warnings else "good"

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
