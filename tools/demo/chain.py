"""Where a run of the demo lies, and how a script of the patched tree is run in it."""

import collections
import dataclasses
import os
import pathlib
import shlex
import subprocess
from typing import BinaryIO

from tools import inside
from tools.child import by_signal
from tools.child import wait_for
from tools.command import ROOT
from tools.demo import turn as turns
from tools.refusal import Refused

# What runs inside the tree's environment. It lies with the tests since only they may import openpi from outside it.
SMALL = ROOT / "tests" / "upstream" / "small"

# Enough for the stand-in model to follow the motion it was shown.
SIZES = {"steps": (150, 220), "batch": 16}


@dataclasses.dataclass(frozen=True)
class Chain:
    """One run from dataset to actions.

    Attributes:
        tree: A patched OpenPI tree.
        python: An interpreter with upstream's dependencies.
        folder: Where everything that the run makes lies; commands run there.
        steps: Training steps before the stop, and in all after the resume.
        batch: Frames a step.
        frames: Frames of each episode of the dataset.
        config: A LoRA config of the robot so101.
        whole_encoder: Leave upstream's image encoder at its full size.
        turn: A file that is held open for as long as the run is at work, in every process of it: see tools/demo/turn.py.
    """

    tree: pathlib.Path
    python: pathlib.Path
    folder: pathlib.Path
    steps: tuple[int, int]
    batch: int
    frames: int = 60
    config: str = "pi05_so101_lora"
    whole_encoder: bool = False
    turn: int | None = None

    @property
    def run(self) -> pathlib.Path:
        """The folder of the trained checkpoints, one a step."""
        return self.folder / "checkpoints" / self.config / "demo"

    @property
    def last(self) -> pathlib.Path:
        """The last checkpoint."""
        return self.run / str(self.steps[1] - 1)

    @property
    def picture(self) -> pathlib.Path:
        """Predicted against recorded actions."""
        return self.folder / "actions.png"

    def environment(self) -> dict[str, str]:
        """Keeps the run from the network, from a GPU, and from everything outside its folder."""
        return inside.environment(self.tree) | {
            "HOME": str(self.folder / "home"),  # upstream and what it uses write below ~/.cache
            "HF_HOME": str(self.folder / "hf"),
            "HF_LEROBOT_HOME": str(self.folder / "datasets"),
            "HF_HUB_OFFLINE": "1",
            "HF_DATASETS_OFFLINE": "1",
            "OPENPI_DATA_HOME": str(self.folder / "openpi-data"),
            "WANDB_MODE": "disabled",
            "JAX_PLATFORMS": "cpu",
            "JAX_ENABLE_COMPILATION_CACHE": "false",  # see tools.inside: on a CPU it is not to be trusted
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": str(self.folder / "home"),
            "PYTHONUNBUFFERED": "1",
            "SMALL_KEEP_ENCODER": "1" if self.whole_encoder else "0",
        }

    def small(self, name: str, *args: str | pathlib.Path) -> list[str]:
        """The command that runs a file of tests/upstream/small."""
        return [str(self.python), str(SMALL / name), *map(str, args)]

    def ours(self, module: str, *args: str | pathlib.Path) -> list[str]:
        """The command that runs a module of tools, in the environment that it has everything in."""
        return [str(ROOT / ".venv" / "bin" / "python"), "-I", "-m", module, *map(str, args)]

    def script(self, name: str, *args: str | pathlib.Path) -> list[str]:
        """The command that runs a script of the tree with a small model, asking first for what it needs."""
        checked = self.tree / "scripts" / "checked.py"
        return self.small("run_small.py", checked, self.tree / "scripts" / name, *args)

    def log(self, stage: str) -> pathlib.Path:
        """Where the output of a stage goes."""
        return self.folder / "logs" / f"{stage}.log"

    def call(self, stage: str, command: list[str]) -> str:
        """Runs a command in the folder and returns what it printed.

        Raises:
            Refused: It failed; the end of its output is the reason.
        """
        (self.folder / "home").mkdir(parents=True, exist_ok=True)
        self.log(stage).parent.mkdir(exist_ok=True)
        with self.log(stage).open("ab") as log:
            start = log.tell()
            code = wait_for(self.start(command, log))
        with self.log(stage).open("rb") as log:
            log.seek(start)
            text = log.read().decode(errors="replace")
        if code != 0:
            raise self.failed(stage, text + (f"\nended by {signal}" if (signal := by_signal(code)) else ""))
        return text

    def start(self, command: list[str], log: BinaryIO) -> subprocess.Popen:
        """Starts a command in the folder, with what it prints in a log."""
        log.write(f"$ {shlex.join(command)}\n".encode())
        log.flush()
        held = () if self.turn is None else (self.turn,)
        child = subprocess.Popen(
            command, cwd=self.folder, env=self.environment(), stdout=log, stderr=subprocess.STDOUT, pass_fds=held
        )
        for turn in held:
            turns.tell(turn, child.pid)
        return child

    def failed(self, stage: str, output: str) -> Refused:
        """The message for a stage that failed: what its output ends with."""
        refusal = output.rpartition("\nrefused: ")[2] if "\nrefused: " in output else ""
        lines = collections.deque((line for line in output.splitlines() if line.strip()), maxlen=3)
        return Refused(
            f"the stage {stage}",
            expected="upstream's own code to do its part",
            found=f"refused: {refusal.strip()}" if refusal else "\n".join(line[:200] for line in lines),
            todo=f"read {os.path.relpath(self.log(stage))}, mend it, and run the command again: it goes on from here",
        )
