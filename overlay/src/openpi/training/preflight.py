"""Asks, before a script starts, for what it would stop on with a long traceback minutes later.

Each function looks at what is on this machine, changes nothing, and raises `NotReady` for the first thing that is
missing. What lies behind a URL is left to the script.
"""

import json
import pathlib
import socket
import textwrap
from typing import Any

# As openpi.models.tokenizer has it.
_TOKENIZER = "gs://big_vision/paligemma_tokenizer.model"
# Repo ids that no dataset is fetched for.
_NO_DATASET = (None, "fake")


class NotReady(Exception):  # noqa: N818  (an answer: the script has not failed, it has not started)
    """Something that a script needs is not there; the message has four parts.

    Args:
        where: The file, option or place.
        expected: What would have been right.
        found: What was there instead, with its value.
        todo: What to do, as a command where there is one.
    """

    exit_code = 1

    def __init__(self, where: str, *, expected: str, found: str, todo: str):
        parts = (("expected", expected), ("found", found), ("do", todo))
        super().__init__("\n".join([f"refused: {where}", *(f"  {k + ':':<9} {v}" for k, v in parts)]))


class WrongUsage(NotReady):
    """Like `NotReady`, for a command line that is wrong whatever lies on this machine."""

    exit_code = 2


def check_training(config: Any) -> None:
    """Checks what `scripts/train.py` needs: dataset, norm stats, weights to start from, and a place for checkpoints.

    Args:
        config: The `TrainConfig` with everything that the command line says.
    """
    check_dataset(config)
    if has_dataset(config):
        check_norm_stats(config)
    params = getattr(config.weight_loader, "params_path", None)
    if params is not None and _is_local(params):
        _check_params(pathlib.Path(params))
    there = config.checkpoint_dir
    if there.exists() and not config.overwrite and not config.resume:
        raise NotReady(
            str(there),
            expected="no run of this name yet",
            found=f"checkpoints of the steps {', '.join(_steps(there)) or '(none)'}",
            todo="go on with it: --resume; begin anew: --overwrite; or give another --exp-name",
        )


def has_dataset(config: Any) -> bool:
    """Whether a config trains on a LeRobot dataset, and not on random numbers or on RLDS."""
    return isinstance(config.data.repo_id, str | None) and config.data.repo_id not in _NO_DATASET and not _rlds(config)


def check_dataset(config: Any, home: pathlib.Path | None = None) -> None:
    """Checks that the dataset of a config is there and holds at least one batch.

    Args:
        config: The `TrainConfig`.
        home: LeRobot's folder of datasets; the one that LeRobot itself uses where it is not given.
    """
    if not has_dataset(config):
        return
    repo_id = config.data.repo_id
    root = (home or _lerobot_home()) / repo_id
    info = root / "meta" / "info.json"
    if not info.exists():
        _ask_the_hub(repo_id, root)
    try:
        frames = int(json.loads(info.read_text())["total_frames"])
    except (ValueError, KeyError, TypeError) as e:
        raise NotReady(
            f"the dataset {repo_id}",
            expected=f"{info} with total_frames",
            found=f"{type(e).__name__}: {e}",
            todo=f"just check-dataset {root} says what is wrong with it",
        ) from e
    if frames == 0:
        raise NotReady(
            f"the dataset {repo_id}",
            expected="episodes",
            found=f"none, says {info}",
            todo="record some, then try again",
        )
    if frames < config.batch_size:
        raise NotReady(
            f"the dataset {repo_id}",
            expected=f"at least one batch of {config.batch_size} frames (batch_size of {config.name})",
            found=f"{frames} frames, says {info}",
            todo=f"record more; scripts/train.py also takes a smaller batch: --batch-size {frames}",
        )
    _check_tokenizer()


def check_max_frames(config: Any, max_frames: int | None) -> None:
    """Checks that `--max-frames` leaves `scripts/compute_norm_stats.py` something to compute from.

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


def check_norm_stats(config: Any) -> None:
    """Checks that the norm stats of a config are where training reads them."""
    assets = config.data.assets
    folder = str(assets.assets_dir or config.assets_dirs)
    if not _is_local(folder):
        return
    path = pathlib.Path(folder) / (assets.asset_id or config.data.repo_id) / "norm_stats.json"
    if not path.exists():
        raise NotReady(
            f"the norm stats of {config.name}",
            expected=str(path),
            found="no such file",
            todo=f"compute them, once for each config and dataset: just py scripts/compute_norm_stats.py --config-name {config.name}",
        )
    _check_readable(path, f"compute them again: just py scripts/compute_norm_stats.py --config-name {config.name}")


def check_serving(args: Any, get_config: Any) -> None:
    """Checks what `scripts/serve_policy.py` needs: a free port, and a checkpoint with its norm stats.

    Args:
        args: Its `Args`.
        get_config: `openpi.training.config.get_config`.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server itself does
        try:
            probe.bind(("0.0.0.0", args.port))
        except (OSError, OverflowError) as e:
            raise NotReady(
                f"port {args.port} (--port)",
                expected="a free port, 1024 to 65535",
                found=str(e),
                todo="name another port, or end the server that holds it",
            ) from e
    folder = getattr(args.policy, "dir", None)
    if folder is None:
        return
    data = get_config(args.policy.config).data
    if not _is_local(folder):
        return
    checkpoint = pathlib.Path(folder)
    if not (checkpoint / "params").is_dir() and not (checkpoint / "model.safetensors").exists():
        steps = _steps(checkpoint)
        found = f"a run with the steps {', '.join(steps)}" if steps else "no params folder" * checkpoint.exists()
        raise NotReady(
            f"the checkpoint {checkpoint.resolve()} (--policy.dir)",
            expected="the folder of one step: checkpoints/<config>/<exp-name>/<step>",
            found=found or "nothing there",
            todo=f"name a step: {checkpoint / steps[-1]}" if steps else "check the path",
        )
    asset_id = data.assets.asset_id or data.repo_id
    if data.repo_id in _NO_DATASET or not isinstance(asset_id, str):
        return
    path = checkpoint / "assets" / asset_id / "norm_stats.json"
    if not path.exists():
        raise NotReady(
            f"the norm stats in the checkpoint {checkpoint}",
            expected=str(path),
            found="no such file",
            todo=f"copy assets/{args.policy.config}/{asset_id}/norm_stats.json there, as training does when it has them",
        )
    _check_readable(path, f"copy assets/{args.policy.config}/{asset_id}/norm_stats.json there again")
    _check_tokenizer()


def _check_tokenizer() -> None:
    """Lets openpi fetch the tokenizer, as the script would; norm stats and debug configs need it too."""
    import openpi.shared.download as download

    try:
        download.maybe_download(_TOKENIZER, gs={"token": "anon"})
    except Exception as e:
        raise NotReady(
            f"the tokenizer {_TOKENIZER}",
            expected="it in openpi's cache, or a network to fetch it once",
            found=_first_line(e),
            todo="connect this machine, or copy it from one that has it: ~/.cache/openpi (or $OPENPI_DATA_HOME)",
        ) from e


def _check_params(params: pathlib.Path) -> None:
    """Asks for the file by which orbax knows a checkpoint; a path may end one folder too early."""
    if (params / "_METADATA").is_file():
        return
    inside = (params / "params" / "_METADATA").is_file()
    raise NotReady(
        "the weights to start from (--weight-loader.params-path)",
        expected="the params folder of a checkpoint, with the file _METADATA in it",
        found=f"{'another folder' if params.is_dir() else 'nothing'} at {params.resolve()}",
        todo=f"name {params / 'params'}"
        if inside
        else "name one, such as checkpoints/<config>/<exp-name>/<step>/params",
    )


def _check_readable(path: pathlib.Path, todo: str) -> None:
    try:
        stats = json.loads(path.read_text())["norm_stats"]
    except (ValueError, KeyError, TypeError) as e:
        raise NotReady(str(path), expected="norm stats", found=f"{type(e).__name__}: {e}", todo=todo) from e
    if not {"state", "actions"} <= set(stats):
        found = ", ".join(stats) or "none"
        raise NotReady(str(path), expected="norm stats of state and actions", found=found, todo=todo)


def _rlds(config: Any) -> bool:
    return getattr(config.data, "rlds_data_dir", None) is not None


def _is_local(path: str) -> bool:
    return "://" not in path


def _steps(run: pathlib.Path) -> list[str]:
    """The steps that a run has saved, in order."""
    if not run.is_dir():
        return []
    return sorted((path.name for path in run.iterdir() if path.name.isdigit()), key=int)


def _lerobot_home() -> pathlib.Path:
    import sys

    from openpi.training import lerobot_dataset

    # Both layouts of LeRobot have it in the module of the dataset classes.
    return pathlib.Path(sys.modules[lerobot_dataset.LeRobotDatasetMetadata.__module__].HF_LEROBOT_HOME)


def _ask_the_hub(repo_id: str, root: pathlib.Path) -> None:
    """Lets LeRobot fetch the dataset's metadata, as the script would; its error becomes the message."""
    from openpi.training import lerobot_dataset

    before = [path for path in (root.parent, root, root / "meta") if not path.exists()]
    try:
        lerobot_dataset.LeRobotDatasetMetadata(repo_id)
    except Exception as e:
        for path in reversed(before):  # LeRobot makes the folders before it asks
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        raise NotReady(
            f"the dataset {repo_id}",
            expected=f"a folder {root}, or a dataset of that name on the hub",
            found=f"neither ({_first_line(e)})",
            todo="move or link your dataset to that folder, or upload it; or mend REPO_ID in the robot's config, "
            "HF_LEROBOT_HOME, HF_HUB_OFFLINE or your login",
        ) from e


def _first_line(error: Exception) -> str:
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return textwrap.shorten(f"{type(error).__name__}: {reason}", 200, placeholder=" ...")
