"""The stages from dataset to actions, in their order. Each does one thing and says in a line what came of it."""

from collections.abc import Callable
import dataclasses
import pathlib
import re
import shutil

from tools.command import ROOT
from tools.demo.chain import Chain
from tools.demo.server import serving

REPO_ID = "your_username/so101"  # as the config of the robot has it
EXP_NAME = "--exp-name=demo"


@dataclasses.dataclass(frozen=True)
class Stage:
    """One step of the chain.

    Attributes:
        name: Its name, for the log and the marker.
        doing: What it does, for the progress line.
        run: Does it, and returns what came of it in a line.
        makes: Where what it makes lies; without that the stage is not done, whatever a marker says.
    """

    name: str
    doing: str
    run: Callable[[Chain], str]
    makes: Callable[[Chain], pathlib.Path]


def base(chain: Chain) -> str:
    """Saves random weights with 32 action dimensions where upstream keeps the released checkpoint it has fetched."""
    data = chain.folder / "openpi-data"
    place = _base(chain)
    made = chain.folder / "base"
    chain.call("base", chain.small("make_tokenizer.py", data))
    chain.call("base", chain.small("make_checkpoint.py", "debug_pi05", made))
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made / "0", place)
    shutil.rmtree(made)
    return f"32 action dimensions, random weights: {_short(place)}"


def dataset(chain: Chain) -> str:
    """Writes the dataset with our own writer."""
    place = _dataset(chain)
    shutil.rmtree(chain.folder / "hf", ignore_errors=True)  # the cache of a dataset that was here before
    chain.call("dataset", chain.ours("tools.demo.make_dataset", place, str(chain.frames)))
    return f"2 episodes of {chain.frames} frames, 2 cameras: {_short(place)}"


def check(chain: Chain) -> str:
    """Checks the dataset by `just check-dataset`, every image too; an error ends the demo."""
    place = _dataset(chain)
    text = chain.call("check", chain.ours("tools.dataset.check", place, "--deep"))
    return re.search(r"^(in order.*?)(  |$)", text, re.MULTILINE)[1]


def norm_stats(chain: Chain) -> str:
    """Computes norm stats by the guide's command."""
    chain.call("norm_stats", chain.script("compute_norm_stats.py", "--config-name", chain.config))
    return _short(_norm_stats(chain))


def train(chain: Chain) -> str:
    """Trains from the 32-dimension checkpoint."""
    text = chain.call("train", _train(chain, chain.steps[0], "--overwrite"))
    skipped = len(set(re.findall(r"Skipping weight (\S+):", text)))
    first, last = _losses(text)
    return f"{chain.steps[0]} steps, loss {first:.2f} to {last:.2f}; {skipped} weights of 32 dimensions started afresh"


def resume(chain: Chain) -> str:
    """Goes on from the checkpoint that training left."""
    if (chain.last / "params").is_dir():  # killed after the last checkpoint was saved, and before this was noted
        return f"step {chain.steps[1]} was reached already: {_short(chain.last)}"
    text = chain.call("resume", _train(chain, chain.steps[1], "--resume"))
    steps = [int(step) for step in re.findall(r"\bStep (\d+):", text)]
    return f"from step {steps[0]} to {chain.steps[1]}, loss {_losses(text)[1]:.2f}: {_short(chain.last)}"


def serve(chain: Chain) -> str:
    """Serves the last checkpoint and asks it for actions through upstream's own client."""
    with serving(chain) as port:
        chain.call("ask", chain.small("ask_server.py", str(port), REPO_ID, _answers(chain)))
    return f"actions for recorded frames: {_short(_answers(chain))}"


def picture(chain: Chain) -> str:
    """Draws predicted against recorded actions, and says by how much they are better than holding still."""
    text = chain.call("picture", chain.small("draw_actions.py", _answers(chain), chain.picture))
    return f"{text.splitlines()[-1]}: {_short(chain.picture)}"


def _base(chain: Chain) -> pathlib.Path:
    return chain.folder / "openpi-data" / "openpi-assets" / "checkpoints" / "pi05_base"


def _dataset(chain: Chain) -> pathlib.Path:
    return chain.folder / "datasets" / REPO_ID


def _norm_stats(chain: Chain) -> pathlib.Path:
    return chain.folder / "assets" / chain.config / REPO_ID / "norm_stats.json"


def _answers(chain: Chain) -> pathlib.Path:
    return chain.folder / "answers.npz"


STAGES = (
    Stage("base", "a checkpoint to start from", base, _base),
    Stage("dataset", "a small dataset", dataset, _dataset),
    Stage("check", "is it in order", check, _dataset),
    Stage("norm_stats", "norm stats", norm_stats, _norm_stats),
    Stage("train", "training", train, lambda chain: chain.run),  # the checkpoint itself goes when a later one is there
    Stage("resume", "training, resumed", resume, lambda chain: chain.last / "params"),
    Stage("serve", "serving, and a client that asks", serve, _answers),
    Stage("picture", "a picture", picture, lambda chain: chain.picture),
)


def _train(chain: Chain, steps: int, how: str) -> list[str]:
    # The schedule is as long as the whole run, and the rate suits a model that starts from noise.
    schedule = {"warmup-steps": 5, "peak-lr": 4e-3, "decay-steps": max(chain.steps[1], 6), "decay-lr": 2e-4}
    sizes = [f"--batch-size={chain.batch}", f"--num-train-steps={steps}", "--num-workers=2"]
    rates = [f"--lr-schedule.{name}={value}" for name, value in schedule.items()]
    return chain.script(
        "train.py", chain.config, EXP_NAME, how, *sizes, *rates, f"--log-interval={min(10, chain.steps[0] // 2)}"
    )


def _losses(text: str) -> tuple[float, float]:
    losses = [float(loss) for loss in re.findall(r"\bloss=([\d.]+|nan|inf)", text)]
    return losses[0], losses[-1]


def _short(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
