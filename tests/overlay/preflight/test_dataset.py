"""What is said of a dataset that is not there, or holds too little."""

import sys
import types

import pytest

from openpi.training.preflight import training
from tests.overlay.preflight.ready import ARM
from tests.overlay.preflight.ready import config
from tests.overlay.preflight.ready import refused
from tests.overlay.preflight.ready import write_info


def test_an_empty_dataset(ready, home):
    write_info(home, frames=0)
    assert "found:    none" in refused(training.check_training, config(ready))


def test_a_dataset_smaller_than_a_batch(ready):
    message = refused(training.check_training, config(ready, batch_size=121))
    assert "at least one batch of 121 frames" in message
    assert "found:    120 frames" in message
    assert "--batch-size 120" in message


def test_no_dataset_here_nor_on_the_hub(ready, home, monkeypatch):
    def fetch(repo_id):
        (home / repo_id / "meta").mkdir(parents=True)  # as LeRobot does before it asks
        raise ConnectionError(f"no {repo_id}\nand more")

    lerobot = types.ModuleType("openpi.training.lerobot_dataset")
    lerobot.LeRobotDatasetMetadata = fetch
    monkeypatch.setitem(sys.modules, "openpi.training.lerobot_dataset", lerobot)
    monkeypatch.setattr("openpi.training.lerobot_dataset", lerobot, raising=False)
    message = refused(training.check_training, config(ready, repo_id="nobody/nothing"))
    assert f"a folder {home / 'nobody/nothing'}, or a dataset of that name on the hub" in message
    assert "(ConnectionError: no nobody/nothing)" in message
    assert not (home / "nobody").exists()


@pytest.mark.parametrize("repo_id", [None, "fake"])
def test_a_config_without_a_dataset_needs_none(ready, repo_id):
    training.check_training(config(ready, repo_id=repo_id, asset_id="absent"))


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"total_frames": null}'])
def test_a_dataset_that_does_not_say_how_large_it_is(ready, home, text):
    (home / ARM / "meta" / "info.json").write_text(text)
    message = refused(training.check_training, config(ready))
    assert "with total_frames" in message
    assert f"just check-dataset {home / ARM}" in message
