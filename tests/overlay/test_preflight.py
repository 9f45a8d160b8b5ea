"""What a script is refused before it starts: each missing thing gets one message of four parts, and what is there passes."""

import json
import pathlib
import re
import socket
import sys
import types

import pytest

from openpi.training import preflight

ARM = "your_username/so101"


@pytest.fixture
def home(tmp_path) -> pathlib.Path:
    """LeRobot's folder of datasets, with one of 120 frames."""
    write_info(tmp_path / "home", frames=120)
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def fetched(monkeypatch) -> list[str]:
    """openpi's download, which has everything; returns what it was asked for."""
    asked = []
    download = types.ModuleType("openpi.shared.download")
    download.maybe_download = lambda url, **options: asked.append(url)
    shared = types.ModuleType("openpi.shared")
    shared.download = download
    for module in (shared, download):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("openpi.shared", shared, raising=False)
    return asked


def test_the_tokenizer_is_fetched_first_and_its_absence_is_said(ready, fetched, monkeypatch):
    preflight.check_training(config(ready))
    assert fetched == ["gs://big_vision/paligemma_tokenizer.model"]

    def fails(url, **options):
        raise ConnectionError("no network " + "and more " * 50)

    monkeypatch.setattr(sys.modules["openpi.shared.download"], "maybe_download", fails)
    message = refused(preflight.check_training, config(ready))
    assert "the tokenizer gs://big_vision" in message
    assert "ConnectionError: no network and more" in message
    assert max(map(len, message.splitlines())) < 230


def write_info(home: pathlib.Path, *, frames: int) -> None:
    (home / ARM / "meta").mkdir(parents=True, exist_ok=True)
    (home / ARM / "meta" / "info.json").write_text(json.dumps({"total_frames": frames, "total_episodes": frames // 60}))


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
        **{"weight_loader": types.SimpleNamespace(), "overwrite": False, "resume": False} | changes,
    )


def refused(function, *args) -> str:
    with pytest.raises(preflight.NotReady) as error:
        function(*args)
    message = str(error.value)
    assert re.fullmatch(r"refused: .+\n  expected: .+\n  found:    .+\n  do:       .+", message), message
    return message


def write_norm_stats(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True)
    (folder / "norm_stats.json").write_text('{"norm_stats": {"state": {}, "actions": {}}}')


@pytest.fixture
def ready(tmp_path, home, monkeypatch):
    """A folder in which training can start."""
    monkeypatch.setattr(preflight, "_lerobot_home", lambda: home)
    write_norm_stats(tmp_path / "assets" / "pi05_so101_lora" / ARM)
    return tmp_path


def test_what_is_there_passes(ready):
    params = ready / "params"
    params.mkdir()
    (params / "_METADATA").touch()
    preflight.check_training(config(ready, weight_loader=types.SimpleNamespace(params_path=str(params))))
    preflight.check_training(config(ready, batch_size=120))


def test_an_empty_dataset(ready, home):
    write_info(home, frames=0)
    assert "found:    none" in refused(preflight.check_training, config(ready))


def test_a_dataset_smaller_than_a_batch(ready):
    message = refused(preflight.check_training, config(ready, batch_size=121))
    assert "at least one batch of 121 frames" in message
    assert "found:    120 frames" in message
    assert "--batch-size 120" in message


@pytest.mark.parametrize(
    ("frames", "batch_size", "exit_code"),
    [(31, 32, 1), (1, 2, 1), (1, 1, 1), (0, 32, 2), (-64, 32, 2), (0, 1, 2)],
)
def test_fewer_frames_than_norm_stats_can_be_computed_from(tmp_path, frames, batch_size, exit_code):
    with pytest.raises(preflight.NotReady) as error:
        preflight.check_max_frames(config(tmp_path, batch_size=batch_size), frames)
    assert error.value.exit_code == exit_code
    assert f"expected: at least {'one batch, which is ' if batch_size > 1 else ''}{max(2, batch_size)} frames" in str(
        error.value
    )
    assert f"found:    {frames}\n" in str(error.value)


@pytest.mark.parametrize(("frames", "batch_size"), [(None, 32), (32, 32), (33, 32), (2, 1), (10**9, 32)])
def test_frames_enough_for_norm_stats(tmp_path, frames, batch_size):
    preflight.check_max_frames(config(tmp_path, batch_size=batch_size), frames)


def test_no_dataset_here_nor_on_the_hub(ready, home, monkeypatch):
    def fetch(repo_id):
        (home / repo_id / "meta").mkdir(parents=True)  # as LeRobot does before it asks
        raise ConnectionError(f"no {repo_id}\nand more")

    lerobot = types.ModuleType("openpi.training.lerobot_dataset")
    lerobot.LeRobotDatasetMetadata = fetch
    monkeypatch.setitem(sys.modules, "openpi.training.lerobot_dataset", lerobot)
    monkeypatch.setattr("openpi.training.lerobot_dataset", lerobot, raising=False)
    message = refused(preflight.check_training, config(ready, repo_id="nobody/nothing"))
    assert f"a folder {home / 'nobody/nothing'}, or a dataset of that name on the hub" in message
    assert "(ConnectionError: no nobody/nothing)" in message
    assert not (home / "nobody").exists()


@pytest.mark.parametrize("repo_id", [None, "fake"])
def test_a_config_without_a_dataset_needs_none(tmp_path, repo_id):
    preflight.check_training(config(tmp_path, repo_id=repo_id))


def test_norm_stats_are_looked_for_where_training_reads_them(ready, tmp_path):
    stats = ready / "assets" / "pi05_so101_lora" / ARM / "norm_stats.json"
    stats.rename(tmp_path / "elsewhere.json")
    message = refused(preflight.check_training, config(ready))
    assert str(stats) in message
    assert "compute_norm_stats.py --config-name pi05_so101_lora" in message
    # Another asset id, another folder, a bucket: each as upstream's DataConfigFactory reads them.
    write_norm_stats(ready / "assets" / "pi05_so101_lora" / "trossen")
    preflight.check_training(config(ready, asset_id="trossen"))
    write_norm_stats(tmp_path / "shared" / ARM)
    preflight.check_training(config(ready, assets_dir=str(tmp_path / "shared")))
    preflight.check_training(config(ready, assets_dir="gs://openpi-assets/checkpoints/pi05_base/assets"))


@pytest.mark.parametrize(
    ("text", "found"),
    [("", "JSONDecodeError"), ("{}", "KeyError"), ("[]", "TypeError"), ('{"norm_stats": {"state": {}}}', "state")],
)
def test_norm_stats_that_are_none(ready, text, found):
    path = ready / "assets" / "pi05_so101_lora" / ARM / "norm_stats.json"
    path.write_text(text)
    message = refused(preflight.check_training, config(ready))
    assert message.startswith(f"refused: {path}\n")
    assert f"found:    {found}" in message


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"total_frames": null}'])
def test_a_dataset_that_does_not_say_how_large_it_is(ready, home, text):
    (home / ARM / "meta" / "info.json").write_text(text)
    message = refused(preflight.check_training, config(ready))
    assert "with total_frames" in message
    assert f"just check-dataset {home / ARM}" in message


def test_weights_to_start_from(ready):
    weights = types.SimpleNamespace(params_path=str(ready / "no/params"))
    assert f"nothing at {ready / 'no/params'}" in refused(
        preflight.check_training, config(ready, weight_loader=weights)
    )
    # One folder too early: what would have been right is named.
    (ready / "999" / "params").mkdir(parents=True)
    (ready / "999" / "params" / "_METADATA").touch()
    weights.params_path = str(ready / "999")
    message = refused(preflight.check_training, config(ready, weight_loader=weights))
    assert f"another folder at {ready / '999'}" in message
    assert f"name {ready / '999' / 'params'}" in message
    weights.params_path = ""
    assert "_METADATA" in refused(preflight.check_training, config(ready, weight_loader=weights))
    weights.params_path = "gs://openpi-assets/checkpoints/pi05_base/params"
    preflight.check_training(config(ready, weight_loader=weights))


def test_a_run_of_that_name(ready):
    (ready / "checkpoints" / "pi05_so101_lora" / "run1" / "500").mkdir(parents=True)
    (ready / "checkpoints" / "pi05_so101_lora" / "run1" / "1000").mkdir()
    message = refused(preflight.check_training, config(ready))
    assert "checkpoints of the steps 500, 1000" in message
    assert "--resume" in message
    preflight.check_training(config(ready, resume=True))
    preflight.check_training(config(ready, overwrite=True))


def serving(checkpoint: pathlib.Path, port: int):
    return types.SimpleNamespace(port=port, policy=types.SimpleNamespace(config="pi05_so101_lora", dir=str(checkpoint)))


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_checkpoint_to_serve(tmp_path, port):
    get_config = {"pi05_so101_lora": config(tmp_path)}.__getitem__
    run = tmp_path / "checkpoints" / "run1"
    assert "nothing there" in refused(preflight.check_serving, serving(run, port), get_config)
    run.mkdir(parents=True)
    assert "no params folder" in refused(preflight.check_serving, serving(run, port), get_config)
    (run / "999" / "params").mkdir(parents=True)
    (run / "1000" / "params").mkdir(parents=True)
    message = refused(preflight.check_serving, serving(run, port), get_config)
    assert f"name a step: {run / '1000'}" in message
    message = refused(preflight.check_serving, serving(run / "1000", port), get_config)
    assert f"copy assets/pi05_so101_lora/{ARM}/norm_stats.json there" in message
    write_norm_stats(run / "1000" / "assets" / ARM)
    preflight.check_serving(serving(run / "1000", port), get_config)
    preflight.check_serving(serving("gs://openpi-assets/checkpoints/pi05_base", port), get_config)


def test_a_port_in_use(tmp_path):
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        args = types.SimpleNamespace(port=port, policy=types.SimpleNamespace())
        assert f"port {port} (--port)" in refused(preflight.check_serving, args, None)
    preflight.check_serving(args, None)
