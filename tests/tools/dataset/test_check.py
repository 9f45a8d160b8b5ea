"""The command check-dataset: what it refuses, what it prints, its exit codes, and that nothing makes it stumble."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import hypothesis
from hypothesis import strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.checks import made_dataset
from tests.tools.dataset.checks.made_dataset import column
from tests.tools.dataset.checks.made_dataset import info
from tests.tools.dataset.checks.made_dataset import line
from tests.tools.dataset.checks.made_dataset import read_info
from tests.tools.dataset.checks.made_dataset import tables
from tests.tools.dataset.checks.made_dataset import write_info
from tests.upstream.dataset_mutations import edits
from tools.dataset import check_run
from tools.dataset import looks
from tools.dataset.ask_checks import check_modules
from tools.dataset.check_report import as_html
from tools.dataset.check_report import show
from tools.dataset.check_run import check_dataset
from tools.dataset.finding import Finding
from tools.dataset.plain import plain
from tools.dataset.report import Report
from tools.dataset.report import rank


@pytest.fixture
def dataset(tmp_path) -> pathlib.Path:
    return made_dataset.make(tmp_path / "dataset")


def check(*arguments: str | pathlib.Path, **environment: str) -> subprocess.CompletedProcess:
    line = [sys.executable, "-P", "-m", "tools.dataset.check", *map(str, arguments)]
    environment = {**os.environ, "NO_COLOR": "", **environment}
    return subprocess.run(line, capture_output=True, text=True, check=False, env=environment)


def broken_in(root: pathlib.Path, *changes) -> pathlib.Path:
    for change in changes:
        change(root)
    return root


def test_a_path_that_is_not_there_is_refused(tmp_path):
    done = check(tmp_path / "nowhere")
    assert done.returncode == 1
    assert done.stdout == ""
    assert [one.split(":")[0].strip() for one in done.stderr.splitlines()] == ["refused", "expected", "found", "do"]


def test_a_refusal_is_json_where_json_is_asked_for(tmp_path):
    done = check(tmp_path, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["ok"] is False


def test_a_folder_for_the_page_is_wrong_usage(dataset, tmp_path):
    done = check(dataset, "--html", tmp_path)
    assert done.returncode == 2
    assert "report.html" in done.stderr


@pytest.mark.parametrize("place", ["data/report.html", "data/chunk-000/report.html", "meta/info.json", "videos/x.html"])
def test_the_page_is_not_written_into_the_dataset(dataset, place):
    (dataset / "videos").mkdir()
    before = {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()}
    done = check(dataset, "--html", dataset / place)
    assert done.returncode == 2
    assert "--html report.html" in done.stderr
    assert {path: path.read_bytes() for path in dataset.rglob("*") if path.is_file()} == before


def test_a_link_that_leads_into_the_dataset_is_seen(dataset, tmp_path):
    (tmp_path / "pages").symlink_to(dataset / "data/chunk-000")
    done = check(dataset, "--html", tmp_path / "pages" / "report.html")
    assert done.returncode == 2
    assert not (dataset / "data/chunk-000/report.html").exists()


def test_a_folder_that_is_not_there_is_told_before_the_check(dataset, tmp_path):
    done = check(dataset, "--html", tmp_path / "nowhere" / "report.html")
    assert done.returncode == 2
    assert "no such folder" in done.stderr


def test_a_page_beside_the_dataset_or_in_its_own_folder_is_written(dataset, tmp_path):
    for page in (tmp_path / "report.html", dataset / "report.html"):
        assert check(dataset, "--html", page).returncode == 0
        assert "in order" in page.read_text()


@pytest.mark.parametrize("version", ["v2.0", "v3.0"])
def test_a_dataset_of_another_format_has_one_next_command_whatever_else_is_found(dataset, version):
    broken_in(dataset, info(codebase_version=version), line("episodes", 1, length=9))
    done = check(dataset)
    assert done.stdout.splitlines()[-1] == f"next      just convert-dataset {dataset}  (from {version})"
    assert version == "v3.0" or " repairable\n" in done.stdout


def test_no_path_and_an_unknown_option_are_wrong_usage(dataset):
    assert check().returncode == 2
    assert check(dataset, "--deeper").returncode == 2


def test_a_dataset_with_warnings_is_said_to_be_in_order_but_for_them_and_exits_0(dataset):
    done = check(dataset)
    assert done.returncode == 0, done.stdout
    assert re.match(r"in order but for \d warnings?, ", done.stdout)
    assert "3 episodes, 15 frames" in done.stdout.splitlines()[0]
    assert done.stderr == ""


def test_the_report_has_the_verdict_first_errors_before_warnings_and_the_next_command_last(dataset):
    broken_in(dataset, info(total_frames=7), line("episodes", 1, length=9), lambda root: (root / "images").mkdir())
    done = check(dataset)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0].startswith("wrong: 1 error, ")
    heads = [one.split()[0] for one in lines if re.match(r"(error|warning|note) ", one)]
    assert heads == sorted(heads, key=["error", "warning", "note"].index)
    assert set(heads) == {"error", "warning", "note"}
    at = lines.index(next(one for one in lines if one.startswith("error")))
    assert [one.split()[0] for one in lines[at + 1 : at + 5]] == ["where", "expected", "found", "why"]
    assert "repairable" in lines[at]
    assert lines[-1].startswith(f"next      just repair-dataset {dataset}")
    assert "1 of 1 error" in lines[-1]


def test_a_path_with_a_space_can_be_pasted(dataset):
    moved = dataset.rename(dataset.with_name("my dataset"))
    assert (
        check(broken_in(moved, info(total_frames=7)))
        .stdout.splitlines()[-1]
        .startswith(f"next      just repair-dataset '{moved}'")
    )


def test_nothing_repairable_names_no_command(dataset):
    broken_in(dataset, info(fps=None))
    shutil.rmtree(dataset / "data")
    made = check_dataset(dataset)
    assert not any(one.repairable for one in made.findings if one.check == "info-needed")


def test_json_has_the_agreed_form_and_nothing_beside_it(dataset):
    broken_in(dataset, info(total_episodes=4))
    done = check(dataset, "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert list(found) == ["ok", "errors", "warnings", "frames", "episodes", "findings"]
    assert (found["ok"], found["errors"], found["frames"], found["episodes"]) == (False, 1, 15, 3)
    for one in found["findings"]:
        assert list(one) == ["check", "severity", "where", "expected", "found", "hint", "repairable"]
        assert list(one["where"]) == ["file", "episode", "frame", "column"]
    assert found["errors"] == sum(one["severity"] == "error" for one in found["findings"])
    assert found["warnings"] == sum(one["severity"] == "warning" for one in found["findings"])


def test_nothing_in_the_dataset_is_changed(dataset, tmp_path):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in dataset.rglob("*") if path.is_file()}
    check_dataset(dataset)
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in dataset.rglob("*") if path.is_file()}
    assert after == before


def many(count: int) -> tuple[Finding, ...]:
    return tuple(
        Finding("0", str(n), "why it matters", file=f"data/{n}", episode=n, check="timestamps", repairable=True)
        for n in range(count)
    )


def test_equal_findings_are_shown_once_with_a_few_places(capsys, tmp_path):
    show(Report(tmp_path, many(10_000), 1, 1), "my_dataset")
    printed = capsys.readouterr().out
    assert printed.count("why it matters") == 1
    assert "timestamps   in 10,000 episodes   repairable\n" in printed
    assert "also     in 9,999 episodes: 1-9999\n" in printed
    assert len(printed.splitlines()) < 15


@pytest.mark.parametrize(
    ("severity", "head", "colour", "on_page"),
    [
        ("error", "wrong: 1 error in", "31", "bad"),
        ("warning", "in order but for 1 warning in", "33", "doubtful"),
        ("note", "in order: 1 note in", "32", "good"),
    ],
)
def test_only_a_headline_without_warnings_is_green(capsys, monkeypatch, tmp_path, severity, head, colour, on_page):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    report = Report(tmp_path, (Finding("1", "0", "why", check="timestamps", severity=severity),), 1, 1)
    show(report, "my_dataset")
    assert capsys.readouterr().out.startswith(f"\x1b[1;{colour}m{head}")
    assert f'<h1 class="{on_page}">{head}' in as_html(report, "my_dataset")


def test_warnings_that_change_what_is_learned_come_first(dataset):
    def one(check: str, **where) -> Finding:
        return Finding("1", "0", "why", check=check, severity="warning", **where)

    dark, blink = one("camera-sees"), one("camera-sees", episode=3)
    stats, shifted = one("stats-true"), one("action-follows-state")
    assert sorted([stats, blink, shifted, dark], key=rank) == [dark, shifted, blink, stats]


def test_a_finding_of_another_column_is_another_group(capsys, tmp_path):
    two = [Finding("1", "0", "why", column=name, check="timestamps") for name in ("action[0]", "action[1]", "state")]
    show(Report(tmp_path, tuple(two), 1, 1), "my_dataset")
    assert capsys.readouterr().out.count("\nerror") == 2


def test_text_from_a_dataset_cannot_steer_the_terminal(dataset):
    broken_in(dataset, info(codebase_version="\x1b[2J\ud800\n[bold]v9.9"))
    done = check(dataset, PYTHONIOENCODING="utf-8")
    assert done.returncode == 1, done.stderr
    assert "\x1b" not in done.stdout
    assert r"\x1b[2J\ud800\n[bold]v9.9" in done.stdout


def test_a_terminal_of_few_letters_gets_the_report_all_the_same(dataset):
    broken_in(dataset, info(codebase_version="v9 \u00e9\u4e2d"))
    done = check(dataset, PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert r"v9 \xe9\u4e2d" in done.stdout


def test_a_reader_that_has_gone_is_no_error_of_the_dataset(dataset):
    line = [sys.executable, "-P", "-m", "tools.dataset.check", str(dataset)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.wait() == 0
    assert process.stderr.read() == b""
    process.stderr.close()


def test_numbers_that_overflow_bring_no_lines_of_numpys(tmp_path, recwarn):
    made_dataset.make(tmp_path / "dataset")
    actions = pq.read_schema(next(tmp_path.rglob("*.parquet"))).field("action").type.list_size
    huge = edits.both(
        edits.cast("action", pa.list_(pa.float64(), actions), (0,)), edits.cells("action", {2: [1e300] * actions})
    )
    huge(tmp_path / "dataset")
    assert "numbers-finite" in {one.check for one in check_dataset(tmp_path / "dataset", deep=True).findings}
    assert [str(one.message) for one in recwarn] == []


def test_what_is_printed_is_never_endless():
    assert len(plain("x" * 100_000)) == 400


def test_the_page_needs_nothing_else_and_takes_no_markup_from_the_dataset(dataset, tmp_path):
    broken_in(dataset, info(codebase_version="<script>alert(1)</script>"))
    page = tmp_path / "report.html"
    assert check(dataset, "--html", page).returncode == 1
    text = page.read_text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not re.search(r"(src|href)=|https?:|@import|url\(", text)
    assert "just repair-dataset" in text


def test_the_page_of_very_many_findings_stays_small_and_says_what_it_leaves_out(tmp_path):
    page = as_html(Report(tmp_path, many(10_000), 1, 1), "my_dataset")
    assert len(page) < 100_000
    assert "and 9,800 more" in page


def test_images_are_read_and_decoded_only_where_that_is_asked(tmp_path, monkeypatch):
    root = made_dataset.make(tmp_path / "dataset", (3,))
    seen = []
    monkeypatch.setattr(looks, "looks_of", lambda episode: seen.append(episode.index) or {})
    check_dataset(root)
    assert seen == []
    assert check_dataset(root, deep=True).deep
    assert seen == [0]


def test_a_camera_that_is_no_picture_is_found_only_by_decoding(tmp_path):
    root = made_dataset.make(tmp_path / "dataset", (3,))
    tables(column(made_dataset.CAMERA, lambda old: [*old[:2], {"bytes": b"hello", "path": None}]))(root)
    assert check(root).returncode == 0
    done = check(root, "--deep", "--json")
    assert done.returncode == 1
    where = [one["where"] for one in json.loads(done.stdout)["findings"] if one["severity"] == "error"]
    assert [(one["episode"], one["frame"], one["column"]) for one in where] == [(0, 2, made_dataset.CAMERA)]


def test_a_check_that_fails_is_a_finding_and_the_others_are_heard(dataset, monkeypatch):
    def stumbles(episode):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(check_modules()["timestamps"], "of_episode", stumbles)
    monkeypatch.setattr(check_modules()["totals"], "gist", stumbles)
    report = check_dataset(broken_in(dataset, info(splits=None)))
    assert {one.check for one in report.findings if "ZeroDivisionError" in one.found} == {"timestamps", "totals"}
    assert "splits" in {one.check for one in report.findings}
    assert not report.ok


def test_many_episodes_in_several_processes_give_what_one_gives(tmp_path, monkeypatch):
    root = made_dataset.make(tmp_path / "dataset", (2,) * 60)
    tables(column("frame_index", lambda old: [one + 1 for one in old]))(root)
    told = []
    several = check_dataset(root, progress=lambda done, total: told.append((done, total)))
    monkeypatch.setattr(check_run.pool, "_ALONE", 1000)
    alone = check_dataset(root)
    assert several.findings == alone.findings
    assert (several.frames, several.episodes) == (alone.frames, alone.episodes) == (120, 60)
    assert sum(one.check == "frame-index-column" for one in alone.findings) == 60
    assert told == [(n, 60) for n in range(1, 61)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([0, 1, "0", [], {}, "v2.1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def _put(within, path: list[int], value):
    """A copy of a JSON value with another at a place that the numbers lead to."""
    if not path or not isinstance(within, dict | list) or not within:
        return value
    keys = list(within) if isinstance(within, dict) else list(range(len(within)))
    key = keys[path[0] % len(keys)]
    new = dict(within) if isinstance(within, dict) else list(within)
    new[key] = _put(within[key], path[1:], value)
    return new


@pytest.fixture(scope="module")
def to_spoil(tmp_path_factory) -> pathlib.Path:
    return made_dataset.make(tmp_path_factory.mktemp("hypothesis") / "dataset", (2, 3))


@hypothesis.settings(max_examples=150, deadline=None, suppress_health_check=list(hypothesis.HealthCheck), database=None)
@hypothesis.given(
    name=st.sampled_from(["info", "tasks", "episodes", "episodes_stats"]),
    places=st.lists(st.lists(st.integers(0, 20), max_size=5), min_size=1, max_size=3),
    value=JSON,
)
def test_no_json_whatever_makes_it_stumble(to_spoil, name, places, value):
    old_info = read_info(to_spoil)
    path = to_spoil / "meta" / ("info.json" if name == "info" else f"{name}.jsonl")
    before = path.read_bytes()
    try:
        if name == "info":
            new = old_info
            for place in places:
                new = _put(new, place, value)
            write_info(to_spoil, new)
        else:
            new = made_dataset.read_lines(to_spoil, name)
            for place in places:
                new = _put(new, place, value)
            made_dataset.lines(to_spoil, name, new if isinstance(new, list) else [new])
        report = check_dataset(to_spoil)
        assert [f"{one.check}: {one.found}" for one in report.findings if "a fault of the check" in one.hint] == []
        json.dumps(report.as_json())
        as_html(report, "x").encode()
    finally:
        path.write_bytes(before)


@hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=list(hypothesis.HealthCheck), database=None)
@hypothesis.given(at=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_no_byte_in_a_data_file_makes_it_stumble(to_spoil, at, byte):
    path = made_dataset.file_of(to_spoil, 1)
    before = path.read_bytes()
    changed = bytearray(before)
    changed[-1 - at % len(before)] = byte
    try:
        path.write_bytes(changed)
        report = check_dataset(to_spoil)
        assert [f"{one.check}: {one.found}" for one in report.findings if "a fault of the check" in one.hint] == []
    finally:
        path.write_bytes(before)
