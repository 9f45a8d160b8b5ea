"""A folder in which a script can start, and downloads that need no network."""

import json
import pathlib
import sys
import types

import pytest

from openpi.training.preflight import assets
from openpi.training.preflight import dataset
from openpi.training.preflight import training
from tests.overlay.preflight.ready import ARM
from tests.overlay.preflight.ready import write_info
from tests.overlay.preflight.ready import write_norm_stats


@pytest.fixture
def home(tmp_path) -> pathlib.Path:
    """LeRobot's folder of datasets, with one of 120 frames."""
    write_info(tmp_path / "home", frames=120)
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def fetched(monkeypatch) -> list[str]:
    """openpi's download, which has everything, and its reader of norm stats; returns what was asked of the first."""
    asked = []
    download = types.ModuleType("openpi.shared.download")
    download.maybe_download = lambda url, **options: asked.append(url)
    shared = types.ModuleType("openpi.shared")
    shared.download = download
    normalize = types.ModuleType("openpi.shared.normalize")
    normalize.load = lambda folder: json.loads((folder / "norm_stats.json").read_text())["norm_stats"]
    shared.normalize = normalize
    for module in (shared, download, normalize):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr("openpi.shared", shared, raising=False)
    return asked


@pytest.fixture
def ready(tmp_path, home, monkeypatch):
    """A folder in which training can start."""
    monkeypatch.setattr(dataset, "lerobot_home", lambda: home)
    monkeypatch.setattr("jax.device_count", lambda: 1, raising=False)
    for script in (assets, training):  # its frames are read in tests/upstream/test_checked.py
        monkeypatch.setattr(script, "check_first_frame", lambda config, normalize: None)
    write_norm_stats(tmp_path / "assets" / "pi05_so101_lora" / ARM)
    return tmp_path
