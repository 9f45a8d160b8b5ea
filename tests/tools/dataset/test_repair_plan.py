"""Which repairs are applied: errors and warnings, notes on request only, and of statistics only those that are named."""

import json

import pytest

from tests.tools.dataset.made_dataset import make_dataset
from tools.dataset import repair as command
from tools.dataset import repair_plan
from tools.dataset.check_report import next_command
from tools.dataset.check_run import check_dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.drafts import fill_statistics
from tools.dataset.drafts.draft import draft_of
from tools.dataset.drafts.renumber import renumber
from tools.dataset.finding import Finding
from tools.dataset.jsonl import to_jsonl

CAMERA = "observation.images.scene"


def change_stats(root, change) -> None:
    lines = read_dataset(root).stats.values
    for line in lines:
        change(line["episode_index"], line["stats"])
    (root / "meta/episodes_stats.jsonl").write_bytes(to_jsonl(lines))


@pytest.fixture
def root(tmp_path):
    """A dataset with nothing to repair but a note: no statistics of its camera."""
    root = make_dataset(tmp_path / "robot", 3)
    change_stats(root, lambda episode, stats: stats.pop(CAMERA))
    return root


def test_a_dataset_with_only_notes_asks_for_no_repair(root, capsys):
    report = check_dataset(root)
    assert {one.check for one in report.findings if one.repairable} == {"stats-images"}
    assert next_command(report, "robot") is None
    assert command.repair(root) == 0
    said = capsys.readouterr().out
    assert "--only stats-images" in said
    assert "nothing to repair" in said
    assert not root.with_name("robot_repaired").exists()


def test_a_note_is_mended_where_it_is_named(root, capsys):
    assert command.repair(root, only=("stats-images",), json=True) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["mended"] == [{"check": "stats-images", "findings": 3}]
    assert answer["on_request"] == []
    stats = read_dataset(root.with_name("robot_repaired")).stats.values
    assert all(line["stats"][CAMERA]["count"] == [6] for line in stats)


def test_a_note_is_not_mended_along_with_an_error(root, capsys):
    change_stats(root, lambda episode, stats: stats["action"].update(count=6))
    report = check_dataset(root)
    assert "stats-images" not in repair_plan.chosen(report.findings)
    warnings = [one.repairable for one in report.findings if one.severity == "warning"]
    assert report.errors == 3
    assert 1 < sum(warnings) < len(warnings)
    told = f"(mends 3 of 3 errors, {sum(warnings)} of {len(warnings)} warnings)"
    assert next_command(report, "robot") == f"just repair-dataset robot  {told}"
    assert command.repair(root, json=True) == 0
    assert json.loads(capsys.readouterr().out)["on_request"] == ["stats-images"]
    assert all(CAMERA not in line["stats"] for line in read_dataset(root.with_name("robot_repaired")).stats.values)


def test_statistics_are_computed_for_what_is_named_and_not_for_all(root, monkeypatch, capsys):
    was = read_dataset(root).stats.values
    change_stats(root, lambda episode, stats: stats["action"].update(max=[500.0] * 3) if episode == 1 else None)
    read, real = set(), fill_statistics.through_steps

    def spied(path, episode, steps, *, images: bool = True):
        read.add((episode, images))
        return real(path, episode, steps, images=images)

    monkeypatch.setattr(fill_statistics, "through_steps", spied)
    assert command.repair(root) == 0
    assert read == {(1, False)}
    now = read_dataset(root.with_name("robot_repaired")).stats.values
    assert [now[0], now[2]] == [was[0], was[2]]
    assert now[1]["stats"]["action"]["max"] == pytest.approx(was[1]["stats"]["action"]["max"])


def test_an_episode_that_another_file_has_become_gets_its_own_statistics(root):
    draft = draft_of(read_dataset(root))
    draft.files[0], draft.files[2] = draft.files[2], draft.files[0]
    before = [dict(line["stats"]) for line in draft.stats]
    draft.stats[0]["stats"][CAMERA] = {"of": "the other"}
    repair_plan.apply(["stats-true"], draft, [])
    assert draft.stats[0]["stats"]["action"]["min"] == pytest.approx(before[2]["action"]["min"])
    assert draft.stats[0]["stats"][CAMERA] != {"of": "the other"}
    assert draft.stats[1]["stats"] == before[1]


def test_findings_go_with_their_file_when_episodes_get_other_numbers(root):
    draft = draft_of(read_dataset(root))
    draft.findings = tuple(
        Finding("one", "another", "why", episode=episode, check="stats-true", repairable=episode != 0)
        for episode in (0, 1, 2, 7)
    )
    assert sorted(draft.found("stats-true")) == [1, 2]
    renumber(draft, {0: 0, 2: 1})
    assert {now: [one.episode for one in found] for now, found in draft.found("stats-true").items()} == {1: [2]}
    assert draft.found("timestamps") == {}
