"""What is said of a dataset that is not there, or holds too little."""

import json
import sys
import types

import pytest

from openpi.training.preflight import dataset
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


def write_episodes(home, *contents: bytes | None) -> None:
    """Says in info.json that there are as many episodes as contents, and writes those that are not None."""
    info = json.loads((home / ARM / "meta" / "info.json").read_text())
    info |= {"total_episodes": len(contents), "chunks_size": 2}
    info["data_path"] = "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"
    (home / ARM / "meta" / "info.json").write_text(json.dumps(info))
    for index, content in enumerate(contents):
        path = home / ARM / info["data_path"].format(episode_chunk=index // 2, episode_index=index)
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content)


@pytest.mark.parametrize("content", [b"", b"PAR", b"PAR1 and a half", b"version https://git-lfs.github.com/spec/v1"])
def test_an_episode_that_was_cut_off(ready, home, content):
    write_episodes(home, b"PAR1PAR1", b"PAR1PAR1", content)
    message = refused(training.check_training, config(ready))
    assert f"{home / ARM / 'data/chunk-001/episode_000002.parquet'} to end as a parquet file does" in message


def test_episodes_that_are_on_the_hub_or_nowhere(ready, home, monkeypatch):
    def offline(repo_id, version):
        raise ConnectionError(f"no {repo_id} of {version}")

    lerobot = types.SimpleNamespace(get_safe_version=offline, CODEBASE_VERSION="v2.1")
    monkeypatch.setattr(dataset, "_lerobot_module", lambda: lerobot)
    write_episodes(home, b"PAR1PAR1", b"PAR1PAR1")
    training.check_training(config(ready))
    write_episodes(home, b"PAR1PAR1", b"PAR1PAR1", None, None)
    message = refused(training.check_training, config(ready))
    assert (
        "no data/chunk-001/episode_000002.parquet and 1 more (ConnectionError: no your_username/so101 of v2.1)"
        in message
    )
    lerobot.get_safe_version = lambda repo_id, version: version
    training.check_training(config(ready))


@pytest.mark.parametrize("change", [{"data_path": "{chunk_index}"}, {"data_path": None}, {"chunks_size": 0}])
def test_an_info_that_names_no_files_is_left_to_the_opening(ready, home, change):
    write_episodes(home, b"PAR1PAR1")
    path = home / ARM / "meta" / "info.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    training.check_training(config(ready))
