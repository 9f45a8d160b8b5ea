"""What training is refused before it starts, and that what is there passes."""

import types

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
    (ready / "checkpoints" / "pi05_so101_lora" / "run1" / "500").mkdir(parents=True)
    (ready / "checkpoints" / "pi05_so101_lora" / "run1" / "1000").mkdir()
    message = refused(training.check_training, config(ready))
    assert "checkpoints of the steps 500, 1000" in message
    assert "--resume" in message
    training.check_training(config(ready, resume=True))
    training.check_training(config(ready, overwrite=True))
