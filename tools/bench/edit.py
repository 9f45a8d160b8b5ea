"""How fast two datasets are merged and an episode is deleted, beside a check, a plain copy and the disk alone."""

import json
import os
import pathlib
import platform
import statistics
import tempfile

from tools.bench._baselines import command
from tools.bench._baselines import copied
from tools.bench._baselines import cp_flushed
from tools.bench._baselines import size_of
from tools.command import ROOT
from tools.command import note
from tools.dataset.made_up import make_up

# Of what checking and copying the same bytes take one after the other.
_LEAST = 0.4
_MEGABYTE = bytes(range(256)) * 4096


def edit(*, runs: int, as_json: bool) -> int:
    """Makes two datasets, edits them `runs` times, and prints medians; returns 0 when within the limit."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="bench-edit-") as folder:
        both, to = pathlib.Path(folder, "both"), pathlib.Path(folder, "copy")
        for name in ("one", "two"):
            make_up(both / name, episodes=32, frames=150, height=480, width=640)
        note("datasets made: two of 9,600 images of 640x480 each")
        measure = {
            "merge": lambda: copied(both, to, _merge),
            "delete, one episode of 32": lambda: copied(both / "one", to, _delete),
            "check of both": lambda: copied(both, to, _check),
            "cp and a flush of both": lambda: copied(both, to, cp_flushed),
            "writing alone": lambda: copied(both, to, _write),
        }
        rates: dict[str, list[float]] = {name: [] for name in measure}
        for number in range(1, runs + 1):
            for name, one in measure.items():
                rates[name].append(one())
            note(f"round {number} of {runs}")
    figures = {name: statistics.median(values) for name, values in rates.items()}
    part = figures["merge"] * (1 / figures["check of both"] + 1 / figures["cp and a flush of both"])
    if as_json:
        print(json.dumps({"mb_a_second": figures, "part": part, "limit": _LEAST}, indent=2))
        return 0 if part >= _LEAST else 1
    said = {
        "merge": "the command; it checks both, and writes the second's files again",
        "delete, one episode of 32": "the command; it checks, and writes the files behind that one again",
        "check of both": "the command, one after the other; images are not read",
        "cp and a flush of both": "cp of the same files, each flushed to the disk, as an edit does",
        "writing alone": "the machine's limit: as many bytes into one file, and a flush",
    }
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; medians of {runs}")
    for name, figure in figures.items():
        spread = f"({min(rates[name]):,.0f} to {max(rates[name]):,.0f})"
        print(f"{name:<28}{figure:>10,.0f} MB/s  {spread:<20} {said[name]}")
    print(f"\n{'merge, of a check and a copy':<28}{part:>10.2f} limit {_LEAST}")
    return 0 if part >= _LEAST else 1


def _merge(both: pathlib.Path, to: pathlib.Path) -> None:
    command("edit", "merge", both / "one", both / "two", "--out", to)


def _delete(root: pathlib.Path, to: pathlib.Path) -> None:
    command("edit", "delete", root, "--episodes", 1, "--out", to)


def _check(both: pathlib.Path, to: pathlib.Path) -> None:
    to.mkdir()  # as the others, so that there is something to remove
    for name in ("one", "two"):
        command("check", both / name)


def _write(both: pathlib.Path, to: pathlib.Path) -> None:
    to.mkdir()
    with (to / "bytes").open("wb") as file:
        for _ in range(size_of(both) // len(_MEGABYTE) + 1):
            file.write(_MEGABYTE)
        file.flush()
        os.fsync(file.fileno())
