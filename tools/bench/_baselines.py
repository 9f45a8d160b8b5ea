"""What reading, copying and the disk alone take: what the figures of a dataset's benchmarks stand beside."""

from collections.abc import Callable
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pyarrow.parquet as pq

from tools.command import ROOT
from tools.dataset import pool
from tools.dataset.dataset import Dataset

# A disk is what cp and a flush show, and no faster than a common one, in megabytes a second.
DISK_MB = 500


def rate(number: int, function: Callable[..., object], *what: object) -> float:
    """How many a second, where a call does so many."""
    start = time.perf_counter()
    function(*what)
    return number / (time.perf_counter() - start)


def over(function: Callable[[pathlib.Path], object], of: Dataset, *, heavy: bool = False) -> list:
    """A function of each data file, on all cores."""
    return list(pool.over(function, of.episode_files.values(), heavy=heavy))


def read_columns(path: pathlib.Path) -> int:
    """Reads the columns of a data file but for its images, and looks at none; returns how many rows."""
    with pq.ParquetFile(path, memory_map=True) as file:
        names = [name for name in file.schema_arrow.names if not name.startswith("observation.images")]
        return file.read(columns=names, use_threads=False).num_rows


def size_of(root: pathlib.Path) -> int:
    """Bytes of the data files below a folder."""
    return sum(path.stat().st_size for path in root.rglob("*.parquet"))


def copied(root: pathlib.Path, to: pathlib.Path, copy: Callable[[pathlib.Path, pathlib.Path], None]) -> float:
    """Megabytes a second of a way to make a dataset of another; what it makes is removed."""
    shutil.rmtree(to, ignore_errors=True)
    os.sync()  # what others wrote before is not for this one to wait for
    found = rate(size_of(root), copy, root, to) / 1e6
    shutil.rmtree(to)
    return found


def cp_flushed(root: pathlib.Path, to: pathlib.Path) -> None:
    """A plain copy whose data files the disk has."""
    subprocess.run(["cp", "-R", str(root), str(to)], check=True)
    for path in to.rglob("*.parquet"):
        with path.open("rb") as file:
            os.fsync(file.fileno())


def command(module: str, *args: object, check: bool = True) -> None:
    """Runs a command of tools/dataset/ as a user does, in a process of its own."""
    line = [sys.executable, "-P", "-m", f"tools.dataset.{module}", *map(str, args)]
    subprocess.run(line, cwd=ROOT, check=check, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
