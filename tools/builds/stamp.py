"""The stamp of a build: what it was made of, so that `just status` can compare it with what is there now."""

import dataclasses
import hashlib
import json
import pathlib
from typing import Any

from tools import lock as lock_file
from tools.plan.plan import Plan

NAME = "overlay-stamp.json"  # inside the build's .git, where it can be taken for nobody's source


@dataclasses.dataclass(frozen=True)
class Stamp:
    """What a build was made of.

    Attributes:
        commit: The newest commit that apply made in the build.
        pristine: The upstream commit below it.
        upstream: Source, id, date and note of the upstream tree.
        lock: The commit and the mirror's sha256 that `upstream.lock` named.
        series: The names of the patches in their order.
        patches: sha256 of each patch file, by name.
        overlay: sha256 of each overlay file, by path.
        results: Name, verdict and reason of each patch.
        content: sha256 of all that apply laid over upstream.
    """

    commit: str
    pristine: str
    upstream: dict[str, str]
    lock: dict[str, str]
    series: list[str]
    patches: dict[str, str]
    overlay: dict[str, str]
    results: list[dict[str, str]]
    content: str

    def same_inputs(self, other: "Stamp") -> bool:
        """Made of the same things, with the same outcome?"""
        neutral = {"commit": "", "pristine": ""}
        return dataclasses.replace(self, **neutral) == dataclasses.replace(other, **neutral)


def of_plan(plan: Plan, lock: lock_file.Lock) -> Stamp:
    """The stamp that a build of this plan would have; its commits are not known before it is written."""
    content = hashlib.sha256()
    for path, file in sorted(plan.overlay.items()):
        content.update(f"overlay\0{path}\0{file.digest}\n".encode())
    for result in plan.results:
        for path, text in sorted(result.files.items()):
            content.update(f"{result.patch.name}\0{path}\0{hashlib.sha256(text).hexdigest()}\n".encode())
    return Stamp(
        commit="",
        pristine="",
        upstream=dataclasses.asdict(plan.upstream.origin),
        lock={"commit": lock.commit, "mirror": lock.mirror.sha256},
        series=[result.patch.name for result in plan.results],
        patches={result.patch.name: result.patch.digest for result in plan.results},
        overlay={path: file.digest for path, file in plan.overlay.items()},
        results=[{"name": r.patch.name, "verdict": r.verdict, "reason": r.reason} for r in plan.results],
        content=content.hexdigest(),
    )


def read(git_dir: pathlib.Path) -> Stamp | None:
    """The stamp of a build, or None where there is none that can be read."""
    try:
        table: dict[str, Any] = json.loads((git_dir / NAME).read_text())
        return Stamp(**table)
    except (OSError, ValueError, TypeError):
        return None


def dump(stamp: Stamp) -> bytes:
    """The stamp as the bytes of its file."""
    return (json.dumps(dataclasses.asdict(stamp), indent=2, sort_keys=True) + "\n").encode()
