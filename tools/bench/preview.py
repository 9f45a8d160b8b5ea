"""How long the page of 10,000 episodes takes, beside a check of them and beside reading their numbers alone."""

from collections.abc import Callable
import json
import os
import pathlib
import platform
import statistics
import tempfile

from tools.bench._baselines import command
from tools.bench._baselines import over
from tools.bench._baselines import rate
from tools.bench._baselines import read_columns
from tools.command import ROOT
from tools.command import note
from tools.dataset.dataset import read_dataset
from tools.dataset.made_up import make_up

_EPISODES, _FRAMES = 10_000, 20
# The page holds what a check finds and shows what lies in the files: both read each file once.
_MOST = 2.0


def preview(*, runs: int, as_json: bool) -> int:
    """Makes a dataset of many episodes, makes its page `runs` times, and prints medians; 0 when within the limit."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="bench-preview-") as folder:
        page = pathlib.Path(folder, "page.html")
        root = make_up(pathlib.Path(folder, "many"), episodes=_EPISODES, frames=_FRAMES, height=16, width=16)
        note(f"dataset made: {_EPISODES:,} episodes of {_FRAMES} frames")
        measure = {
            "preview": lambda: _seconds(command, "preview", root, "--out", page),
            "check": lambda: _seconds(command, "check", root),
            "reading alone": lambda: _seconds(over, read_columns, read_dataset(root)),
        }
        seconds: dict[str, list[float]] = {name: [] for name in measure}
        for number in range(1, runs + 1):
            for name, one in measure.items():
                seconds[name].append(one())
                page.unlink(missing_ok=True)
            note(f"round {number} of {runs}")
    figures = {name: statistics.median(values) for name, values in seconds.items()}
    part = figures["preview"] / (figures["check"] + figures["reading alone"])
    if as_json:
        print(json.dumps({"seconds": figures, "part": part, "limit": _MOST}, indent=2))
        return 0 if part <= _MOST else 1
    said = {
        "preview": "the command",
        "check": "the command; the page holds what it finds",
        "reading alone": "the machine's limit: the same columns on all cores, read and not looked at",
    }
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; medians of {runs}")
    for name, figure in figures.items():
        spread = f"({min(seconds[name]):.1f} to {max(seconds[name]):.1f})"
        print(f"{name:<36}{figure:>8.1f} s  {spread:<18} {said[name]}")
    print(f"\n{'preview, of a check and reading alone':<36}{part:>8.2f} limit {_MOST}")
    return 0 if part <= _MOST else 1


def _seconds(function: Callable[..., object], *what: object) -> float:
    return 1 / rate(1, function, *what)
