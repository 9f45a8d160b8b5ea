"""What training and serving read beside dataset and weights: norm stats, and the tokenizer."""

import os
import pathlib
from typing import Any

from openpi.training.preflight.dataset import check_dataset
from openpi.training.preflight.dataset import has_dataset
from openpi.training.preflight.first_frame import check_first_frame
from openpi.training.preflight.not_ready import NotReady
from openpi.training.preflight.not_ready import WrongUsage
from openpi.training.preflight.not_ready import first_line
from openpi.training.preflight.not_ready import one_line
from openpi.training.preflight.places import check_writable
from openpi.training.preflight.places import is_local

# As openpi.models.tokenizer has it.
_TOKENIZER = "gs://big_vision/paligemma_tokenizer.model"


def check_computing(config: Any, max_frames: int | None) -> None:
    """Checks what `scripts/compute_norm_stats.py` needs: a dataset with a batch of frames, and the tokenizer.

    Args:
        config: The `TrainConfig`.
        max_frames: Its `--max-frames`; None reads all of them.
    """
    _check_max_frames(config, max_frames)
    if not has_dataset(config):
        return
    check_dataset(config)
    check_tokenizer()
    read = _path_read(config)
    if read is not None and read.exists():
        _load(read, f"remove it, the script reads it before it computes: rm {read}")
    folder = _folder_written(config)
    if not os.access(folder / "norm_stats.json", os.W_OK):  # one that is there is written over
        check_writable(folder, "make it writable, or mend what is in the way: the norm stats will be there")
    check_first_frame(config, normalize=False)


def check_norm_stats(config: Any) -> None:
    """Checks that the norm stats of a config are where training reads them."""
    path = _path_read(config)
    if path is None:
        return
    compute = f"just py scripts/compute_norm_stats.py --config-name {config.name}"
    written = _folder_written(config) / "norm_stats.json"
    if path.resolve() != written.resolve():
        compute += f"; then copy {written} there"
    if not path.exists():
        raise NotReady(
            f"the norm stats of {config.name}",
            expected=str(path),
            found="no such file",
            todo=f"compute them, once for each config and dataset: {compute}",
        )
    check_stats_file(path, f"remove it, and compute them again: {compute}")


def check_stats_file(path: pathlib.Path, todo: str) -> None:
    """Checks that a file holds norm stats of state and actions.

    Args:
        path: A file that is there.
        todo: What to do where it does not.
    """
    stats = _load(path, todo)
    if not {"state", "actions"} <= set(stats):
        found = ", ".join(stats) or "none"
        raise NotReady(str(path), expected="norm stats of state and actions", found=found, todo=todo)


def _load(path: pathlib.Path, todo: str) -> dict[str, Any]:
    import openpi.shared.normalize as normalize

    try:
        return normalize.load(path.parent)
    except Exception as e:
        raise NotReady(str(path), expected="norm stats", found=one_line(e), todo=todo) from e


def _path_read(config: Any) -> pathlib.Path | None:
    """The file that every script reads the norm stats of a config from; None where it is in a bucket."""
    assets = config.data.assets
    folder = str(assets.assets_dir or config.assets_dirs)
    return (
        pathlib.Path(folder) / (assets.asset_id or config.data.repo_id) / "norm_stats.json"
        if is_local(folder)
        else None
    )


def _folder_written(config: Any) -> pathlib.Path:
    """The folder that `scripts/compute_norm_stats.py` writes to, which need not be the one that is read."""
    return config.assets_dirs / config.data.repo_id


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
