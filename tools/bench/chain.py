"""How long each stage from dataset to actions takes, with a small image encoder and with upstream's whole one."""

import json
import os
import pathlib
import platform
import tempfile
import time

from tools import inside
from tools.builds import build
from tools.command import ROOT
from tools.command import note
from tools.demo.chain import Chain
from tools.demo.stages import STAGES


def chain(*, runs: int, as_json: bool) -> int:
    """Runs the stages once with each encoder, whatever `runs` says: the whole one takes many minutes and 10 GB."""
    del runs
    build.read(build.BUILD)
    python = inside.python_for(build.BUILD)
    seconds: dict[str, dict[str, float]] = {}
    said: dict[str, str] = {}
    for encoder in ("small", "whole"):
        with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="bench-chain-") as folder:
            run = Chain(
                build.BUILD, python, pathlib.Path(folder), steps=(2, 3), batch=2, whole_encoder=encoder == "whole"
            )
            for stage in STAGES:
                start = time.perf_counter()
                said[stage.name] = stage.run(run)
                seconds.setdefault(stage.name, {})[encoder] = time.perf_counter() - start
                note(f"{encoder} encoder, {stage.name}: {seconds[stage.name][encoder]:.0f} s, {said[stage.name]}")
    if as_json:
        print(json.dumps({"seconds": seconds}, indent=2))
        return 0
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; 2 steps, then 1, batch 2")
    print(f"{'stage':<12}{'small encoder':>15}{'whole encoder':>15}")
    for name, by_encoder in seconds.items():
        print(f"{name:<12}" + "".join(f"{by_encoder[encoder]:13.0f} s" for encoder in ("small", "whole")))
    return 0
