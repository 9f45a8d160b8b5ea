"""What the checks look at, made small: a config, the files that a script reads, and the message that a check ends with."""

import json
import pathlib
import re
import types

import pytest

from openpi.training.preflight import not_ready

ARM = "your_username/so101"
_DEFAULTS = {
    "exp_name": "run1",
    "weight_loader": types.SimpleNamespace(),
    "overwrite": False,
    "resume": False,
    "wandb_enabled": True,
    "num_workers": 2,
    "fsdp_devices": 1,
    "save_interval": 1000,
    "log_interval": 100,
}


def write_info(home: pathlib.Path, *, frames: int) -> None:
    (home / ARM / "meta").mkdir(parents=True, exist_ok=True)
    (home / ARM / "meta" / "info.json").write_text(json.dumps({"total_frames": frames, "total_episodes": frames // 60}))


def write_norm_stats(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True)
    (folder / "norm_stats.json").write_text('{"norm_stats": {"state": {}, "actions": {}}}')


def config(folder: pathlib.Path, *, repo_id=ARM, batch_size=32, assets_dir=None, asset_id=None, **changes):
    """A record with the fields of a TrainConfig that are looked at."""
    return types.SimpleNamespace(
        name="pi05_so101_lora",
        batch_size=batch_size,
        data=types.SimpleNamespace(
            repo_id=repo_id, assets=types.SimpleNamespace(assets_dir=assets_dir, asset_id=asset_id)
        ),
        assets_dirs=folder / "assets" / "pi05_so101_lora",
        checkpoint_dir=folder / "checkpoints" / "pi05_so101_lora" / "run1",
        **_DEFAULTS | changes,
    )


def refused(function, *args) -> str:
    with pytest.raises(not_ready.NotReady) as error:
        function(*args)
    message = str(error.value)
    assert re.fullmatch(r"refused: .+\n  expected: .+\n  found:    .+\n  do:       .+", message), message
    return message


def write_params(folder: pathlib.Path) -> None:
    """Writes the file by which a folder of weights is known."""
    folder.mkdir(parents=True)
    (folder / "_METADATA").touch()
