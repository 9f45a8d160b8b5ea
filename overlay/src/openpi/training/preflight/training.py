"""What `scripts/train.py` needs before it starts."""

import os
import pathlib
from typing import Any

import jax

from openpi.training.preflight.assets import check_norm_stats
from openpi.training.preflight.assets import check_tokenizer
from openpi.training.preflight.checkpoint import check_params
from openpi.training.preflight.checkpoint import check_run_to_resume
from openpi.training.preflight.checkpoint import saved_steps
from openpi.training.preflight.dataset import check_dataset
from openpi.training.preflight.dataset import has_dataset
from openpi.training.preflight.first_frame import check_first_frame
from openpi.training.preflight.not_ready import NotReady
from openpi.training.preflight.not_ready import WrongUsage
from openpi.training.preflight.places import check_writable
from openpi.training.preflight.places import is_local


def check_training(config: Any) -> None:
    """Checks what `scripts/train.py` needs: dataset, norm stats, weights to start from, and a place for checkpoints.

    Args:
        config: The `TrainConfig` with everything that the command line says.
    """
    _check_options(config)
    if has_dataset(config):
        check_dataset(config)
        check_tokenizer()
        check_norm_stats(config)
    params = getattr(config.weight_loader, "params_path", None)
    if params is not None and is_local(params):
        check_params(pathlib.Path(params), "the weights to start from (--weight-loader.params-path)")
    _check_run(config)
    _check_devices(config)
    if has_dataset(config):
        check_first_frame(config, normalize=True)


def _check_options(config: Any) -> None:
    """Checks the numbers that no run can have; one of 0 steps would be divided by, after the first step is compiled."""
    if not config.exp_name:
        raise WrongUsage(
            "--exp-name",
            expected="a name for the run",
            found="an empty one",
            todo="name one; the checkpoints will be in a folder of that name",
        )
    named = pathlib.Path(config.exp_name).parts
    if not named or ".." in named:  # it would be the folder of all runs or further up, and --overwrite removes it
        raise WrongUsage(
            "--exp-name",
            expected="a name for the run, without ..",
            found=config.exp_name,
            todo="name one; another place for all runs is --checkpoint-base-dir",
        )
    for name, least in (("batch_size", 1), ("num_workers", 0), ("fsdp_devices", 1)):
        if name == "num_workers" and not has_dataset(config):
            continue  # RLDS has no workers to start
        if getattr(config, name) < least:
            _refuse_number(name, f"{least} or more", getattr(config, name))
    for name in ("save_interval", "log_interval"):
        if getattr(config, name) == 0:
            _refuse_number(name, "a number of steps", 0)


def _refuse_number(name: str, expected: str, found: int) -> None:
    raise WrongUsage(f"--{name.replace('_', '-')}", expected=expected, found=str(found), todo="name another number")


def _check_run(config: Any) -> None:
    """Checks that the run's folder is new, to be resumed or to be overwritten, and can be written."""
    run = config.checkpoint_dir
    anew = config.overwrite and os.path.exists(run)  # then it is removed first, whatever it is
    check_writable(
        run.parent if anew else run, "make it writable, or name another place: --checkpoint-base-dir, --exp-name"
    )
    if anew or not run.exists():
        return
    if config.resume:
        check_run_to_resume(run, wandb=config.wandb_enabled)
    else:
        raise NotReady(
            str(run),
            expected="no run of this name yet",
            found=f"checkpoints of the steps {', '.join(saved_steps(run)) or '(none)'}",
            todo="go on with it: --resume; begin anew: --overwrite; or give another --exp-name",
        )


def _check_devices(config: Any) -> None:
    """Checks that JAX can share out a batch, and with FSDP the model, among the devices that it sees."""
    devices = jax.device_count()
    if config.batch_size % devices:
        raise NotReady(
            "--batch-size",
            expected=f"a multiple of {devices}, the devices that JAX sees",
            found=str(config.batch_size),
            todo=f"--batch-size {-(-config.batch_size // devices) * devices}, or show JAX fewer devices: CUDA_VISIBLE_DEVICES",
        )
    if devices % config.fsdp_devices:
        raise NotReady(
            "--fsdp-devices",
            expected=f"a divisor of {devices}, the devices that JAX sees",
            found=str(config.fsdp_devices),
            todo=f"--fsdp-devices {devices}, or 1 to do without",
        )
