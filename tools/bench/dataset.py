"""How fast a dataset is checked, decoded and mended, each beside what reading, decoding or copying alone takes; and its memory."""

import functools
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import pyarrow as pa
import pyarrow.parquet as pq
import simplejpeg

from tools.bench._baselines import DISK_MB
from tools.bench._baselines import command
from tools.bench._baselines import copied
from tools.bench._baselines import cp_flushed
from tools.bench._baselines import over
from tools.bench._baselines import rate
from tools.bench._baselines import read_columns
from tools.command import ROOT
from tools.command import note
from tools.dataset.check_run import check_dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.episode import image_cells
from tools.dataset.made_up import make_up

# What is promised on two cores.
_LIMITS = {
    "check, frames a second": 100_000,
    "deep check, of the decoder alone": 0.8,
    "repair of every file, of the disk": 0.4,
    "repair of one file, of two checks and a copy": 0.5,
    "memory of ten times the dataset": 1.25,
}
_MEMORY = """
import pathlib, resource, sys
from tools.dataset.check_run import check_dataset
if __name__ == "__main__":
    check_dataset(pathlib.Path(sys.argv[1]), deep=True)
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(max(peaks) * (1 if sys.platform == "darwin" else 1024))
"""


def dataset(*, runs: int, as_json: bool) -> int:
    """Makes datasets, measures on each in turn, `runs` rounds, and prints medians; returns 0 when all are within limits."""
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="bench-dataset-") as folder:
        home = pathlib.Path(folder)
        long = make_up(home / "long", episodes=1000, frames=300, height=48, width=64)
        wide = make_up(home / "wide", episodes=32, frames=150, height=480, width=640)
        spoilt = make_up(home / "spoilt", episodes=32, frames=150, height=480, width=640, spoilt=True)
        late = make_up(home / "late", episodes=300, frames=200, height=96, width=128)
        _stamp_late(late)
        note("datasets made: 300,000 frames with small images, 9,600 images of 640x480 twice, 120,000 of 128x96")
        measure = {
            "check": lambda: rate(300_000, check_dataset, long),
            "reading alone": lambda: rate(300_000, over, read_columns, read_dataset(long)),
            "deep check": lambda: rate(9_600, functools.partial(check_dataset, deep=True), wide),
            "decoder alone": lambda: _decoded(wide, 1),
            "decoder alone, to an eighth": lambda: _decoded(wide, 8),
            "repair, every file": lambda: copied(spoilt, home / "copy", _repair),
            "cp and a flush of these": lambda: copied(spoilt, home / "copy", cp_flushed),
            "repair, one file of 300": lambda: copied(late, home / "copy", _repair),
            "cp and a flush of those": lambda: copied(late, home / "copy", cp_flushed),
            "check of those": lambda: copied(late, home / "copy", _check),
        }
        rates: dict[str, list[float]] = {name: [] for name in measure}
        for number in range(1, runs + 1):
            for name, one in measure.items():
                rates[name].append(one())
            note(f"round {number} of {runs}")
        few = make_up(home / "few", episodes=8, frames=150, height=240, width=320)
        many = make_up(home / "many", episodes=80, frames=150, height=240, width=320)
        memory = {name: _peak(path) for name, path in (("small", few), ("ten times that", many))}
    figures = {name: statistics.median(values) for name, values in rates.items()}
    against = {
        "check, frames a second": figures["check"],
        "deep check, of the decoder alone": figures["deep check"] / figures["decoder alone"],
        "repair of every file, of the disk": figures["repair, every file"]
        / min(DISK_MB, figures["cp and a flush of these"]),
        "repair of one file, of two checks and a copy": figures["repair, one file of 300"]
        * (2 / figures["check of those"] + 1 / figures["cp and a flush of those"]),
        "memory of ten times the dataset": memory["ten times that"] / memory["small"],
    }
    # Of the last one less is better.
    within = all(
        against[name] <= limit if name.startswith("memory") else against[name] >= limit
        for name, limit in _LIMITS.items()
    )
    if as_json:
        print(json.dumps({"a_second": figures, "memory": memory, "against": against, "limits": _LIMITS}, indent=2))
        return 0 if within else 1
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; medians of {runs}")
    rows = [
        ("check", "frames/s", "at least 100,000"),
        ("reading alone", "frames/s", "its floor: the same columns, read and not looked at"),
        ("deep check", "images/s", "at least 80 % of the decoder alone"),
        ("decoder alone", "images/s", "simplejpeg on all cores, 640x480 to 640x480, from memory"),
        ("decoder alone, to an eighth", "images/s", "the same as the check decodes"),
        (
            "repair, every file",
            "MB/s",
            f"the command, no schema metadata in 32 files; of the disk, which counts as {DISK_MB} at most",
        ),
        ("cp and a flush of these", "MB/s", "cp of the same files, each flushed to the disk, as a repair does"),
        ("repair, one file of 300", "MB/s", "the command, one wrong timestamp; it checks before and after"),
        ("cp and a flush of those", "MB/s", "cp of the same files, as above"),
        ("check of those", "MB/s", "the command"),
    ]
    for name, unit, said in rows:
        spread = f"({min(rates[name]):,.0f} to {max(rates[name]):,.0f})"
        print(f"{name:<30}{figures[name]:>10,.0f} {unit:<9}{spread:<26} {said}")
    for name, size in memory.items():
        print(f"{'memory, ' + name:<30}{size / 1e6:>10,.0f} MB       {'':<26} deep check, the largest process")
    print()
    for name, limit in _LIMITS.items():
        print(f"{name:<36}{against[name]:>12,.2f}   limit {limit:,}")
    return 0 if within else 1


def _decoded(root: pathlib.Path, factor: int) -> float:
    """Images a second of the decoder, on all cores, without reading the files and starting the processes."""
    answers = over(functools.partial(_decode, factor=factor), read_dataset(root), heavy=True)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores * sum(images for images, _ in answers) / sum(seconds for _, seconds in answers)


def _decode(path: pathlib.Path, factor: int) -> tuple[int, float]:
    groups = image_cells(path, ["observation.images.scene", "observation.images.wrist"])
    cells = [cell["bytes"] for _, group in groups for column in group.values() for cell in column.to_pylist()]
    start = time.perf_counter()
    for cell in cells:
        simplejpeg.decode_jpeg(cell, "RGB", min_height=480 // factor, min_width=640 // factor)
    return len(cells), time.perf_counter() - start


def _stamp_late(root: pathlib.Path) -> None:
    """Makes one timestamp of one episode wrong."""
    path = read_dataset(root).path_of(7)
    table = pq.read_table(path)
    times = table.column("timestamp").to_numpy().copy()
    times[50] += 0.01
    at = table.schema.get_field_index("timestamp")
    table = table.set_column(at, table.schema.field(at), pa.array(times))
    pq.write_table(table, path, row_group_size=100, use_dictionary=False)


def _repair(root: pathlib.Path, to: pathlib.Path) -> None:
    command("repair", root, "--out", to)


def _check(root: pathlib.Path, to: pathlib.Path) -> None:
    to.mkdir()  # as the others, so that there is something to remove
    command("check", root, check=False)


def _peak(root: pathlib.Path) -> int:
    """Bytes of memory of the largest process of a deep check."""
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "check_memory.py"
        script.write_text(_MEMORY)
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, str(script), str(root)], capture_output=True, check=True, text=True, env=environment
        )
    return int(done.stdout)
