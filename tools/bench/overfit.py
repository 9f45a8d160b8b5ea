"""Does training learn? On a small dataset of smooth motion the loss must fall by half, and the policy beat holding still."""

import json
import os
import pathlib
import platform
import re
import tempfile
import time

from tools import inside
from tools.builds import build
from tools.command import ROOT
from tools.command import note
from tools.demo.chain import SIZES
from tools.demo.chain import Chain
from tools.demo.stages import STAGES


def overfit(*, runs: int, as_json: bool) -> int:
    """Trains as the demo does, once, whatever `runs` says; returns 0 when it has learned."""
    del runs
    build.read(build.BUILD)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="bench-overfit-") as folder:
        run = Chain(build.BUILD, inside.python_for(build.BUILD), pathlib.Path(folder), **SIZES)
        start = time.perf_counter()
        said = {}
        for stage in STAGES:
            said[stage.name] = stage.run(run)
            note(f"{time.perf_counter() - start:4.0f} s  {stage.name}: {said[stage.name]}")
        seconds = time.perf_counter() - start
        losses = [float(loss) for loss in re.findall(r"\bloss=([\d.]+|nan)", "".join(
            run.log(name).read_text() for name in ("train", "resume")
        ))]  # fmt: skip
    figures = {
        "steps": run.steps[1],
        "batch": run.batch,
        "first_loss": losses[0],
        "last_loss": losses[-1],
        "error_against_holding_still": int(re.search(r"error (\d+)%", said["picture"])[1]) / 100,
        "seconds": round(seconds),
    }
    learned = figures["last_loss"] < figures["first_loss"] / 2 and figures["error_against_holding_still"] < 1
    if as_json:
        print(json.dumps({"ok": learned} | figures, indent=2))
    else:
        print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):<30}{value:>10}")
        print(
            "learned" if learned else "did not learn: the loss must halve, and the error be below that of holding still"
        )
    return 0 if learned else 1
