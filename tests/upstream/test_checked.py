"""scripts/checked.py: on bad input upstream's scripts end with one message before they start."""

import json
import logging
import pathlib
import runpy
import shutil
import socket
import sys

import pytest
import tyro

import openpi.training.config as _config
from tests.upstream.conftest import PATCHED
from tests.upstream.conftest import WORK


@pytest.fixture
def run_checked(monkeypatch, tmp_path, capsys):
    """Runs a script through checked.py in this process and returns the message that it ended with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging, "basicConfig", lambda **options: None)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def run(script: str, *args: str, code: int = 1) -> str:
        scripts = PATCHED / "scripts"
        with monkeypatch.context() as put_back:
            for module, name in ((_config, "cli"), (_config, "get_config"), (tyro, "cli")):
                put_back.setattr(module, name, getattr(module, name))
            put_back.setattr(sys, "argv", [str(scripts / "checked.py"), str(scripts / script), *args])
            with pytest.raises(SystemExit) as end:
                runpy.run_path(str(scripts / "checked.py"), run_name="__main__")
        said = capsys.readouterr().err
        assert said.rpartition("\nrefused: ")[2].count("\n") == 4, said
        assert end.value.code == code
        assert list(tmp_path.iterdir()) == []  # nothing was begun
        return "refused: " + said.rpartition("refused: ")[2]

    return run


def test_no_dataset(run_checked):
    for script, args in (
        ("train.py", ["pi05_so101_lora", "--exp-name=x", "--data.repo-id=tests/absent"]),
        ("compute_norm_stats.py", ["--config-name", "pi05_joyarm_lora"]),
    ):
        said = run_checked(script, *args)
        assert "or a dataset of that name on the hub" in said
        assert "Offline" in said or "offline" in said


def test_an_empty_dataset_and_one_smaller_than_a_batch(run_checked, dataset_with_metadata):
    said = run_checked("train.py", "debug_pi05_so101", f"--data.repo-id={dataset_with_metadata}", "--batch-size=100")
    assert "found:    72 frames" in said
    empty = WORK / "datasets" / "tests/empty" / "meta"
    empty.mkdir(parents=True, exist_ok=True)
    (empty / "info.json").write_text(json.dumps({"total_frames": 0}))
    assert "found:    none" in run_checked("train.py", "debug_pi05_so101", "--data.repo-id=tests/empty")


def test_fewer_frames_than_norm_stats_can_be_computed_from(run_checked):
    for frames, code in (("1", 1), ("0", 2), ("-5", 2)):
        said = run_checked("compute_norm_stats.py", "--config-name=debug_pi05_so101", "--max-frames", frames, code=code)
        assert said.startswith("refused: --max-frames\n")
        assert "at least one batch, which is 2 frames in debug_pi05_so101" in said


def test_no_norm_stats(run_checked, dataset_with_metadata, tmp_path):
    said = run_checked("train.py", "debug_pi05_so101", f"--data.repo-id={dataset_with_metadata}")
    assert f"expected: {tmp_path / 'assets/debug_pi05_so101' / dataset_with_metadata / 'norm_stats.json'}" in said


@pytest.fixture
def assets(tmp_path_factory, dataset_with_metadata) -> pathlib.Path:
    """A folder of assets with the norm stats of the dataset."""
    ones = {key: [1.0] * 6 for key in ("mean", "std", "q01", "q99")}
    folder = tmp_path_factory.mktemp("assets")
    (folder / dataset_with_metadata).mkdir(parents=True)
    (folder / dataset_with_metadata / "norm_stats.json").write_text(
        json.dumps({"norm_stats": {"state": ones, "actions": ones}})
    )
    return folder


def test_no_weights_to_start_from(run_checked, dataset_with_metadata, assets):
    data = [f"--data.repo-id={dataset_with_metadata}", f"--data.assets.assets-dir={assets}"]
    said = run_checked("train.py", "pi05_so101_lora", "--exp-name=x", *data, "--weight-loader.params-path=no/params")
    assert f"found:    nothing at {pathlib.Path.cwd() / 'no/params'}" in said


def test_a_dataset_of_another_robot(run_checked, dataset_with_metadata, assets):
    data = [f"--data.repo-id={dataset_with_metadata}", f"--data.assets.asset-id={dataset_with_metadata}"]
    data += [f"--data.assets.assets-dir={assets}", "--weight-loader.params-path=gs://somewhere/params"]
    said = run_checked("train.py", "pi0_aloha_sim", "--exp-name=x", *data)
    assert said.startswith(f"refused: the first frame of the dataset {dataset_with_metadata}\n")
    assert "expected: one that RepackTransform of pi0_aloha_sim takes\n" in said
    assert "found:    KeyError: 'observation.images.top' (it has action, episode_index, " in said


def test_norm_stats_of_another_dataset(run_checked, dataset_with_metadata, assets):
    path = assets / dataset_with_metadata / "norm_stats.json"
    path.write_text(path.read_text().replace("[1.0, 1.0, ", "["))
    data = [f"--data.repo-id={dataset_with_metadata}", f"--data.assets.assets-dir={assets}"]
    said = run_checked("train.py", "debug_pi05_so101", *data)
    assert said.startswith("refused: the norm stats of debug_pi05_so101\n")
    assert "(6,) (4,)" in said
    path.write_text(path.read_text()[:100])
    assert "found:    JSONDecodeError" in run_checked("train.py", "debug_pi05_so101", *data)


def test_a_dataset_that_does_not_open(run_checked, dataset_with_metadata, assets):
    copy = WORK / "datasets" / "tests/broken"
    shutil.copytree(WORK / "datasets" / dataset_with_metadata, copy, dirs_exist_ok=True)
    data = ["--data.repo-id=tests/broken", f"--data.assets.asset-id={dataset_with_metadata}"]
    data.append(f"--data.assets.assets-dir={assets}")
    (copy / "meta" / "episodes.jsonl").write_text("{")
    said = run_checked("train.py", "debug_pi05_so101", *data)
    assert "expected: one that LeRobot opens" in said
    assert f"just check-dataset {copy}" in said
    next(copy.glob("data/*/episode_000001.parquet")).unlink()
    said = run_checked("train.py", "debug_pi05_so101", *data)
    assert "found:    no data/chunk-000/episode_000001.parquet (OfflineModeIsEnabled: " in said


def test_resume_and_overwrite(run_checked):
    said = run_checked("train.py", "debug_pi05_so101", "--resume", code=2)
    assert "--resume --no-overwrite" in said


def test_no_config_of_that_name(run_checked):
    for script, args in (
        ("compute_norm_stats.py", ["--config-name", "pi05_s0101_lora"]),
        ("serve_policy.py", ["policy:checkpoint", "--policy.config=pi05_s0101_lora", "--policy.dir=."]),
    ):
        said = run_checked(script, *args)
        assert said.startswith("refused: the config pi05_s0101_lora\n")
        assert "Did you mean 'pi05_so101_lora'" in said


def test_no_checkpoint_and_a_port_in_use(run_checked):
    policy = ["policy:checkpoint", "--policy.config=pi05_so101_lora", "--policy.dir=no/such/step"]
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        assert "expected: a free port" in run_checked("serve_policy.py", f"--port={port}", *policy)
    assert "found:    nothing there" in run_checked("serve_policy.py", f"--port={port}", *policy)
