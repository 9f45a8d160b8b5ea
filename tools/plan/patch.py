"""A patch of the series: what it changes in which file of upstream, why, and until when."""

import dataclasses

from tools import codemods
from tools.plan import probes


@dataclasses.dataclass(frozen=True)
class Edit:
    """One codemod on one file of upstream.

    Attributes:
        file: Path in the upstream tree, with forward slashes.
        codemod: Its name, which is its file in `tools/codemods/`.
        change: The codemod with its parameters filled in.
        count: How many places it must match.
    """

    file: str
    codemod: str
    change: codemods.Codemod
    count: int


@dataclasses.dataclass(frozen=True)
class UpstreamHas:
    """A question asked of one upstream file; yes means that upstream does itself what the patch is for."""

    file: str
    probe: probes.Probe


@dataclasses.dataclass(frozen=True)
class Patch:
    """One patch of the series, as its TOML file says it; `digest` is the sha256 of that file."""

    name: str
    title: str
    why: str
    remove_when: str
    upstream: str
    edits: tuple[Edit, ...]
    upstream_has: tuple[UpstreamHas, ...]
    digest: str

    def message(self) -> str:
        """The message of its commit in the build."""
        return (
            f"{self.name}: {self.title}\n\n{self.why}\n\nRemove when: {self.remove_when}\nUpstream: {self.upstream}\n"
        )
