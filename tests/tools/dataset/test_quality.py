"""Good recordings give no warning; each that is spoilt in one way gives the one finding that is meant for it."""

import copy
import io
import json

import numpy as np
import PIL.Image
import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.recorded import GOOD
from tests.tools.dataset.recorded import SCENE
from tests.tools.dataset.recorded import TASK
from tests.tools.dataset.recorded import WRIST
from tests.tools.dataset.recorded import Recording
from tests.tools.dataset.recorded import commanded
from tests.tools.dataset.recorded import teleoperated
from tests.tools.dataset.recorded import with_sticks
from tools.dataset import jpeg
from tools.dataset import pool
from tools.dataset.action_lag import LAGS
from tools.dataset.check_run import check_dataset
from tools.dataset.checks import colours_warm
from tools.dataset.report import Report
from tools.dataset.robot_features import ACTION
from tools.dataset.robot_features import STATE

# What is said of every dataset here, since it is small.
SMALL = {"episodes-enough", "stats-images"}


@pytest.fixture(autouse=True)
def _in_one_process(monkeypatch):
    monkeypatch.setattr(pool, "over", lambda function, items, heavy=False: map(function, items))


@pytest.fixture(scope="module")
def encoded() -> Recording:
    """A recording in order, its images encoded once for all tests."""
    recording = teleoperated()
    for episodes in recording.images.values():
        episodes[:] = [[jpeg.encode(image) for image in images] for images in episodes]
    return recording


@pytest.fixture
def recording(encoded) -> Recording:
    """The same, to spoil."""
    return copy.deepcopy(encoded)


def found(report: Report) -> dict[str, list]:
    by_check: dict[str, list] = {}
    for one in report.findings:
        if one.check not in SMALL:
            by_check.setdefault(one.check, []).append(one)
    return by_check


def pixels(cell: bytes) -> np.ndarray:
    return jpeg.decode(cell)


def as_file(image: np.ndarray, mode: str = "RGB", kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    PIL.Image.fromarray(image).convert(mode).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("seed", [3, 4])
def test_a_good_recording_gives_no_warning(tmp_path, name, seed):
    report = check_dataset(GOOD[name](seed=seed).write(tmp_path / "dataset"), deep=True)
    assert set(found(report)) == ({"action-kind"} if name == "commanded" else set())


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", GOOD)
def test_good_numbers_give_no_warning(tmp_path, name, seed):
    recording = GOOD[name](seed=100 + seed, episodes=12, pictures=False)
    report = check_dataset(recording.write(tmp_path / "dataset"))
    assert set(found(report)) - {"cameras-there"} == ({"action-kind"} if name == "commanded" else set())


def with_state(recording: Recording, change) -> None:
    """Changes every episode's states, and the actions with them."""
    for episode, state in enumerate(recording.states):
        new = np.array(change(state, episode), np.float32)
        recording.states[episode], recording.actions[episode] = new, np.concatenate([new[1:], new[-1:]])


def put(values: np.ndarray, at, value) -> np.ndarray:
    values = values.copy()
    values[at] = value
    return values


def nan(recording):
    recording.states[4][7, 2] = np.nan
    recording.actions[4][6, 2] = 0.0


def infinite(recording):
    recording.actions[4][7, 2] = -np.inf


def constant(recording):
    with_state(recording, lambda state, _: put(state, (slice(None), 3), 12.5))


def nearly_constant(recording):
    with_state(recording, lambda state, episode: put(state, (slice(None), 3), 12.5 + 1e-5 * (episode % 3)))


def rarely_moved(recording):
    with_state(
        recording,
        lambda state, episode: put(
            state, (slice(None), 5), 5.0 + 60 * (np.arange(len(state)) // 3 == 7) * (episode == 2)
        ),
    )


def jump_and_stay(recording):
    with_state(
        recording,
        lambda state, episode: state + (episode == 6) * (np.arange(len(state)) >= 25)[:, None] * [500, 0, 0, 0, 0, 0],
    )


def spike(recording):
    with_state(recording, lambda state, episode: put(state, (12, 1), -900.0))


def wrapped(recording):
    """An angle that goes over 180 degrees in one episode."""
    with_state(
        recording,
        lambda state, episode: (
            put(state, (slice(None), 4), (np.linspace(170, 190, len(state)) + 180) % 360 - 180)
            if episode == 3
            else state
        ),
    )


def one_wrong_action(recording):
    recording.actions[2][11] += 1


def actions_stand(recording):
    recording.actions = [state.copy() for state in recording.states]


def last_action_rolled(recording):
    """What np.roll makes of it: the first state."""
    recording.actions[2] = np.roll(recording.states[2], -1, axis=0)


def last_action_zero(recording):
    recording.actions[2][-1] = 0.0


def last_action_of_the_next_episode(recording):
    recording.actions[2][-1] = recording.states[3][0]


def lagged(recording, lag: int):
    """Actions that are the states so many frames later, or earlier."""
    for episode, state in enumerate(recording.states):
        recording.actions[episode] = state[np.clip(np.arange(len(state)) + lag, 0, len(state) - 1)]


def actions_skip(recording):
    lagged(recording, 2)


def actions_late(recording):
    lagged(recording, -1)


def actions_later(recording):
    lagged(recording, -2)


def actions_skip_two(recording):
    lagged(recording, 3)


def actions_skip_four(recording):
    lagged(recording, 5)


def actions_in_radians(recording):
    recording.actions = [action * np.float32(np.pi / 180) for action in recording.actions]


def one_start(recording):
    start = recording.states[0][0]
    with_state(recording, lambda state, _: state + (start - state[0]) * np.linspace(1, 0, len(state))[:, None])


def twice(recording):
    recording.states[7], recording.actions[7] = recording.states[3].copy(), recording.actions[3].copy()
    for episodes in recording.images.values():
        episodes[7] = episodes[3]


def few(recording):
    del recording.states[4:], recording.actions[4:]
    for episodes in recording.images.values():
        del episodes[4:]


def long(recording):
    recording.fps = 20
    for values in (recording.states, recording.actions):
        values[1] = np.concatenate([values[1]] + [values[1][::-1], values[1]] * 12)
    recording.actions[1] = np.concatenate([recording.states[1][1:], recording.states[1][-1:]])
    for episodes in recording.images.values():
        episodes[1] = [*episodes[1], *([*episodes[1][::-1], *episodes[1]] * 12)]


def short(recording):
    for values in (recording.states, recording.actions, *recording.images.values()):
        values[3] = values[3][:30]
    recording.actions[3][-1] = recording.states[3][-1]


def rarely_moved_with_noise(recording):
    """In two episodes, so that it is no jump: then only against its whole range does its noise count as rest."""
    with_state(
        recording,
        lambda state, episode: (
            state + (episode in (2, 5)) * (np.arange(len(state)) // 2 == 10)[:, None] * [0, 0, 0, 0, 0, 900]
            if episode
            else state
        ),
    )
    for episode in range(10):
        grip = recording.states[episode][:, 5]
        grip[grip < 200] = 5 + 0.2 * np.sin(np.arange((grip < 200).sum()))
    with_state(recording, lambda state, _: state)


NUMBERS = {
    nan: ("numbers-finite", "error", 4, 7, f"{STATE}[2]"),
    infinite: ("numbers-finite", "error", 4, 7, f"{ACTION}[2]"),
    constant: ("dimensions-move", "warning", None, None, f"{STATE}[3]"),
    nearly_constant: ("dimensions-move", "warning", None, None, f"{STATE}[3]"),
    rarely_moved: ("dimensions-move", "warning", None, None, f"{STATE}[5]"),
    rarely_moved_with_noise: ("dimensions-move", "warning", None, None, f"{STATE}[5]"),
    jump_and_stay: ("steps-possible", "warning", 6, 25, f"{STATE}[0]"),
    spike: ("steps-possible", "warning", 0, 12, f"{STATE}[1]"),
    wrapped: ("steps-possible", "warning", 3, None, f"{STATE}[4]"),
    one_wrong_action: ("action-follows-state", "warning", 2, 11, ACTION),
    last_action_rolled: ("action-follows-state", "warning", 2, None, ACTION),
    last_action_zero: ("action-follows-state", "warning", 2, None, ACTION),
    last_action_of_the_next_episode: ("action-follows-state", "warning", 2, None, ACTION),
    actions_stand: ("action-follows-state", "warning", None, None, ACTION),
    actions_skip: ("action-follows-state", "warning", None, None, ACTION),
    actions_skip_two: ("action-follows-state", "warning", None, None, ACTION),
    actions_skip_four: ("action-follows-state", "warning", None, None, ACTION),
    actions_late: ("actions-ahead", "error", None, None, ACTION),
    actions_later: ("actions-ahead", "error", None, None, ACTION),
    actions_in_radians: ("action-kind", "note", None, None, ACTION),
    one_start: ("starts-vary", "warning", None, None, STATE),
    twice: ("episodes-differ", "warning", 7, None, None),
    few: ("episodes-few", "warning", None, None, None),
    long: ("episodes-short", "warning", 1, None, None),
    short: ("episodes-hold-a-chunk", "note", 3, None, None),
}  # fmt: skip


@pytest.mark.parametrize("spoil", NUMBERS, ids=lambda one: one.__name__)
def test_spoilt_numbers_give_their_finding_and_no_other(tmp_path, recording, spoil):
    check, severity, episode, frame, column = NUMBERS[spoil]
    spoil(recording)
    by_check = found(check_dataset(recording.write(tmp_path / "dataset")))
    also = {nan: {"action-follows-state"}, last_action_of_the_next_episode: {"steps-possible"}}.get(spoil, set())
    assert set(by_check) - also == {check}
    first = by_check[check][0]
    assert (first.severity, first.episode, first.column) == (severity, episode, column)
    assert frame is None or first.frame == frame


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("name", [*GOOD, "taps"])
def test_the_lag_of_actions_is_told_by_its_number(tmp_path, name, lag):
    recording = teleoperated(pictures=False) if name == "taps" else GOOD[name](pictures=False)
    if name == "taps":  # one push of a stick and another a second later: between them all lags look alike
        with_state(recording, lambda state, _: np.repeat(np.arange(len(state)) // 12 % 3, 6).reshape(-1, 6))
    lagged(recording, lag)
    findings = found(check_dataset(recording.write(tmp_path / "dataset")))
    assert "action-kind" not in findings
    check = "actions-ahead" if lag < 0 else "action-follows-state"
    assert not {"actions-ahead", "action-follows-state"} - {check} & set(findings)
    lags = [one.found for one in findings.get(check, ())]
    assert len(lags) == (lag != 1)
    assert all(one.startswith(f"action[t] = state[t{f'{lag:+d}' if lag else ''}] in ") for one in lags)


@pytest.mark.parametrize("lag", [-1, 3])
def test_the_lag_of_actions_is_told_in_episodes_shorter_than_all_lags(tmp_path, recording, lag):
    with_state(recording, lambda state, _: state[20:26])
    recording.images = {}
    lagged(recording, lag)
    findings = found(check_dataset(recording.write(tmp_path / "dataset")))
    (one,) = findings["actions-ahead" if lag < 0 else "action-follows-state"]
    assert one.found.startswith(f"action[t] = state[t{lag:+d}] in ")


def test_actions_that_are_states_of_before_are_an_error_with_a_repair_only_where_they_are_so_exactly(
    tmp_path, recording
):
    actions_late(recording)
    (one,) = found(check_dataset(recording.write(tmp_path / "exactly")))["actions-ahead"]
    assert one.repairable
    recording.actions[3][7] += 1e-6
    recording.actions[4][7] += 1
    (one,) = found(check_dataset(recording.write(tmp_path / "nearly")))["actions-ahead"]
    assert not one.repairable
    assert "your own script as action[t] = observation.state[t+1]" in one.hint


def test_half_a_dataset_shifted_the_wrong_way_is_a_warning(tmp_path, recording):
    right = [action.copy() for action in recording.actions]
    actions_late(recording)
    recording.actions[:6] = right[:6]
    findings = found(check_dataset(recording.write(tmp_path / "dataset")))
    assert "actions-ahead" not in findings
    assert {one.episode for one in findings["action-follows-state"]} == {6, 7, 8, 9}


def test_relative_actions_of_a_described_robot_are_no_error(tmp_path):
    recording = with_sticks(pictures=False)
    recording.robot = "joyarm"
    lagged(recording, -1)
    findings = found(check_dataset(recording.write(tmp_path / "dataset")))
    assert "actions-ahead" not in findings
    assert [one.severity for one in findings["action-follows-state"]] == ["warning"]


def to_and_fro(state, period):
    """Steps that come again after so many frames."""
    steps = np.arange(len(state)) % period
    return np.stack([np.sin(steps + dimension) for dimension in range(6)], axis=1)


@pytest.mark.parametrize("period", [2, 3, 6])
def test_a_robot_that_swings_to_and_fro_tells_no_past(tmp_path, recording, period):
    """Its next states are states of before as well."""
    with_state(recording, lambda state, _: to_and_fro(state, period))
    recording.images = {}
    lagged(recording, period - 1)
    assert "actions-ahead" not in found(check_dataset(recording.write(tmp_path / "dataset")))


def test_a_robot_that_rests_tells_no_past(tmp_path, recording):
    with_state(
        recording,
        lambda state, episode: np.repeat(state[:1], len(state), axis=0) + (episode == 0) * np.eye(len(state), 6),
    )
    recording.images = {}
    lagged(recording, -1)
    assert "actions-ahead" not in found(check_dataset(recording.write(tmp_path / "dataset")))


def test_a_follower_that_lags_tells_no_past(tmp_path):
    """Nor does a leader who is led by hand along with it, and is near to where the follower just was."""
    recording = commanded(pictures=False)
    rng = np.random.default_rng(0)
    recording.actions = [
        np.concatenate([state[:1], state[:-1]]) + rng.normal(0, 1e-2, state.shape) for state in recording.states
    ]
    assert "actions-ahead" not in found(check_dataset(recording.write(tmp_path / "dataset")))


# What is found in states and actions.
OF_MOTION = [spoil for spoil in NUMBERS if spoil not in (nan, infinite, few, long, short)]


@pytest.mark.parametrize("spoil", OF_MOTION, ids=lambda one: one.__name__)
def test_the_names_of_openpis_own_datasets_are_known(tmp_path, recording, spoil):
    spoil(recording)
    root = recording.write(tmp_path / "dataset")
    drop = {SCENE, WRIST}
    names = {STATE: "state", ACTION: "actions"}
    for path in sorted((root / "data").rglob("*.parquet")):
        table = pq.read_table(path).drop_columns(sorted(drop))
        pq.write_table(table.rename_columns([names.get(name, name) for name in table.column_names]), path)
    info = json.loads((root / "meta/info.json").read_bytes())
    info["features"] = {names.get(name, name): one for name, one in info["features"].items() if name not in drop}
    (root / "meta/info.json").write_text(json.dumps(info))
    stats = root / "meta/episodes_stats.jsonl"
    stats.write_text(stats.read_text().replace(STATE, "state").replace(f'"{ACTION}"', '"actions"'))
    check, severity, episode, frame, column = NUMBERS[spoil]
    by_check = found(check_dataset(root))
    assert "state-there" not in by_check
    first = by_check[check][0]
    column = column and column.replace(STATE, "state").replace(ACTION, "actions")
    assert (first.severity, first.episode, first.column) == (severity, episode, column)
    assert frame is None or first.frame == frame


def test_a_state_of_another_name_is_noted(tmp_path, recording):
    root = recording.write(tmp_path / "dataset")
    path = root / "meta/info.json"
    path.write_text(path.read_text().replace(f'"{STATE}"', '"joints"'))
    (one,) = found(check_dataset(root))["state-there"]
    assert (one.severity, one.found.split(", ")[:2]) == ("note", ["joints", ACTION])


def test_a_gripper_that_is_used_in_one_episode_does_not_jump(tmp_path, recording):
    def used(state, episode):
        grip = (
            np.interp(np.arange(len(state)), [20, 22, 40, 42], [5, 80, 80, 5])
            if episode == 3
            else np.full(len(state), 5.0)
        )
        return put(state, (slice(None), 5), grip + 0.1 * np.sin(np.arange(len(state))))

    with_state(recording, used)
    assert found(check_dataset(recording.write(tmp_path / "dataset"))) == {}


def test_actions_at_rest_do_not_count_as_states(tmp_path, recording):
    with_state(recording, lambda state, _: state * (np.arange(len(state)) % 20 > 14)[:, None])
    actions_in_radians(recording)
    assert "action-kind" in found(check_dataset(recording.write(tmp_path / "dataset")))


def test_a_dimension_is_called_by_its_name(tmp_path, recording):
    constant(recording)
    findings = found(check_dataset(recording.write(tmp_path / "dataset")))["dimensions-move"]
    assert [one.found for one in findings] == [f"always 12.5 in {name}[3] (flex)" for name in (STATE, ACTION)]


@pytest.mark.parametrize(
    ("tasks", "checks"),
    [
        ([TASK, "Put it back."], set()),
        ([TASK, "pick up  the bottle "], {"tasks-alike"}),
        ([TASK, TASK], {"tasks-alike"}),
        ([TASK, " "], {"tasks-said"}),
    ],
)
def test_tasks(tmp_path, recording, tasks, checks):
    recording.tasks = tasks
    assert set(found(check_dataset(recording.write(tmp_path / "dataset")))) - {"tasks-known"} == checks


def test_episodes_are_counted_by_task_where_there_are_several(tmp_path, recording):
    recording.images = {}
    root = recording.write(tmp_path / "dataset")
    notes = [one.found for one in check_dataset(root).findings if one.check == "episodes-enough"]
    assert notes == ["10"]
    lines = (root / "meta/episodes.jsonl").read_text().splitlines()
    again = [line.replace(TASK, "Put it back.") if at > 6 else line for at, line in enumerate(lines)]
    (root / "meta/episodes.jsonl").write_text("\n".join(again) + "\n")
    notes = [one.found for one in check_dataset(root).findings if one.check == "episodes-enough"]
    assert notes == ["3 of 'Put it back.', 7 of 'Pick up the bottle.'; 10 in all"]


def test_of_frames_that_came_late_it_says_of_how_many_in_which_episodes(tmp_path, recording):
    held(SCENE, 5, 18, 19)(recording)
    (one,) = found(check_dataset(recording.write(tmp_path / "dataset"), deep=True))["frames-new"]
    rows = len(recording.states[5])
    assert one.found == f"1 of the {rows} frames of 1 episode repeat the one before; 10 episodes looked at in all"


def test_a_camera_that_is_black_in_all_frames_is_the_first_warning(tmp_path, recording):
    recording.images[WRIST] = [
        [as_file(np.zeros((64, 64, 3), np.uint8), kind="JPEG")] * len(one) for one in recording.states
    ]
    actions_stand(recording)
    first, *others = check_dataset(recording.write(tmp_path / "dataset"), deep=True).findings
    assert (first.check, first.severity, first.episode, first.column) == ("camera-sees", "warning", None, WRIST)
    assert first.found.startswith(f"all {sum(map(len, recording.states))} pictures of the dataset black")
    assert "camera-sees" not in {one.check for one in others}


def test_a_robot_that_is_described_is_held_to_its_description(tmp_path, recording):
    recording.robot = "so101"
    findings = found(check_dataset(recording.write(tmp_path / "dataset")))["robot-matches"]
    assert [one.column for one in findings] == ["fps", STATE, ACTION]
    assert findings[0].expected.startswith("30 frames a second, as robots/so101/robot.toml")
    assert "pan, lift" in findings[1].found


def test_a_robots_state_by_another_name_is_told(tmp_path, recording):
    recording.robot = "so101"
    root = recording.write(tmp_path / "dataset")
    text = (root / "meta/info.json").read_text()
    (root / "meta/info.json").write_text(text.replace(f'"{STATE}"', '"state"'))
    first = next(one for one in found(check_dataset(root))["robot-matches"] if one.column == STATE)
    assert first.found == "no such feature; there is state, action"


@pytest.mark.parametrize(("share", "told"), [(0.005, True), (0.03, False)])
def test_starts_count_as_one_to_a_hundredth_of_the_way(tmp_path, recording, share, told):
    one_start(recording)
    way = np.ptp(np.concatenate(recording.states), axis=0)
    off = share * np.linspace(-0.5, 0.5, 10) / 0.8  # nine in ten episodes are asked, from the first tenth on
    with_state(
        recording,
        lambda state, episode: state + off[episode] * way * np.linspace(1, 0, len(state))[:, None],
    )
    assert ("starts-vary" in found(check_dataset(recording.write(tmp_path / "dataset")))) is told


def of_frames(camera: str, episode: int, frames, change):
    def spoil(recording: Recording) -> None:
        cells = recording.images[camera][episode]
        for frame in range(len(cells)) if frames is None else frames:
            cells[frame] = change(cells[frame])

    return spoil


def held(camera: str, episode: int, first: int, last: int):
    def spoil(recording: Recording) -> None:
        cells = recording.images[camera][episode]
        cells[first : last + 1] = [cells[first]] * (last + 1 - first)

    return spoil


def slow(recording):
    for cells in recording.images[WRIST]:
        cells[1::2] = cells[: len(cells) // 2 * 2 : 2]


def swap(recording, *episodes):
    one, other = recording.images.values()
    for episode in episodes:
        one[episode], other[episode] = other[episode], one[episode]


def swapped(recording):
    swap(recording, 2, 7)


def the_same(recording):
    recording.images[WRIST] = recording.images[SCENE]


def all_bgr(recording):
    for episodes in recording.images.values():
        episodes[:] = [[jpeg.encode(pixels(cell)[..., ::-1]) for cell in cells] for cells in episodes]


def frozen_and_stamped(recording):
    cells = recording.images[SCENE][5]
    cells[:] = [cells[0] + bytes([frame]) for frame in range(len(cells))]  # other bytes, the same picture


BLACK, GREY = (jpeg.encode(np.full((64, 64, 3), level, np.uint8)) for level in (2, 120))
IMAGES = {
    "null": (of_frames(SCENE, 3, [30], lambda cell: None), "images-embedded", "error", 3, None, SCENE),
    "cut": (of_frames(SCENE, 3, [30, 31], lambda cell: cell[:-40]), "images-decode", "error", 3, 30, SCENE),
    "cut but ended": (
        of_frames(SCENE, 3, [30], lambda cell: cell[: len(cell) * 3 // 4] + b"\xff\xd9"),
        "images-decode", "error", 3, 30, SCENE,
    ),
    "text": (of_frames(WRIST, 0, [0], lambda cell: b"frame"), "images-decode", "error", 0, 0, WRIST),
    "grey": (of_frames(WRIST, 1, [9], lambda cell: as_file(pixels(cell), "L", "JPEG")), "images-colour", "error", 1, 9, WRIST),
    "alpha": (of_frames(WRIST, 1, [9], lambda cell: as_file(pixels(cell), "RGBA")), "images-colour", "error", 1, 9, WRIST),
    "smaller": (of_frames(WRIST, 1, [9], lambda cell: jpeg.encode(pixels(cell)[:48])), "images-size", "error", 1, 9, WRIST),
    "black all along": (of_frames(SCENE, 8, None, lambda cell: BLACK), "camera-sees", "warning", 8, 0, SCENE),
    "null in both": (
        lambda recording: [of_frames(camera, 3, None, lambda cell: None)(recording) for camera in (SCENE, WRIST)],
        "images-embedded", "error", 3, 0, SCENE,
    ),
    "black": (of_frames(SCENE, 8, [0, 1], lambda cell: BLACK), "camera-sees", "warning", 8, 0, SCENE),
    "one grey": (of_frames(SCENE, 8, [5], lambda cell: GREY), "camera-sees", "warning", 8, 5, SCENE),
    "frozen": (held(SCENE, 5, 10, 40), "camera-alive", "warning", 5, 10, SCENE),
    "frozen and stamped": (frozen_and_stamped, "camera-alive", "warning", 5, 0, SCENE),
    "slow": (slow, "camera-keeps-up", "warning", 0, None, WRIST),
    "one late": (held(SCENE, 5, 18, 19), "frames-new", "note", 5, 19, SCENE),
    "swapped": (swapped, "cameras-in-place", "warning", 2, None, SCENE),
    "the same": (the_same, "cameras-differ", "warning", 0, 0, WRIST),
    "BGR in an episode": (
        of_frames(SCENE, 4, None, lambda cell: jpeg.encode(pixels(cell)[..., ::-1])),
        "colours-in-order", "warning", 4, None, SCENE,
    ),
    "BGR": (all_bgr, "colours-warm", "note", None, None, SCENE),
    "PNG": (of_frames(SCENE, 4, None, lambda cell: as_file(pixels(cell))), "images-jpeg", "note", None, None, SCENE),
}  # fmt: skip


@pytest.mark.parametrize("name", IMAGES)
def test_spoilt_images_give_their_finding_and_no_other(tmp_path, recording, name):
    spoil, check, severity, episode, frame, column = IMAGES[name]
    spoil(recording)
    by_check = found(check_dataset(recording.write(tmp_path / "dataset"), deep=True))
    assert set(by_check) - {"images-jpeg"} == {check} - {"images-jpeg"}
    first = by_check[check][0]
    assert (first.severity, first.episode, first.column) == (severity, episode, column)
    assert frame is None or first.frame == frame


@pytest.mark.parametrize("episodes", [[2, 7], [0], [0, 1, 2], [5, 6, 7, 8, 9]])
def test_swapped_cameras_are_told_by_episode(tmp_path, recording, episodes):
    swap(recording, *episodes)
    findings = found(check_dataset(recording.write(tmp_path / "dataset"), deep=True))["cameras-in-place"]
    assert [one.episode for one in findings] == episodes


def test_without_deep_no_image_is_decoded(tmp_path, recording, monkeypatch):
    of_frames(SCENE, 3, [30], lambda cell: b"text")(recording)
    monkeypatch.setattr("tools.dataset.looks.looks_of", lambda episode: pytest.fail("decoded"))
    assert found(check_dataset(recording.write(tmp_path / "dataset"))) == {}


@pytest.mark.parametrize(("warm", "cold", "told"), [(1, 30, 1), (5, 30, 0), (0, 15, 0)])
def test_a_blue_thing_among_others_is_not_noted(warm, cold, told):
    assert len(list(colours_warm.of_gists(None, {0: {SCENE: (warm, cold, 100)}}))) == told
