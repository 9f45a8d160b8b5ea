"""`just demo`: runs the stages one after the other, goes on where it stopped, and ends with a summary and a picture."""

import contextlib
import hashlib
import json as json_text
import pathlib
import shutil
import sys
import time

from tools import inside
from tools.apply import apply
from tools.builds import build
from tools.command import ROOT
from tools.command import note
from tools.command import run
from tools.demo import turn
from tools.demo import waiting
from tools.demo.chain import SIZES
from tools.demo.chain import SMALL
from tools.demo.chain import Chain
from tools.demo.progress import Progress
from tools.demo.stages import STAGES
from tools.upstream import python_env

FOLDER = ROOT / "build" / "demo"


def demo(*, again: bool = False, json: bool = False) -> int:
    """Run OpenPI from a dataset to actions on this machine: no GPU, no robot, no account, some minutes.

    Everything is upstream's own code in the patched tree, with a model small enough for a CPU; the run lies in
    build/demo. Called again it goes on where it stopped.

    Example:
        just demo

    Args:
        again: Begin anew, though the last run may be whole.
        json: Print the summary as JSON.
    """
    if not build.BUILD.exists():
        note("just demo: build/openpi is not there: just apply makes it")
        with contextlib.redirect_stdout(sys.stderr):  # the answer is the demo's
            apply(json=False)
    commit = build.read(build.BUILD).commit
    if not (build.BUILD / ".venv").exists():
        python_env.make()
    with turn.taken(FOLDER.with_name(f"{FOLDER.name}.lock")) as held:
        chain = Chain(build.BUILD, inside.python_for(build.BUILD), FOLDER, **SIZES, turn=held)
        made_of = {"build": commit, "steps": list(chain.steps), "batch": chain.batch, "code": _code()}
        progress = Progress(FOLDER, made_of)
        if again or not progress.fits():
            shutil.rmtree(FOLDER, ignore_errors=True)
            progress.begin()
        for number, stage in enumerate(STAGES, 1):
            head = f"[{number}/{len(STAGES)}] {stage.doing}"
            if not progress.is_done(stage.name) or not stage.makes(chain).exists():
                progress.forget(later.name for later in STAGES[number - 1 :])
                start = time.monotonic()
                with waiting.shown(head, chain.log(stage.name)):
                    said = stage.run(chain)
                progress.mark(stage.name, said, time.monotonic() - start)
            note(f"{head}: {progress.said(stage.name)} ({progress.seconds(stage.name):.0f} s)")
        _show(chain, progress, as_json=json)
    return 0


def _code() -> str:
    """What the stages are made of: when they change, what they made before is another run's."""
    files = sorted([*pathlib.Path(__file__).parent.glob("*.py"), *SMALL.glob("*.py")])
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _show(chain: Chain, progress: Progress, *, as_json: bool) -> None:
    files = {
        "picture": chain.picture,
        "checkpoint": chain.last,
        "dataset": chain.folder / "datasets",
        "logs": chain.folder / "logs",
    }
    places = {name: str(_from_root(path)) for name, path in files.items()}
    if as_json:
        results = {stage.name: progress.said(stage.name) for stage in STAGES}
        print(json_text.dumps({"ok": True, "stages": results, **places}, indent=2))
        return
    seconds = sum(progress.seconds(stage.name) for stage in STAGES)
    print(f"from a dataset to actions in {seconds:.0f} s, by OpenPI's own scripts in {_from_root(chain.tree)}\n")
    for name, place in places.items():
        print(f"{name:<11} {place}")
    print("\nthe model is a small stand-in that knows nothing but this dataset. For your robot: docs/running.md")


def _from_root(path: pathlib.Path) -> pathlib.Path:
    return path.relative_to(ROOT)


if __name__ == "__main__":
    run(demo, "just demo")
