"""Asks `just check-dataset` and `just repair-dataset` of many datasets in one process: `ask_tools.py VERB`.

Their own environment has what they need, the one of the other tests here has not; so this is a process of its own. It
reads JSON from standard input and prints JSON: for `check` a list of folders, answered by the report of each; for `repair`
folders and where each is to be written, answered by null, or by why it was refused; for `write` a folder, in which
tools.dataset.writer makes the scene's episodes.
"""

import contextlib
import json
import pathlib
import sys
from typing import Any

from tests.upstream.dataset_mutations import scene
from tools.dataset import pool
from tools.dataset.check_run import check_dataset
from tools.dataset.checks import STRICTER_ON_PURPOSE
from tools.refusal import Refused


def check(folders: list[str]) -> dict[str, Any]:
    """By folder the report, with images decoded, or the refusal; and the table of what is stricter than LeRobot."""
    reports = {}
    for folder in folders:
        try:
            reports[folder] = check_dataset(pathlib.Path(folder), deep=True).as_json()
        except Refused as refusal:
            reports[folder] = {"refused": refusal.as_json()}
    return {"reports": reports, "stricter": STRICTER_ON_PURPOSE}


def repair(folders: dict[str, str]) -> dict[str, Any]:
    """By folder null where it was repaired into the other, else why not."""
    from tools.dataset.repair import repair as repair_dataset

    answers = {}
    for folder, out in folders.items():
        try:
            with contextlib.redirect_stdout(sys.stderr):
                repair_dataset(pathlib.Path(folder), out=pathlib.Path(out))
            answers[folder] = None
        except Refused as refusal:
            answers[folder] = refusal.as_json()
    return answers


def write(folder: str) -> None:
    """The scene's episodes; the actions are left to the writer."""
    from tools.dataset.robot_features import robot_features
    from tools.dataset.writer import Writer

    sizes = {camera.rpartition(".")[2]: (scene.HEIGHT, scene.WIDTH) for camera in scene.CAMERAS}
    about = robot_features("your_robot", scene.FPS, list(scene.JOINTS), list(scene.JOINTS), sizes)
    with Writer(pathlib.Path(folder), about) as writer:
        for episode, frames in enumerate(scene.LENGTHS):
            for at, state in enumerate(scene.states(episode, frames)):
                pictures = {camera: scene.picture(camera, episode, at) for camera in scene.CAMERAS}
                writer.add_frame({"observation.state": state, **pictures}, scene.TASKS[scene.TASK_OF[episode]])
            writer.save_episode()


if __name__ == "__main__":
    # The datasets are so small that starting processes for each would take most of the time.
    pool.over = lambda function, items, heavy=False: map(function, items)
    verbs = {"check": check, "repair": repair, "write": write}
    print(json.dumps(verbs[sys.argv[1]](json.load(sys.stdin))))
