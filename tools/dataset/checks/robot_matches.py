"""Asks whether a dataset of a robot that is described here is made as its description says."""

from collections.abc import Iterator
import pathlib

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding
from tools.dataset.motion import flat
from tools.dataset.robot_described import description_of
from tools.dataset.robot_described import name_of
from tools.dataset.robot_features import ACTION
from tools.dataset.robot_features import CAMERA
from tools.dataset.robot_features import STATE
from tools.dataset.robot_features import read_robot_features
from tools.refusal import Refused

SENTENCE = "The rate, names and cameras are those of robots/<robot_type>/robot.toml, where there is one."
SEVERITY = "warning"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Compares info.json with the description."""
    toml = description_of(dataset.info)
    if toml is None:
        return
    try:
        right = read_robot_features(toml)
    except Refused:  # of the description its own tests tell
        return
    if dataset.fps is not None and dataset.fps != right.fps:
        yield _finding(toml, "fps", f"{right.fps:g} frames a second", f"{dataset.fps:g}")
    for name in (STATE, ACTION):
        feature = dataset.features.get(name)
        expected = flat(right.features[name].names)
        if feature is None:
            others = [one for one in dataset.features.values() if one.shape == right.features[name].shape]
            called = ", ".join(one.name for one in others if one.is_numeric) or "none of its shape"
            yield _finding(toml, name, name, f"no such feature; there is {called}")
            continue
        found = flat(feature.names) if feature.names is not None else []
        if found and found != expected:
            yield _finding(toml, name, ", ".join(expected), ", ".join(found))
        elif not found and feature.shape != right.features[name].shape:
            yield _finding(toml, name, f"{len(expected)} numbers", f"shape {list(feature.shape)}")
    cameras = {name for name, one in dataset.features.items() if one.is_image or one.is_video}
    expected_cameras = {name for name in right.features if name.startswith(CAMERA)}
    if cameras != expected_cameras:
        yield _finding(toml, "features", ", ".join(sorted(expected_cameras)), ", ".join(sorted(cameras)) or "no camera")


def _finding(toml: pathlib.Path, column: str, expected: str, found: str) -> Finding:
    return Finding(
        expected=f"{expected}, as {name_of(toml)} has it",
        found=found,
        hint="the policy is served by that description: what it learns here would reach other joints, or at another speed",
        file="meta/info.json",
        column=column,
    )
