"""How long `just rebase-check --all` takes on a clone of upstream, as a whole process, beside a walk of its history alone."""

import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

from tools.command import note
from tools.refusal import WrongUsage
from tools.upstream.clone import FETCHED
from tools.upstream.history import open_history

# What 75 first-parent commits must not take longer than, on two cores.
_LIMIT_S, _COMMITS = 5.0, 75


def rebase(*, runs: int, as_json: bool) -> int:
    """Measures the command `runs` times and prints the median; returns 0 when it is within its limit.

    The clone is the one that OPENPI_UPSTREAM names, else the one that `just rebase-check` fetched.
    """
    clone = pathlib.Path(os.environ.get("OPENPI_UPSTREAM") or FETCHED).expanduser()
    if not clone.is_dir():
        todo = "set OPENPI_UPSTREAM to a clone of OpenPI, or fetch one: just rebase-check"
        raise WrongUsage(str(clone), expected="a clone of OpenPI", found="nothing there", todo=todo)
    history = open_history(clone)
    commits = len(history.line(history.newest()))
    commands = {
        "git log": ["git", "-C", str(clone), "log", "--first-parent", "--raw", "--format=%H %as %s"],
        "rebase-check --all": [sys.executable, "-P", "-m", "tools.rebase_check", "--upstream", str(clone), "--all"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for number in range(runs + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            if number:  # the first round warms the disk cache
                times[name].append(time.perf_counter() - start)
        note(f"round {number} of {runs}")
    limit = _LIMIT_S * max(1.0, commits / _COMMITS)
    medians = {name: statistics.median(values) for name, values in times.items()}
    if as_json:
        limits = {"rebase-check --all": limit}
        print(json.dumps({"commits": commits, "seconds": medians, "limits": limits}, indent=2))
    else:
        print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; {commits} commits")
        print(f"{'':<40}{'median':>8}{'min':>8}{'max':>8}{'limit':>8}")
        for name, values in times.items():
            shown = f"{limit:.1f} s" if name == "rebase-check --all" else ""
            spread = "".join(f"{value:6.2f} s" for value in (medians[name], min(values), max(values)))
            print(f"{name:<40}{spread}{shown:>8}")
    return 0 if medians["rebase-check --all"] <= limit else 1
