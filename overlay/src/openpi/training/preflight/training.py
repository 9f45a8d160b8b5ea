"""What `scripts/train.py` needs before it starts."""

import pathlib
from typing import Any

from openpi.training.preflight.assets import check_norm_stats
from openpi.training.preflight.assets import check_tokenizer
from openpi.training.preflight.assets import is_local
from openpi.training.preflight.checkpoint import check_params
from openpi.training.preflight.checkpoint import saved_steps
from openpi.training.preflight.dataset import check_dataset
from openpi.training.preflight.dataset import has_dataset
from openpi.training.preflight.not_ready import NotReady


def check_training(config: Any) -> None:
    """Checks what `scripts/train.py` needs: dataset, norm stats, weights to start from, and a place for checkpoints.

    Args:
        config: The `TrainConfig` with everything that the command line says.
    """
    if has_dataset(config):
        check_dataset(config)
        check_tokenizer()
        check_norm_stats(config)
    params = getattr(config.weight_loader, "params_path", None)
    if params is not None and is_local(params):
        check_params(pathlib.Path(params))
    there = config.checkpoint_dir
    if there.exists() and not config.overwrite and not config.resume:
        raise NotReady(
            str(there),
            expected="no run of this name yet",
            found=f"checkpoints of the steps {', '.join(saved_steps(there)) or '(none)'}",
            todo="go on with it: --resume; begin anew: --overwrite; or give another --exp-name",
        )
