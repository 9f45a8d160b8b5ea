"""How long `just apply` takes as a whole process, beside the floor: starting Python, importing libcst, parsing the files."""

import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

from tools.command import ROOT
from tools.command import note
from tools.lock import read_lock
from tools.plan import patches
from tools.upstream import store
from tools.upstream.sync import sync
from tools.upstream.trees import GitTree
from tools.upstream.trees import Origin

# What this must not take longer than, on two cores.
_LIMITS_S = {"apply, no build yet": 1.0, "apply, again": 1.0, "apply --check": 0.7}

_FLOOR = "import sys, libcst\nfor path in sys.argv[1:]: libcst.parse_module(open(path, 'rb').read())"


def apply(*, runs: int, as_json: bool) -> int:
    """Measures each command in turn, `runs` rounds, and prints medians; returns 0 when all are within their limit."""
    lock = read_lock(ROOT / "upstream.lock")
    synced = store.find_locked(store.DEFAULT, lock) or sync(lock, store.DEFAULT)
    tree = GitTree(synced.repo, synced.commit, Origin(synced.source, synced.id, synced.date))
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "openpi"
        files = []
        for path, content in tree.read(sorted({e.file for p in patches.read_series() for e in p.edits})).items():
            files.append(pathlib.Path(folder) / path.replace("/", "-"))
            files[-1].write_bytes(content)
        python = [sys.executable, "-P"]
        module = [*python, "-m", "tools.apply", "--out", str(out)]
        commands = {
            "python, empty": [*python, "-c", ""],
            "floor: import libcst, parse the files": [*python, "-c", _FLOOR, *map(str, files)],
            "apply --check": [*module, "--check"],
            "apply, no build yet": module,
            "apply, again": module,
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(runs + 1):
            subprocess.run(["rm", "-rf", str(out)], check=True)
            for name, command in commands.items():
                start = time.perf_counter()
                subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
                if number:  # the first round warms the disk cache
                    times[name].append(time.perf_counter() - start)
            note(f"round {number} of {runs}")
    medians = {name: statistics.median(values) for name, values in times.items()}
    if as_json:
        print(json.dumps({"seconds": medians, "limits": _LIMITS_S}, indent=2))
    else:
        print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; upstream {synced.id}")
        print(f"{'':<40}{'median':>8}{'min':>8}{'max':>8}{'limit':>8}")
        for name, values in times.items():
            limit = f"{_LIMITS_S[name]:.1f} s" if name in _LIMITS_S else ""
            spread = "".join(f"{value:6.2f} s" for value in (medians[name], min(values), max(values)))
            print(f"{name:<40}{spread}{limit:>8}")
    return 0 if all(medians[name] <= limit for name, limit in _LIMITS_S.items()) else 1
