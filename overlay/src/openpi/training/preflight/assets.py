"""What training and serving read beside dataset and weights: norm stats, and the tokenizer."""

import json
import pathlib
from typing import Any

from openpi.training.preflight.dataset import check_dataset
from openpi.training.preflight.dataset import has_dataset
from openpi.training.preflight.not_ready import NotReady
from openpi.training.preflight.not_ready import WrongUsage
from openpi.training.preflight.not_ready import first_line

# As openpi.models.tokenizer has it.
_TOKENIZER = "gs://big_vision/paligemma_tokenizer.model"


def check_computing(config: Any, max_frames: int | None) -> None:
    """Checks what `scripts/compute_norm_stats.py` needs: a dataset with a batch of frames, and the tokenizer.

    Args:
        config: The `TrainConfig`.
        max_frames: Its `--max-frames`; None reads all of them.
    """
    _check_max_frames(config, max_frames)
    if has_dataset(config):
        check_dataset(config)
        check_tokenizer()


def check_norm_stats(config: Any) -> None:
    """Checks that the norm stats of a config are where training reads them."""
    assets = config.data.assets
    folder = str(assets.assets_dir or config.assets_dirs)
    if not is_local(folder):
        return
    path = pathlib.Path(folder) / (assets.asset_id or config.data.repo_id) / "norm_stats.json"
    if not path.exists():
        raise NotReady(
            f"the norm stats of {config.name}",
            expected=str(path),
            found="no such file",
            todo=f"compute them, once for each config and dataset: just py scripts/compute_norm_stats.py --config-name {config.name}",
        )
    check_stats_file(path, f"compute them again: just py scripts/compute_norm_stats.py --config-name {config.name}")


def check_stats_file(path: pathlib.Path, todo: str) -> None:
    try:
        stats = json.loads(path.read_text())["norm_stats"]
    except (ValueError, KeyError, TypeError) as e:
        raise NotReady(str(path), expected="norm stats", found=f"{type(e).__name__}: {e}", todo=todo) from e
    if not {"state", "actions"} <= set(stats):
        found = ", ".join(stats) or "none"
        raise NotReady(str(path), expected="norm stats of state and actions", found=found, todo=todo)


def _check_max_frames(config: Any, max_frames: int | None) -> None:
    """Checks that `--max-frames` leaves something to compute from.

    It reads whole batches only, and spread needs two frames at the least.
    """
    if max_frames is None or max_frames >= max(config.batch_size, 2):
        return
    batch = f"one batch, which is {config.batch_size} frames in {config.name}"
    kind = WrongUsage if max_frames < 1 else NotReady
    raise kind(
        "--max-frames",
        expected=f"at least {batch}" if config.batch_size > 1 else "at least 2 frames",
        found=str(max_frames),
        todo="name more frames, or leave it out to read all of them; more give better statistics",
    )


def check_tokenizer() -> None:
    """Lets openpi fetch the tokenizer, as the script would; norm stats and debug configs need it too."""
    import openpi.shared.download as download

    try:
        download.maybe_download(_TOKENIZER, gs={"token": "anon"})
    except Exception as e:
        raise NotReady(
            f"the tokenizer {_TOKENIZER}",
            expected="it in openpi's cache, or a network to fetch it once",
            found=first_line(e),
            todo="connect this machine, or copy it from one that has it: ~/.cache/openpi (or $OPENPI_DATA_HOME)",
        ) from e


def is_local(path: str) -> bool:
    return "://" not in path
