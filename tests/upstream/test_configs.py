"""Patch overlay-configs: upstream finds every robot's configs, and they make what they say."""

import json
import pathlib

import flax.nnx as nnx
import jax
import pytest

import openpi.training.config as _config
from tests.upstream.conftest import PRISTINE
from tests.upstream.conftest import WORK
from tests.upstream.snippets import run_snippet

ROBOTS = sorted(path.parent.name for path in pathlib.Path(__file__).parents[2].glob("robots/*/robot.toml"))
NAMES = [f"{head}{robot}{tail}" for robot in ROBOTS for head, tail in (("pi05_", "_lora"), ("pi05_", "_lora_pad32"), ("debug_pi05_", ""))]  # fmt: skip


def test_upstream_has_its_own_configs_and_ours_and_each_once():
    code = "import json, openpi.training.config as c; print(json.dumps([x.name for x in c._CONFIGS]))"
    done = run_snippet(PRISTINE, code)
    assert done.returncode == 0, done.stderr
    theirs = json.loads(done.stdout.splitlines()[-1])
    here = [config.name for config in _config._CONFIGS]  # noqa: SLF001
    assert here[: len(theirs)] == theirs
    assert len(here) == len(set(here))
    assert set(NAMES) <= set(here[len(theirs) :])


@pytest.mark.parametrize("name", NAMES)
def test_a_robots_config_makes_its_model_and_its_transforms(name):
    config = _config.get_config(name)
    assert config.name == name
    robot = next(robot for robot in ROBOTS if robot in name)
    actions = len(config.policy_metadata["action_names"])
    # Shapes only: nothing of the model is allocated.
    model = nnx.eval_shape(config.model.create, jax.random.key(0))
    assert model.action_out_proj.kernel.value.shape[1] == (32 if name.endswith("pad32") else actions)
    # Everything that training would build of it but the dataset.
    data = config.data.create(WORK / "assets", config.model)
    assert data.repo_id.endswith(robot)
    assert data.use_quantile_norm
    assert [type(t).__name__ for t in data.model_transforms.inputs][-1] == "PadStatesAndActions"


def test_the_lora_configs_train_lora_weights_and_freeze_the_language_model():
    config = _config.get_config("pi05_so101_lora")
    model = nnx.eval_shape(config.model.create, jax.random.key(0))
    trainable = ["/".join(map(str, path)) for path in nnx.state(model).filter(config.trainable_filter).flat_state()]
    frozen = ["/".join(map(str, path)) for path in nnx.state(model).filter(config.freeze_filter).flat_state()]
    assert any("lora" in path for path in trainable)
    assert not any("lora" in path for path in frozen)
    assert all("lora" in path for path in trainable if "/llm/" in path)
    assert {"action_in_proj/kernel", "action_out_proj/kernel"} <= set(trainable)
