"""What a policy server is refused before it starts: a port that it cannot have, a folder that is no checkpoint."""

import pathlib
import socket
import types

import pytest

from openpi.training.preflight import serving
from tests.overlay.preflight.ready import ARM
from tests.overlay.preflight.ready import config
from tests.overlay.preflight.ready import refused
from tests.overlay.preflight.ready import write_norm_stats
from tests.overlay.preflight.ready import write_params


def served(checkpoint: pathlib.Path, port: int):
    return types.SimpleNamespace(port=port, policy=types.SimpleNamespace(config="pi05_so101_lora", dir=str(checkpoint)))


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_checkpoint_to_serve(tmp_path, port):
    get_config = {"pi05_so101_lora": config(tmp_path)}.__getitem__
    run = tmp_path / "checkpoints" / "run1"
    assert "nothing there" in refused(serving.check_serving, served(run, port), get_config)
    run.mkdir(parents=True)
    assert "no params folder" in refused(serving.check_serving, served(run, port), get_config)
    (run / "999" / "params").mkdir(parents=True)
    (run / "1000" / "params").mkdir(parents=True)
    message = refused(serving.check_serving, served(run, port), get_config)
    assert f"name a step: {run / '1000'}" in message
    message = refused(serving.check_serving, served(run / "1000", port), get_config)
    assert "with the file _METADATA in it" in message
    (run / "1000" / "params" / "_METADATA").touch()
    message = refused(serving.check_serving, served(run / "1000" / "params", port), get_config)
    assert f"name the folder that they are in: {run / '1000'}" in message
    message = refused(serving.check_serving, served(run / "1000" / "params" / "_METADATA", port), get_config)
    assert "found:    a file" in message
    serving.check_serving(served("gs://openpi-assets/checkpoints/pi05_base", port), get_config)


def test_the_norm_stats_of_a_checkpoint_to_serve(tmp_path, port):
    get_config = {"pi05_so101_lora": config(tmp_path)}.__getitem__
    step = tmp_path / "1000"
    write_params(step / "params")
    message = refused(serving.check_serving, served(step, port), get_config)
    assert "found:    no such file\n" in message
    assert f"copy assets/pi05_so101_lora/{ARM}/norm_stats.json there" in message
    write_norm_stats(step / "assets" / "my_name/other_arm")
    message = refused(serving.check_serving, served(step, port), get_config)
    assert "no such file, but those of my_name/other_arm" in message
    assert "name the config that the checkpoint was trained with" in message
    write_norm_stats(step / "assets" / ARM)
    serving.check_serving(served(step, port), get_config)


def test_weights_of_pytorch_are_a_file(tmp_path, port):
    write_norm_stats(tmp_path / "assets" / ARM)
    (tmp_path / "model.safetensors").touch()
    serving.check_serving(served(tmp_path, port), {"pi05_so101_lora": config(tmp_path)}.__getitem__)


def test_a_port_in_use(tmp_path):
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        args = types.SimpleNamespace(port=port, policy=types.SimpleNamespace())
        assert f"port {port} (--port)" in refused(serving.check_serving, args, None)
    serving.check_serving(args, None)
