"""Makes many trials, in as many processes as there are cores."""

import contextlib
import os
import pickle
import subprocess
import sys
import tempfile
from typing import Self

from tools.plan.overlay_files import OverlayFile
from tools.plan.patch import Patch
from tools.rebase_check.trial import Trial
from tools.rebase_check.trial import Verdict
from tools.rebase_check.trial import try_one

_FEW = 3  # so few trials are done before another process has started


def try_all(
    trials: list[Trial], overlay: dict[str, OverlayFile], series: list[Patch], jobs: int | None
) -> list[list[Verdict]]:
    """Tries each; a part of them in this process, the rest in others like it."""
    parts = _split(trials, 1 if len(trials) <= _FEW else jobs or os.cpu_count() or 1)
    with contextlib.ExitStack() as stack:
        workers = [
            stack.enter_context(_Worker([trials[i] for i in part], overlay, series)) for part in parts[1:] if part
        ]
        found = {i: try_one(trials[i], overlay, series) for i in parts[0]}
        for part, worker in zip(parts[1:], workers, strict=False):
            answers = worker.answers() or [try_one(trials[i], overlay, series) for i in part]
            found |= dict(zip(part, answers, strict=True))
    return [found[i] for i in range(len(trials))]


def _split(trials: list[Trial], parts: int) -> list[list[int]]:
    """The numbers of the trials in parts of about the same size, the first the largest."""
    split: list[list[int]] = [[] for _ in range(parts)]
    sizes = [0] * parts
    for i in sorted(range(len(trials)), key=lambda i: -trials[i].size):
        smallest = sizes.index(min(sizes))
        split[smallest].append(i)
        sizes[smallest] += trials[i].size
    return split


class _Worker:
    """One more process that tries some."""

    def __init__(self, trials: list[Trial], overlay: dict[str, OverlayFile], series: list[Patch]):
        self._given = tempfile.TemporaryFile()  # noqa: SIM115  (closed in __exit__)
        pickle.dump((trials, overlay, series), self._given)
        self._given.seek(0)
        line = [sys.executable, "-P", "-m", "tools.rebase_check.trial_worker"]
        self._process = subprocess.Popen(line, stdin=self._given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._given.close()

    def answers(self) -> list[list[Verdict]] | None:
        """What it found; None when it came to grief, as where there is no memory for it."""
        said, _ = self._process.communicate()
        return pickle.loads(said) if self._process.returncode == 0 else None
