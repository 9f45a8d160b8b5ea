"""The walk over the robots' configs: it finds every file, and refuses what it cannot place."""

import sys
import types

import pytest

from openpi.training import overlay_configs

CONFIGS = "import types\ndef get_configs():\n    return [types.SimpleNamespace(name=n) for n in {names}]\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that the walk sees in place of the real one."""
    monkeypatch.setattr(overlay_configs, "__path__", [str(tmp_path)])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_the_robots_here():
    names = [config.name for config in overlay_configs.get_overlay_configs()]
    for robot in ("joyarm", "so101"):
        mine = [name for name in names if robot in name]
        assert mine == [f"pi05_{robot}_lora", f"pi05_{robot}_lora_pad32", f"debug_pi05_{robot}"]
    assert names.index("pi05_joyarm_lora") < names.index("pi05_so101_lora")


def test_every_file_is_found_in_the_order_of_the_names(folder):
    (folder / "second_config.py").write_text(CONFIGS.format(names=["s2", "s1"]))
    (folder / "first_config.py").write_text(CONFIGS.format(names=["f"]))
    (folder / "notes.txt").write_text("not Python")
    assert [config.name for config in overlay_configs.get_overlay_configs()] == ["f", "s2", "s1"]


def test_no_robots(folder):
    assert overlay_configs.get_overlay_configs() == []


def test_one_name_twice_names_both_files(folder):
    (folder / "a_config.py").write_text(CONFIGS.format(names=["pi05_arm"]))
    (folder / "b_config.py").write_text(CONFIGS.format(names=["pi05_arm"]))
    with pytest.raises(ValueError, match=r"'pi05_arm'.*\.a_config and .*\.b_config"):
        overlay_configs.get_overlay_configs()


def test_a_file_of_another_name_is_refused(folder):
    (folder / "arm.py").write_text(CONFIGS.format(names=["pi05_arm"]))
    with pytest.raises(ValueError, match=r"arm: expected a file named <robot>_config\.py"):
        overlay_configs.get_overlay_configs()


@pytest.mark.parametrize("text", ["", "get_configs = []\n"])
def test_a_file_without_the_function_is_refused(folder, text):
    (folder / "arm_config.py").write_text(text)
    with pytest.raises(ValueError, match=r"arm_config: expected a function get_configs\(\), found none"):
        overlay_configs.get_overlay_configs()


def test_the_package_imports_nothing_of_openpi():
    # Upstream's config.py imports it first and is not finished then.
    imported = [value.__name__ for value in vars(overlay_configs).values() if isinstance(value, types.ModuleType)]
    assert not [name for name in imported if name.startswith("openpi") and not name.endswith("_config")]
