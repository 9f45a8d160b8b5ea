"""What is said of norm stats and of the tokenizer."""

import sys

import pytest

from openpi.training.preflight import assets
from openpi.training.preflight import not_ready
from openpi.training.preflight import training
from tests.overlay.preflight.ready import ARM
from tests.overlay.preflight.ready import config
from tests.overlay.preflight.ready import refused
from tests.overlay.preflight.ready import write_norm_stats


@pytest.mark.parametrize(
    ("frames", "batch_size", "exit_code"),
    [(31, 32, 1), (1, 2, 1), (1, 1, 1), (0, 32, 2), (-64, 32, 2), (0, 1, 2)],
)
def test_fewer_frames_than_norm_stats_can_be_computed_from(tmp_path, frames, batch_size, exit_code):
    with pytest.raises(not_ready.NotReady) as error:
        assets.check_computing(config(tmp_path, repo_id="fake", batch_size=batch_size), frames)
    assert error.value.exit_code == exit_code
    assert f"expected: at least {'one batch, which is ' if batch_size > 1 else ''}{max(2, batch_size)} frames" in str(
        error.value
    )
    assert f"found:    {frames}\n" in str(error.value)


@pytest.mark.parametrize(("frames", "batch_size"), [(None, 32), (32, 32), (33, 32), (2, 1), (10**9, 32)])
def test_frames_enough_for_norm_stats(tmp_path, frames, batch_size):
    assets.check_computing(config(tmp_path, repo_id="fake", batch_size=batch_size), frames)


def test_norm_stats_are_looked_for_where_training_reads_them(ready, tmp_path):
    stats = ready / "assets" / "pi05_so101_lora" / ARM / "norm_stats.json"
    stats.rename(tmp_path / "elsewhere.json")
    message = refused(training.check_training, config(ready))
    assert str(stats) in message
    assert "compute_norm_stats.py --config-name pi05_so101_lora" in message
    # Another asset id, another folder, a bucket: each as upstream's DataConfigFactory reads them.
    write_norm_stats(ready / "assets" / "pi05_so101_lora" / "trossen")
    training.check_training(config(ready, asset_id="trossen"))
    write_norm_stats(tmp_path / "shared" / ARM)
    training.check_training(config(ready, assets_dir=str(tmp_path / "shared")))
    training.check_training(config(ready, assets_dir="gs://openpi-assets/checkpoints/pi05_base/assets"))


@pytest.mark.parametrize(
    ("text", "found"),
    [("", "JSONDecodeError"), ("{}", "KeyError"), ("[]", "TypeError"), ('{"norm_stats": {"state": {}}}', "state")],
)
def test_norm_stats_that_are_none(ready, text, found):
    path = ready / "assets" / "pi05_so101_lora" / ARM / "norm_stats.json"
    path.write_text(text)
    message = refused(training.check_training, config(ready))
    assert message.startswith(f"refused: {path}\n")
    assert f"found:    {found}" in message


def test_the_tokenizer_is_fetched_first_and_its_absence_is_said(ready, fetched, monkeypatch):
    training.check_training(config(ready))
    assert fetched == ["gs://big_vision/paligemma_tokenizer.model"]

    def fails(url, **options):
        raise ConnectionError("no network " + "and more " * 50)

    monkeypatch.setattr(sys.modules["openpi.shared.download"], "maybe_download", fails)
    message = refused(training.check_training, config(ready))
    assert "the tokenizer gs://big_vision" in message
    assert "ConnectionError: no network and more" in message
    assert max(map(len, message.splitlines())) < 230


def test_norm_stats_that_cannot_be_read_stop_their_own_computation(ready):
    path = ready / "assets" / "pi05_so101_lora" / ARM / "norm_stats.json"
    assets.check_computing(config(ready), None)  # what is there is replaced
    path.write_text('{"norm_stats": {"state": ')
    message = refused(assets.check_computing, config(ready), None)
    assert message.startswith(f"refused: {path}\n")
    assert f"rm {path}" in message
    path.write_text('{"norm_stats": {}}')
    assets.check_computing(config(ready), None)
    path.unlink()
    assets.check_computing(config(ready), None)


def test_norm_stats_that_are_read_elsewhere_than_written(ready, tmp_path):
    message = refused(training.check_training, config(ready, assets_dir=str(tmp_path / "shared")))
    assert f"; then copy {ready / 'assets' / 'pi05_so101_lora' / ARM / 'norm_stats.json'} there" in message
    assets.check_computing(config(ready, assets_dir=str(tmp_path / "shared")), None)


def test_norm_stats_to_write_over_need_no_new_place(ready, monkeypatch):
    folder = ready / "assets" / "pi05_so101_lora" / ARM
    monkeypatch.setattr("os.access", lambda path, mode: path != folder)
    assets.check_computing(config(ready), None)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert f"{folder}, where this user may not write" in refused(assets.check_computing, config(ready), None)


def test_no_place_for_norm_stats(tmp_path, ready):
    other = config(ready, repo_id=ARM)
    other.assets_dirs = tmp_path / "file" / "pi05_so101_lora"
    (tmp_path / "file").touch()
    assert f"a file at {tmp_path / 'file'}" in refused(assets.check_computing, other, None)
