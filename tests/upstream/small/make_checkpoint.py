"""Saves a checkpoint of random weights with upstream's own code: `make_checkpoint.py CONFIG FOLDER`.

The model is small, as in run_small.py, and has whatever sizes the config says. The folder is then like the released
ones: `FOLDER/0/params`. Nothing is trained: compiling a training step takes longer than all the rest.
"""

import dataclasses
import pathlib
import sys

import flax.nnx as nnx
import jax
import jax.numpy as jnp
import run_small

run_small.shrink()

import openpi.training.checkpoints as _checkpoints  # noqa: E402
import openpi.training.config as _config  # noqa: E402
import openpi.training.optimizer as _optimizer  # noqa: E402
import openpi.training.utils as training_utils  # noqa: E402


class NoData:
    """Stands for the data loader that upstream asks for norm stats to save."""

    def data_config(self) -> _config.DataConfig:
        return _config.DataConfig()


def make_checkpoint(config: _config.TrainConfig, folder: pathlib.Path) -> None:
    """Saves the weights that the seed of the config gives, as step 0 of a run in a folder."""
    model = jax.jit(lambda rng: nnx.state(config.model.create(rng)))(jax.random.key(config.seed))
    model = nnx.State.from_flat_path({path: open_gate(path, leaf) for path, leaf in model.flat_state().items()})
    graph = nnx.graphdef(nnx.eval_shape(config.model.create, jax.random.key(0)))
    optimizer = _optimizer.create_optimizer(config.optimizer, config.lr_schedule, weight_decay_mask=None)
    state = training_utils.TrainState(
        step=0,
        params=model,
        model_def=graph,
        tx=optimizer,
        opt_state=optimizer.init(model.filter(nnx.Param)),
        ema_decay=None,
        ema_params=None,
    )
    manager, _ = _checkpoints.initialize_checkpoint_dir(folder, keep_period=None, overwrite=True, resume=False)
    _checkpoints.save_state(manager, state, NoData(), 0)
    manager.wait_until_finished()


def open_gate(path: tuple, leaf: nnx.VariableState) -> nnx.VariableState:
    """Opens the gates of the action expert, which are shut in random weights: so the flow's time and the images reach it.

    In a trained checkpoint they are open. LoRA freezes them, and could learn nothing behind shut ones.
    """
    if "llm" not in path or "Dense_0" not in path:
        return leaf
    if path[-1] == "kernel":
        return leaf.replace(jax.random.normal(jax.random.key(0), leaf.value.shape) / leaf.value.shape[-2] ** 0.5)
    scale, shift, gate = jnp.split(leaf.value, 3, axis=-1)
    return leaf.replace(jnp.concatenate([scale, shift, jnp.ones_like(gate)], axis=-1))


if __name__ == "__main__":
    name, place = sys.argv[1:]
    make_checkpoint(dataclasses.replace(_config.get_config(name), ema_decay=None), pathlib.Path(place).absolute())
