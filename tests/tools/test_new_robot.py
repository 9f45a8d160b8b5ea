"""`just new-robot`: what it writes is clean and works at once, and it writes all or nothing."""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import pytest

from tools.new_robot import __main__ as new_robot
from tools.new_robot import files
from tools.new_robot.facts import Axis
from tools.new_robot.facts import Camera
from tools.new_robot.facts import RobotFacts
from tools.refusal import Refused

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The words of a good command line; each refusal below changes one of them.
GOOD = {
    "name": "zz_made_up",
    "state": ("base:deg", "elbow:deg", "gripper:percent"),
    "cameras": ("scene:640x480", "wrist:320x240"),
    "actions": "absolute",
    "rate": 30.0,
    "repo_id": "me/zz_made_up",
}


def list_files(folder: pathlib.Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def run(root: pathlib.Path, *args: str) -> subprocess.CompletedProcess:
    env = os.environ | {"PYTHONPATH": str(root), "NO_COLOR": "1"}
    return subprocess.run([sys.executable, *args], cwd=root, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path) -> pathlib.Path:
    """A copy of the part of the repository that a robot's files meet."""
    skip = shutil.ignore_patterns("__pycache__", "test_so101_*", "test_joyarm_*")
    for folder in ("tools", "overlay", "robots", "tests/overlay", "tests/robots"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=skip)
    for folder in ("so101", "joyarm"):
        shutil.rmtree(tmp_path / "robots" / folder)
    for path in [*tmp_path.rglob("so101_*.py"), *tmp_path.rglob("joyarm_*.py")]:
        path.unlink()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


# What ships is what the template gives


@pytest.mark.parametrize("name", ["so101", "joyarm"])
def test_a_shipped_robot_is_what_the_template_gives(name):
    config = (ROOT / files.FILES["config.py.j2"].format(name=name)).read_text()
    # The one line that every user edits.
    repo_id = re.search('^REPO_ID = "(.*)"$', config, re.MULTILINE)[1]
    facts = RobotFacts.read(ROOT / "robots" / name / "robot.toml", repo_id=repo_id)
    for path, text in files.render(facts).items():
        if path.name != "README.md":
            assert (ROOT / path).read_text() == text, f"{path} and its template in tools/new_robot/template differ"


def test_a_wrist_does_not_come_to_stand_in_the_base_slot_by_the_order_of_words():
    cameras = tuple(Camera(key, 64, 48) for key in ("wrist_left", "scene", "wrist_right"))
    axes = (Axis("shoulder", "deg"),)
    facts = RobotFacts("r", axes, axes, cameras, "absolute", 30, "a/b")
    assert list(facts.image_slots.values()) == ["scene", "wrist_left", "wrist_right"]


# What is written is clean


NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,47}", fullmatch=True)
AXES = st.builds(
    Axis,
    NAMES | st.from_regex(r"(left_)?gripper[0-9]?", fullmatch=True),
    st.sampled_from(["deg", "m/s", "%", "noqa", "type", "fmt"]) | st.from_regex(r"[A-Za-z%][A-Za-z0-9%/^*_.-]{0,15}"),
).filter(lambda axis: re.fullmatch(r"[A-Za-z%][A-Za-z0-9%/^*_.-]{0,15}", axis.unit))
CAMERAS = st.builds(
    Camera, st.from_regex(r"[a-z][a-z0-9_]{0,23}", fullmatch=True), st.integers(16, 8192), st.integers(16, 8192)
)


@st.composite
def robots(draw) -> RobotFacts:
    state = tuple(draw(st.lists(AXES, min_size=1, max_size=32, unique_by=lambda axis: axis.name)))
    actions = draw(st.sampled_from(["absolute", "relative"]))
    others = st.lists(AXES, min_size=1, max_size=32, unique_by=lambda axis: axis.name).map(tuple)
    action = draw(st.just(state) | others) if actions == "relative" else state[: draw(st.integers(1, len(state)))]
    return RobotFacts(
        name=draw(st.sampled_from(["r", "x" * 24, "zz_made_up_2", "a_b_c_d_e_f_g_h_i_j_k_l"])),
        state=state,
        action=action,
        cameras=tuple(draw(st.lists(CAMERAS, min_size=1, max_size=3, unique_by=lambda camera: camera.key))),
        actions=actions,
        rate_hz=draw(st.integers(1, 1000) | st.floats(0.01, 1000)),
        repo_id=draw(st.sampled_from(["a/b", "your_username/" + "x" * 80])),
    )


# Without the search for a smaller example, which would run the linter a thousand times.
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(facts=robots())
def test_any_robot_is_clean_and_reads_back(facts, tmp_path_factory):
    root = tmp_path_factory.mktemp("repo")
    shutil.copy(ROOT / "pyproject.toml", root)
    files.write_robot(facts, root)
    toml = root / "robots" / facts.name / "robot.toml"
    assert RobotFacts.read(toml, repo_id=facts.repo_id) == facts
    for args in (["check", "--no-cache"], ["format", "--diff", "--no-cache"]):
        done = run(root, "-m", "ruff", *args, ".")
        assert done.returncode == 0, done.stdout + done.stderr
    lines = [line for path in root.rglob("*.py") for line in path.read_text().splitlines()]
    assert max(map(len, lines)) <= 120


# What is written works


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"cameras": ("only:64x48",), "actions": "relative", "rate": 12.5, "action": ("elbow", "base:rad", "speed:m/s")},
        {"cameras": ("a:64x48", "b:32x32", "c:640x480"), "state": ("gripper:percent",)},
        {"state": ("arm.a:deg", "left_gripper:percent", "arm.b:deg", "extra:N"), "action": ("arm.a", "left_gripper")},
    ],
)
def test_tests_of_a_new_robot_pass_at_once(copy, words):
    words = GOOD | words
    many = [arg for key in ("state", "cameras", "action") if key in words for arg in (f"--{key}", *words[key])]
    one = ["--actions", words["actions"], "--rate", str(words["rate"]), "--repo-id", words["repo_id"]]
    made = run(copy, "-m", "tools.new_robot", words["name"], *many, *one, "--json")
    assert made.returncode == 0, made.stderr
    answer = json.loads(made.stdout)
    assert answer["ok"]
    assert all((copy / path).is_file() for path in answer["files"])
    assert len(answer["files"]) == 5
    tests = next(step for step in answer["next"] if step.startswith("just test ")).split()[2:]
    assert tests == ["tests/overlay/test_zz_made_up_policy.py", "tests/robots"]
    done = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert done.returncode == 0, done.stdout
    config = (copy / "overlay/src/openpi/training/overlay_configs/zz_made_up_config.py").read_text()
    assert all(f'"{name}"' in config for name in answer["configs"])


def test_people_are_told_what_to_do_next(copy):
    args = ["--state", "a:deg", "--cameras", "scene:64x48", "--actions", "relative", "--rate", "10", "--repo-id", "a/b"]
    made = run(copy, "-m", "tools.new_robot", "zz_made_up", *args)
    assert made.returncode == 0, made.stderr
    assert "robots/zz_made_up/robot.toml" in made.stdout
    assert "just apply" in made.stdout
    again = run(copy, "-m", "tools.new_robot", "zz_made_up", *args)
    assert again.returncode == 1
    assert again.stdout == ""
    assert again.stderr.startswith('refused: robot name "zz_made_up"')
    assert run(copy, "-m", "tools.new_robot", "zz_made_up").returncode == 2


@pytest.mark.parametrize(("option", "last"), [("--state", ()), ("--cameras", ("duo",)), ("--state", ("duo",))])
def test_a_name_that_does_not_stand_first_is_said_to_be_missing(copy, option, last):
    lists = {"--state": ("a:deg", "b:deg"), "--cameras": ("scene:64x48",)}
    lists[option] += last
    many = [word for key, words in lists.items() for word in (key, *words)]
    done = run(copy, "-m", "tools.new_robot", *many, "--actions", "relative", "--rate", "10", "--repo-id", "a/b")
    assert done.returncode == 2
    assert done.stderr.startswith("refused: ROBOT\n  expected: the robot's name first")
    assert (f'{option} took "duo"' in done.stderr) == bool(last)
    assert f"just new-robot {'duo' if last else 'my_arm'} --state" in done.stderr


def test_horizon_is_one_second():
    rates = {10.0: 10, 30.0: 30, 12.5: 13, 29.97: 30, 0.2: 1}
    assert {rate: new_robot.read_facts(**GOOD | {"rate": rate}).horizon for rate in rates} == rates


def test_grippers_stay_absolute():
    assert new_robot.read_facts(**GOOD).is_delta == (True, True, False)
    assert new_robot.read_facts(**GOOD | {"actions": "relative"}).is_delta == (False, False, False)


# What is refused


@pytest.mark.parametrize(
    ("words", "where"),
    [
        *(
            ({"name": name}, f'robot name "{name}"')
            for name in ["MyArm", "my-arm", "my arm", "_arm", "arm_", "a__b", "2arm", "", "class", "x" * 25, "ärm"]
        ),
        *(({"name": name}, f'robot name "{name}"') for name in ["aloha", "droid", "libero"]),
        *(
            ({"state": state}, "--state")
            for state in [
                (),
                ("base",),
                ("base:",),
                (":deg",),
                ("base:deg", "base:rad"),
                ("1base:deg",),
                ('ba"se:deg',),
                ("base:deg\n",),
                ("base:deg:x",),
                tuple(f"j{i}:deg" for i in range(33)),
            ]
        ),
        ({"action": tuple(f"j{i}:deg" for i in range(33)), "actions": "relative"}, "--action"),
        ({"action": ("wheel",), "actions": "relative"}, "--action"),
        # An absolute action is learned as the difference to the state at the same place.
        ({"action": ("elbow", "base", "gripper")}, "--action"),
        ({"action": ("base:rad", "elbow", "gripper")}, "--action"),
        ({"state": ("base:deg",), "action": ("base", "gripper:percent")}, "--action"),
        *(
            ({"cameras": cameras}, "--cameras")
            for cameras in [
                (),
                ("scene",),
                ("scene:640",),
                ("scene:640x",),
                ("scene:640x480x3",),
                ("scene:0x480",),
                ("scene:-640x480",),
                ("Scene:640x480",),
                (f"{'s' * 25}:640x480",),
                ("scene:640x480", "scene:320x240"),
                tuple(f"c{i}:640x480" for i in range(4)),
            ]
        ),
        *(({"actions": actions}, "--actions") for actions in ["", "delta", "Absolute"]),
        *(({"rate": rate}, "--rate") for rate in [0.0, -1.0, float("nan"), float("inf"), 1001.0]),
        *(
            ({"repo_id": repo_id}, "--repo-id")
            for repo_id in ["", "arm", "me/", "/arm", "me/arm/x", "me/my arm", 'me/"', "me/a..b", "me/a-", "me/a\n"]
        ),
        ({"repo_id": "me/" + "x" * 94}, "--repo-id"),
    ],
)
def test_a_wrong_word_is_refused(words, where):
    with pytest.raises(Refused) as refusal:
        new_robot.read_facts(**GOOD | words)
    assert refusal.value.where == where
    assert all((refusal.value.expected, refusal.value.found, refusal.value.todo))


@pytest.mark.parametrize("path", [*files.FILES.values(), "robots/{name}"])
def test_a_taken_name_is_refused_and_nothing_is_written(tmp_path, path):
    taken = tmp_path / path.format(name="zz_made_up")
    taken.parent.mkdir(parents=True)
    taken.write_text("mine")
    before = list_files(tmp_path)
    with pytest.raises(Refused) as refusal:
        files.write_robot(new_robot.read_facts(**GOOD), tmp_path)
    assert "is there already" in refusal.value.found
    assert list_files(tmp_path) == before
    assert taken.read_text() == "mine"


@pytest.mark.parametrize("call", ["write_text", "rename"])
@pytest.mark.parametrize("good_calls", range(5))
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_leaves_nothing(tmp_path, monkeypatch, call, good_calls, error):
    (tmp_path / "overlay").mkdir()
    owner = os if call == "rename" else pathlib.Path
    real, calls = getattr(owner, call), []

    def fail(path, *args, **kwargs):
        calls.append(path)
        if len(calls) > good_calls:
            # As a disk that fills up: the file is there, and cut.
            if call == "write_text":
                real(path, args[0][:10])
            raise error
        return real(path, *args, **kwargs)

    monkeypatch.setattr(owner, call, fail)
    with pytest.raises(type(error)):
        files.write_robot(new_robot.read_facts(**GOOD), tmp_path)
    assert list_files(tmp_path) == ["overlay"]


def test_facts_are_checked_wherever_they_come_from(tmp_path):
    facts = new_robot.read_facts(**GOOD)
    with pytest.raises(Refused):
        dataclasses.replace(facts, rate_hz=0)
    files.write_robot(facts, tmp_path)
    toml = tmp_path / "robots/zz_made_up/robot.toml"
    toml.write_text(toml.read_text().replace('actions = "absolute"', 'actions = "delta"'))
    with pytest.raises(Refused):
        RobotFacts.read(toml, repo_id="me/zz_made_up")
