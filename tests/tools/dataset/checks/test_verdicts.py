"""Every way to spoil a dataset is found by the check that owns it, and what LeRobot reads rightly is no error."""

import pathlib
import shutil

import pytest

from tests.tools.dataset.checks import made_dataset
from tests.tools.dataset.checks.made_dataset import column
from tests.tools.dataset.checks.made_dataset import info
from tests.tools.dataset.checks.made_dataset import tables
from tests.tools.dataset.checks.wrong_datasets import ERRORS
from tests.tools.dataset.checks.wrong_datasets import OTHERS
from tools.dataset.ask_checks import check_modules
from tools.dataset.check_report import next_command
from tools.dataset.check_run import check_dataset
from tools.dataset.checks import STRICTER_ON_PURPOSE
from tools.dataset.report import Report

# The checks of the format, which these tables are about; those of the data's quality have tests of their own.
FORMAT = set().union(*(found for _, found in (*ERRORS.values(), *OTHERS.values())))


@pytest.fixture(scope="module")
def in_order(tmp_path_factory) -> pathlib.Path:
    return made_dataset.make(tmp_path_factory.mktemp("made") / "dataset")


def spoilt(in_order: pathlib.Path, root: pathlib.Path, change) -> Report:
    shutil.copytree(in_order, root)
    change(root)
    return check_dataset(root)


def named(report: Report, *severities: str) -> set[str]:
    return {one.check for one in report.findings if one.severity in severities and one.check in FORMAT}


def faults(report: Report) -> list[str]:
    return [f"{one.check}: {one.found}" for one in report.findings if "a fault of the check" in one.hint]


@pytest.mark.parametrize("name", ERRORS)
def test_what_is_wrong_is_an_error_of_the_check_that_owns_it_and_of_no_other(name, in_order, tmp_path):
    change, expected = ERRORS[name]
    report = spoilt(in_order, tmp_path / "dataset", change)
    assert faults(report) == []
    assert named(report, "error") == expected
    assert not report.ok
    for one in report.findings:
        assert one.expected
        assert one.found
        assert len(one.hint) > 30, one


@pytest.mark.parametrize("name", OTHERS)
def test_what_lerobot_reads_rightly_is_no_error(name, in_order, tmp_path):
    change, expected = OTHERS[name]
    report = spoilt(in_order, tmp_path / "dataset", change)
    assert faults(report) == []
    assert [one for one in report.findings if one.severity == "error"] == []
    assert named(report, "warning", "note") == expected


def test_every_stricter_check_is_an_error_with_a_reason():
    for name, reason in STRICTER_ON_PURPOSE.items():
        assert check_modules()[name].SEVERITY == "error", name
        assert len(reason) > 20


@pytest.mark.parametrize("name", sorted(check_modules()))
def test_a_check_is_a_sentence_with_a_severity_and_a_question(name):
    check = check_modules()[name]
    assert check.SENTENCE.endswith(".")
    assert check.SEVERITY in ("error", "warning", "note")
    assert any(hasattr(check, one) for one in ("of_dataset", "of_unreadable", "of_episode", "of_looks", "of_gists"))
    assert hasattr(check, "of_gists") == (hasattr(check, "gist") or hasattr(check, "gist_of_looks"))


def test_a_folder_whose_name_is_a_pattern_is_refused(in_order, tmp_path):
    report = spoilt(in_order, tmp_path / "my[dataset]", lambda root: None)
    assert [one.check for one in report.findings if one.severity == "error"] == ["root-path"]


def test_cameras_without_statistics_are_a_note_for_each_episode(in_order, tmp_path):
    report = spoilt(in_order, tmp_path / "dataset", lambda root: None)
    notes = [one for one in report.findings if one.check == "stats-images"]
    assert [(one.severity, one.episode) for one in notes] == [("note", 0), ("note", 1), ("note", 2)]


def test_videos_that_are_there_are_a_note(in_order, tmp_path):
    def with_videos(root):
        ERRORS["no video file"][0](root)
        for episode in range(3):
            path = root / f"videos/chunk-000/observation.images.top/episode_{episode:06d}.mp4"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    report = spoilt(in_order, tmp_path / "dataset", with_videos)
    assert "video-files" not in {one.check for one in report.findings}
    assert [one.severity for one in report.findings if one.check == "videos-slow"] == ["note"]
    (tmp_path / "dataset/videos/chunk-000/observation.images.top/episode_000001.mp4").unlink()
    missing = [one for one in check_dataset(tmp_path / "dataset").findings if one.check == "video-files"]
    assert [(one.episode, one.column) for one in missing] == [(1, "observation.images.top")]


def test_a_file_in_the_middle_that_cannot_be_read_is_the_only_thing_told(in_order, tmp_path):
    report = spoilt(in_order, tmp_path / "dataset", ERRORS["a cut file"][0])
    assert named(report, "error", "warning") == {"data-readable"}
    assert report.frames == 11
    assert report.episodes == 3


@pytest.mark.parametrize(("off_s", "right"), [(0.99e-4, True), (1.01e-4, False), (-0.99e-4, True), (-1.01e-4, False)])
def test_the_time_tolerance_is_lerobots_own(in_order, tmp_path, off_s, right):
    change = made_dataset.table(0, made_dataset.column("timestamp", lambda old: [old[0] - off_s, *old[1:]]))
    report = spoilt(in_order, tmp_path / "dataset", change)
    assert ("timestamps" not in {one.check for one in report.findings}) == right


def test_places_are_exact(in_order, tmp_path):
    report = spoilt(in_order, tmp_path / "dataset", ERRORS["episode_index in one frame"][0])
    (one,) = [one for one in report.findings if one.severity == "error"]
    assert (one.file, one.episode, one.frame, one.column) == (
        "data/chunk-000/episode_000002.parquet", 2, 5, "episode_index",
    )  # fmt: skip
    assert (one.expected, one.found, one.repairable) == ("2", "0", True)


def test_a_time_step_is_named_with_its_values(in_order, tmp_path):
    report = spoilt(in_order, tmp_path / "dataset", ERRORS["time jitters"][0])
    (one,) = [one for one in report.findings if one.severity == "error"]
    assert (one.episode, one.frame, one.column, one.repairable) == (0, 0, "timestamp", True)
    assert "0.1005" in one.found
    assert "2 such steps" in one.found


def test_clock_times_are_called_so(in_order, tmp_path):
    report = spoilt(in_order, tmp_path / "dataset", ERRORS["timestamps by the clock"][0])
    steps = [one for one in report.findings if one.check == "timestamps"]
    assert steps[0].found == "clock times, from 1700000000.000 to 1700000000.100; 4 such steps"
    assert steps[0].repairable
    off = [one.found for one in report.findings if one.check == "timestamps-exact"]
    assert set(off) == {"1700000000.000, a clock time"}


@pytest.mark.parametrize(("robot", "said"), [("so101", ", robots/so101/robot.toml says rate_hz = 30"), ("another", "")])
def test_where_all_steps_agree_on_another_rate_it_says_what_to_set(in_order, tmp_path, robot, said):
    thirds = [column("timestamp", lambda old: [round(10 * one) / 30 for one in old])]
    report = spoilt(
        in_order, tmp_path / "dataset", lambda root: (tables(*thirds)(root), info(robot_type=robot, fps=50)(root))
    )
    hints = {one.hint for one in report.findings if one.check == "timestamps"}
    assert len(hints) == 1
    assert f'and meta/info.json says fps 50{said}: set "fps": 30 in meta/info.json, if' in hints.pop()
    assert next_command(report, "robot").startswith(
        'set "fps": 30 in meta/info.json, if that is the rate; then just check-dataset robot'
    )


def test_an_episode_too_long_for_float32_is_not_called_repairable(in_order, tmp_path):
    report = spoilt(in_order, tmp_path / "dataset", ERRORS["too long for float32"][0])
    (one,) = [one for one in report.findings if one.check == "timestamps"]
    assert not one.repairable
    assert "split the episode" in one.hint


def test_a_v3_dataset_is_told_to_be_converted_and_nothing_else(in_order, tmp_path):
    report = spoilt(in_order, tmp_path / "dataset", ERRORS["version 3.0"][0])
    (one,) = report.findings
    assert "just convert-dataset" in one.hint
