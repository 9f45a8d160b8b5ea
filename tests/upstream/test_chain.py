"""The whole chain on a CPU: dataset, norm stats, training from 32 dimensions, resume, server, client.

Its dataset has lost the parquet's metadata, so all of it runs on what the patches are for. The demo runs the same stages
for longer.
"""

import json
import os
import re
import shutil
import sys

import numpy as np
import pytest

import openpi.training.config as _config
from tests.upstream.conftest import PATCHED
from tests.upstream.conftest import WORK
from tests.upstream.datasets_on_disk import copy_without_metadata
from tools.demo import stages
from tools.demo.chain import Chain
from tools.demo.server import free_port


@pytest.fixture(scope="module")
def chain() -> Chain:
    folder = WORK / "chain"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return Chain(PATCHED, sys.executable, folder, steps=(4, 6), batch=2, frames=40)


def test_from_a_dataset_to_actions(chain):
    stages.base(chain)
    stages.dataset(chain)
    written = chain.folder / "datasets" / stages.REPO_ID
    written.rename(written.with_name("written"))
    copy_without_metadata(written.with_name("written"), written)

    stages.norm_stats(chain)
    stats = json.loads((chain.folder / "assets" / chain.config / stages.REPO_ID / "norm_stats.json").read_text())
    assert [len(stats["norm_stats"][key]["q99"]) for key in ("state", "actions")] == [6, 6]

    said = stages.train(chain)
    assert "3 weights of 32 dimensions started afresh" in said
    assert (chain.run / "3" / "params").is_dir()
    assert (chain.run / "3" / "assets" / stages.REPO_ID / "norm_stats.json").is_file()

    said = stages.resume(chain)
    log = chain.log("resume").read_text()
    assert [int(step) for step in re.findall(r"\bStep (\d+):", log)] == [4]
    assert "Skipping weight" not in log  # the weights come from the run itself
    assert said.startswith("from step 4 to 6")
    assert (chain.last / "params").is_dir()

    stages.serve(chain)
    with np.load(chain.folder / "answers.npz") as answers:
        metadata = json.loads(str(answers["metadata"]))
        predicted, recorded = answers["predicted"], answers["recorded"]
    config = _config.get_config(chain.config)
    assert metadata["robot"] == "so101"
    assert metadata == config.policy_metadata
    assert predicted.shape == recorded.shape == (3, config.model.action_horizon, 6)
    assert np.isfinite(predicted).all()

    assert "of that of holding still" in stages.picture(chain)
    assert (chain.folder / "actions.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_of_it_is_left_running_or_outside_its_folder(chain):
    command = re.search(r"--port=(\d+)", chain.log("serve").read_text())
    import socket

    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(command[1]))) != 0
    assert free_port() > 0
    for name in ("assets", "checkpoints", "wandb"):
        assert not (PATCHED / name).exists()
    assert not os.path.exists(os.path.join(os.environ["HOME"], ".cache", "openpi"))
