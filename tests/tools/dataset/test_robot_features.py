"""A dataset's features follow from the robot's description."""

import pytest

from tests.tools.dataset.recording import ABOUT
from tests.tools.dataset.recording import SCENE
from tools.dataset.robot_features import read_robot_features
from tools.refusal import Refused


def test_features_of_a_robots_description(tmp_path):
    path = tmp_path / "robot.toml"
    text = """name = "tiny"\nrate_hz = 30.0\n[state]\nnames = ["base", "elbow", "gripper"]
    [action]\nnames = ["base", "elbow", "gripper"]\n[cameras.scene]\nwidth = 64\nheight = 48\n"""
    path.write_text(text)
    assert read_robot_features(path) == ABOUT
    assert isinstance(read_robot_features(path).fps, int)
    resized = read_robot_features(path).resized(10, 20).features
    assert resized[SCENE].shape == (10, 20, 3)
    assert list(resized) == list(ABOUT.features)
    for old, new, found in (
        ("rate_hz = 30.0", "", "no 'rate_hz'"),
        ("rate_hz = 30.0", "rate_hz = 0", "rate_hz = 0"),
        ("width = 64", 'width = "64"', "width"),
        ("[state]", "[stat]", "no 'state'"),
        ("name = ", "name ", "Expected"),
    ):
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(Refused) as error:
            read_robot_features(path)
        assert found in error.value.found
        assert str(path) in error.value.where
