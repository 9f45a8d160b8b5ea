"""What training is refused before it starts, and that what is there passes."""

import types

import pytest

from openpi.training.preflight import not_ready
from openpi.training.preflight import training
from tests.overlay.preflight.ready import config
from tests.overlay.preflight.ready import refused


def test_what_is_there_passes(ready):
    params = ready / "params"
    params.mkdir()
    (params / "_METADATA").touch()
    training.check_training(config(ready, weight_loader=types.SimpleNamespace(params_path=str(params))))
    training.check_training(config(ready, batch_size=120))


def test_weights_to_start_from(ready):
    weights = types.SimpleNamespace(params_path=str(ready / "no/params"))
    assert f"nothing at {ready / 'no/params'}" in refused(training.check_training, config(ready, weight_loader=weights))
    # One folder too early: what would have been right is named.
    (ready / "999" / "params").mkdir(parents=True)
    (ready / "999" / "params" / "_METADATA").touch()
    weights.params_path = str(ready / "999")
    message = refused(training.check_training, config(ready, weight_loader=weights))
    assert f"another folder at {ready / '999'}" in message
    assert f"name {ready / '999' / 'params'}" in message
    weights.params_path = ""
    assert "_METADATA" in refused(training.check_training, config(ready, weight_loader=weights))
    weights.params_path = "gs://openpi-assets/checkpoints/pi05_base/params"
    training.check_training(config(ready, weight_loader=weights))


def test_a_run_of_that_name(ready):
    run = ready / "checkpoints" / "pi05_so101_lora" / "run1"
    (run / "500").mkdir(parents=True)
    (run / "1000").mkdir()
    message = refused(training.check_training, config(ready))
    assert "checkpoints of the steps 500, 1000" in message
    assert "--resume" in message
    training.check_training(config(ready, overwrite=True))


def test_a_run_that_cannot_go_on(ready):
    run = ready / "checkpoints" / "pi05_so101_lora" / "run1"
    training.check_training(config(ready, resume=True))  # there is none yet: it is begun
    for item in ("500/params", "500/train_state", "1000/params"):
        (run / item).mkdir(parents=True)
    message = refused(training.check_training, config(ready, resume=True))
    assert "the folder train_state in its last step, 1000\n" in message
    (run / "1000" / "train_state").mkdir()
    message = refused(training.check_training, config(ready, resume=True))
    assert "wandb_id.txt" in message
    assert "--no-wandb-enabled" in message
    training.check_training(config(ready, resume=True, wandb_enabled=False))
    (run / "wandb_id.txt").touch()
    training.check_training(config(ready, resume=True))


def test_a_run_that_did_not_come_to_its_first_checkpoint_is_begun_anew(ready):
    (ready / "checkpoints" / "pi05_so101_lora" / "run1" / "0").mkdir(parents=True)
    training.check_training(config(ready, resume=True))


@pytest.mark.parametrize("changes", [{}, {"resume": True}, {"overwrite": True}])
def test_a_place_that_cannot_be_written(ready, monkeypatch, changes):
    place = ready / "checkpoints"
    place.touch()
    assert f"a file at {place}" in refused(training.check_training, config(ready, **changes))
    place.unlink()
    place.mkdir()
    monkeypatch.setattr("os.access", lambda path, mode: path != place)  # root may write everywhere
    message = refused(training.check_training, config(ready, **changes))
    assert f"{place}, where this user may not write" in message
    assert "--checkpoint-base-dir" in message


def test_a_file_in_the_place_of_a_run(ready):
    run = ready / "checkpoints" / "pi05_so101_lora" / "run1"
    run.parent.mkdir(parents=True)
    run.touch()
    assert f"a file at {run}" in refused(training.check_training, config(ready))
    assert f"a file at {run}" in refused(training.check_training, config(ready, resume=True))
    training.check_training(config(ready, overwrite=True))  # it is removed like a run


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("exp_name", ""),
        ("exp_name", "."),
        ("exp_name", ".."),
        ("exp_name", "../pi05_joyarm_lora"),
        ("batch_size", 0),
        ("batch_size", -32),
        ("num_workers", -1),
        ("fsdp_devices", 0),
        ("save_interval", 0),
        ("log_interval", 0),
    ],
)
def test_an_option_that_no_run_can_have(ready, option, value):
    with pytest.raises(not_ready.WrongUsage) as error:
        training.check_training(config(ready, **{option: value}))
    assert str(error.value).startswith(f"refused: --{option.replace('_', '-')}\n")
    assert f"found:    {value or 'an empty one' if option == 'exp_name' else value}\n" in str(error.value)


def test_devices_among_which_a_batch_cannot_be_shared_out(ready, monkeypatch):
    monkeypatch.setattr("jax.device_count", lambda: 4, raising=False)
    message = refused(training.check_training, config(ready, batch_size=30))
    assert "a multiple of 4" in message
    assert "--batch-size 32" in message
    assert "a divisor of 4" in refused(training.check_training, config(ready, fsdp_devices=3))
    for devices in (1, 2, 4):
        training.check_training(config(ready, fsdp_devices=devices))
