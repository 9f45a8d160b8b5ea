"""Patch shape-skip: a 32-dimension checkpoint loads into a 6-dimension model, with every other weight bit for bit."""

import dataclasses
import logging
import pathlib
import re
import runpy
import types

import flax.nnx as nnx
import flax.traverse_util
import jax
import numpy as np
import pytest

import openpi.models.model as _model
import openpi.training.config as _config
import openpi.training.weight_loaders as weight_loaders
from tests.upstream.conftest import PATCHED
from tests.upstream.conftest import PRISTINE
from tests.upstream.conftest import WORK
from tests.upstream.snippets import OLD_LEROBOT
from tests.upstream.snippets import run_python
from tests.upstream.snippets import run_snippet
from tools.demo.chain import SMALL

# Upstream's config of each kind, and the weights next to its actions and state.
PROJECTIONS = {
    "debug_pi05": {"action_in_proj/kernel", "action_out_proj/kernel", "action_out_proj/bias"},
    "debug": {"action_in_proj/kernel", "action_out_proj/kernel", "action_out_proj/bias", "state_proj/kernel"},
}

LOAD = """
sys.path.insert(0, sys.argv[3])
import run_small; run_small.shrink()
import dataclasses, runpy, jax, flax.nnx as nnx, openpi.training.config as c, openpi.training.weight_loaders as w
config = c.get_config(sys.argv[1])
model = nnx.eval_shape(dataclasses.replace(config.model, action_dim=int(sys.argv[4])).create, jax.random.key(0))
load = runpy.run_path("scripts/train.py", run_name="train")["_load_weights_and_validate"]
load(w.CheckpointWeightLoader(sys.argv[2]), nnx.state(model).to_pure_dict())
print("loaded")
"""


@pytest.fixture(scope="module", params=list(PROJECTIONS))
def checkpoint(request):
    """(config name, params folder) of a checkpoint with 32 action dimensions, saved by upstream's own code."""
    folder = WORK / "checkpoints" / request.param
    done = run_python(PATCHED, str(SMALL / "make_checkpoint.py"), request.param, str(folder))
    assert done.returncode == 0, done.stderr
    return request.param, folder / "0" / "params"


def shapes(name: str, **changes) -> dict:
    """The placeholders that upstream's train script loads weights into."""
    config = dataclasses.replace(_config.get_config(name).model, **changes)
    return nnx.state(nnx.eval_shape(config.create, jax.random.key(0))).to_pure_dict()


def test_the_projections_are_skipped_and_every_other_weight_is_bit_equal(checkpoint, small_models, caplog):
    name, params = checkpoint
    load_and_validate = runpy.run_path(str(PATCHED / "scripts/train.py"), run_name="train")[
        "_load_weights_and_validate"
    ]
    with caplog.at_level(logging.INFO):
        loaded = load_and_validate(weight_loaders.CheckpointWeightLoader(str(params)), shapes(name, action_dim=6))
    loaded = flax.traverse_util.flatten_dict(loaded, sep="/")
    saved = flax.traverse_util.flatten_dict(_model.restore_params(params, restore_type=np.ndarray), sep="/")
    assert saved.keys() - loaded.keys() == PROJECTIONS[name]
    assert loaded.keys() <= saved.keys()
    assert len(loaded) > 20
    for path, value in loaded.items():
        assert value.dtype == saved[path].dtype
        assert value.tobytes() == saved[path].tobytes(), path
    said = "Skipping weight action_in_proj/kernel: shape mismatch (loaded (32, 64), expected (6, 64))"
    assert said in [record.getMessage() for record in caplog.records]
    assert sum("Skipping weight" in record.getMessage() for record in caplog.records) == len(PROJECTIONS[name])


def test_a_loader_that_casts_every_weight_keeps_the_placeholders(checkpoint, small_models, monkeypatch):
    name, params = checkpoint
    source = pathlib.Path(weight_loaders.__file__).read_text()
    asks = r"(v\.astype\(.*?\)) if v\.dtype .*"
    assert len(re.findall(asks, source)) == 1
    module = types.ModuleType("casts_all")
    exec(re.sub(asks, r"\1", source), vars(module))
    monkeypatch.setattr(weight_loaders, "_merge_params", module._merge_params)  # noqa: SLF001
    loaded = weight_loaders.CheckpointWeightLoader(str(params)).load(shapes(name, action_dim=6))
    loaded = flax.traverse_util.flatten_dict(loaded, sep="/")
    kept = {path: leaf for path, leaf in loaded.items() if isinstance(leaf, jax.ShapeDtypeStruct)}
    assert kept.keys() == PROJECTIONS[name]
    wanted = flax.traverse_util.flatten_dict(shapes(name, action_dim=6), sep="/")
    assert all((leaf.shape, leaf.dtype) == (wanted[path].shape, wanted[path].dtype) for path, leaf in kept.items())


def test_nothing_is_skipped_where_all_of_it_fits(checkpoint, small_models):
    name, params = checkpoint
    loaded = weight_loaders.CheckpointWeightLoader(str(params)).load(shapes(name))
    assert not any(isinstance(leaf, jax.ShapeDtypeStruct) for leaf in jax.tree.leaves(loaded))


def test_pristine_upstream_fails(checkpoint):
    name, params = checkpoint
    whole = run_snippet(PRISTINE, OLD_LEROBOT + LOAD, name, str(params), str(SMALL), "32")
    assert "loaded" in whole.stdout, whole.stderr  # so that the next one fails for the reason meant
    done = run_snippet(PRISTINE, OLD_LEROBOT + LOAD, name, str(params), str(SMALL), "6")
    assert done.returncode != 0
    assert "Shape mismatch at" in done.stderr
    assert "action_in_proj" in done.stderr or "action_out_proj" in done.stderr or "state_proj" in done.stderr


def test_a_wrong_variant_raises_the_whole_list(checkpoint):
    name, params = checkpoint
    # Not small here: the checkpoint's language model has width 64, the placeholders' 2048.
    wanted = shapes(name, action_dim=6, paligemma_variant="gemma_2b", action_expert_variant="gemma_300m")
    with pytest.raises(ValueError, match="do not fit the model") as error:
        weight_loaders.CheckpointWeightLoader(str(params)).load(wanted)
    message = str(error.value)
    flat = flax.traverse_util.flatten_dict(wanted, sep="/")
    saved = flax.traverse_util.flatten_dict(_model.restore_params(params, restore_type=np.ndarray), sep="/")
    differing = [path for path in saved.keys() & flat.keys() if saved[path].shape != flat[path].shape]
    listed = [line.strip().partition(":")[0] for line in message.splitlines() if ": loaded (" in line]
    # The kernels of the projections differ in more than the action dimension, so they are listed too.
    assert sorted(listed) == sorted(set(differing) - {"action_out_proj/bias"})
    assert len(listed) > 10
    assert "loaded (1024, 64), expected (257152, 2048)" in message
