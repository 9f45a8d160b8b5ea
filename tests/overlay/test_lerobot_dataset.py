"""LeRobot is found in either place, and an error inside LeRobot is not taken for its absence."""

import importlib
import sys

import pytest

CLASSES = "class LeRobotDataset: where = __name__\nclass LeRobotDatasetMetadata: where = __name__\n"
OLD = "lerobot/common/datasets/lerobot_dataset.py"
NEW = "lerobot/datasets/lerobot_dataset.py"


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Imports the module with a LeRobot that has the given files: path, and text."""

    def load(files: dict[str, str]):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        importlib.invalidate_caches()
        return importlib.import_module("openpi.training.lerobot_dataset")

    def forget() -> dict:
        names = [m for m in sys.modules if m.partition(".")[0] == "lerobot" or m == "openpi.training.lerobot_dataset"]
        return {m: sys.modules.pop(m) for m in names}

    before = forget()
    # `from openpi.training import lerobot_dataset` reads the package, not sys.modules: what a test loads must leave both.
    training = importlib.import_module("openpi.training")
    there = vars(training).pop("lerobot_dataset", None)
    monkeypatch.syspath_prepend(tmp_path)
    # Without this, a LeRobot that is installed would be found behind the one that a test writes.
    (tmp_path / "lerobot").mkdir()
    (tmp_path / "lerobot" / "__init__.py").touch()
    yield load
    forget()
    sys.modules.update(before)
    vars(training).pop("lerobot_dataset", None)
    if there is not None:
        training.lerobot_dataset = there


@pytest.mark.parametrize("path", [OLD, NEW])
def test_either_layout(load, path):
    module = load({path: CLASSES})
    assert module.LeRobotDataset.where == path.removesuffix(".py").replace("/", ".")
    assert module.LeRobotDatasetMetadata.where == module.LeRobotDataset.where


def test_the_old_place_comes_first(load):
    assert load({OLD: CLASSES, NEW: CLASSES}).LeRobotDataset.where == "lerobot.common.datasets.lerobot_dataset"


def test_a_rest_of_the_old_place_does_not_hide_the_new_one(load):
    module = load({"lerobot/common/__init__.py": "", NEW: CLASSES})
    assert module.LeRobotDataset.where == "lerobot.datasets.lerobot_dataset"


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        (OLD, "av_that_is_missing"),
        (NEW, "av_that_is_missing"),
        (OLD, "lerobot.common.robots"),
        (OLD, "lerobot.common.datasets.video"),
        (NEW, "lerobot.datasets.video"),
    ],
)
def test_what_lerobot_itself_lacks_surfaces(load, path, missing):
    with pytest.raises(ModuleNotFoundError) as error:
        load({NEW: CLASSES} | {path: f"import {missing}\n"})
    assert error.value.name == missing


def test_another_error_inside_lerobot_surfaces(load):
    with pytest.raises(RuntimeError, match="broken"):
        load({OLD: "raise RuntimeError('broken')\n", NEW: CLASSES})


def test_neither_layout_is_a_clear_error(load):
    with pytest.raises(ImportError, match=r"expected lerobot\.common\..* found neither .*Install"):
        load({})


def test_no_lerobot_at_all_is_a_clear_error(load, monkeypatch):
    monkeypatch.setitem(sys.modules, "lerobot", None)
    with pytest.raises(ImportError, match="found neither"):
        load({})
