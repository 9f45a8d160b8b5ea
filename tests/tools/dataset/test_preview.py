"""The page of a dataset: what it says is so, what is broken does not stop it, and a browser opens it without a network."""

import base64
import contextlib
import html
import io
import json
import re
import shutil
import subprocess
import sys

import av
import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.command import ROOT
from tools.dataset.dataset import VIDEO_PATH
from tools.dataset.dataset import read_dataset
from tools.dataset.features import Feature
from tools.dataset.finding import Finding
from tools.dataset.preview import __main__ as command
from tools.dataset.preview.dimensions import Dimension
from tools.dataset.preview.dimensions import dimensions_of
from tools.dataset.preview.dimensions import units_of_robot
from tools.dataset.preview.lanes import HEIGHT
from tools.dataset.preview.lanes import chosen_frames
from tools.dataset.preview.lanes import draw
from tools.dataset.preview.lanes import lanes_of
from tools.dataset.preview.lengths import MOST_BARS
from tools.dataset.preview.lengths import lengths_of
from tools.dataset.preview.numbers import number
from tools.dataset.preview.ranges import ranges_of
from tools.dataset.preview.sample import sample_of
from tools.dataset.preview.survey import Spread
from tools.dataset.preview.survey import survey
from tools.dataset.robot_features import robot_features
from tools.dataset.writer import Writer
from tools.refusal import Refused
from tools.refusal import WrongUsage

JOINTS = ["shoulder_pan", "elbow_flex", "gripper"]
POLICY = r'<meta http-equiv="Content-Security-Policy".*?>'
TASK = "Grüße: <script>alert('ø')</script> 拿起瓶子"


def record(root, lengths, *, cameras=("scene",), joints=JOINTS, robot="so101", task=TASK, still=()):
    about = robot_features(robot, 10, list(joints), list(joints), dict.fromkeys(cameras, (48, 64)))
    with Writer(root, about) as writer:
        for episode, length in enumerate(lengths):
            for t in range(length):
                state = np.sin(np.arange(len(joints)) + t / 5 + episode).astype(np.float32) * 30
                state[list(still)] = 1.5
                image = np.full((48, 64, 3), (10 * t) % 250, np.uint8)
                images = {f"observation.images.{camera}": image for camera in cameras}
                writer.add_frame({"observation.state": state, **images}, task)
            writer.save_episode()
    return root


def preview(root, **options):
    page = root.parent / f"{root.name}.html"
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert command.preview(root, **{"out": page, "json": True, **options}) == 0
    return json.loads(printed.getvalue()), page.read_text()


def spoil(root, episode, column, change):
    path = root / f"data/chunk-000/episode_{episode:06d}.parquet"
    table = pq.read_table(path)
    values = np.array(table[column].to_pylist(), np.float32)
    change(values)
    field = table.schema.field(column)
    cells = pa.array(values.tolist(), field.type)
    pq.write_table(table.set_column(table.schema.get_field_index(column), field, cells), path)


def range_of(values, name="gripper", feature="observation.state", unit=""):
    values = np.asarray(values, np.float32)[:, None]
    extremes = np.nanmin(values, axis=0).astype(float), np.nanmax(values, axis=0).astype(float)
    spread = Spread(*extremes, (~np.isfinite(values)).sum(axis=0), values)
    return ranges_of(spread, [Dimension(feature, 0, name, unit)])[0]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    root = record(tmp_path_factory.mktemp("sound") / "my dataset", [30, 31, 30, 29, 320], cameras=("scene", "wrist"))
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    answer, page = preview(root)
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before  # looking changes nothing
    return answer, page, root


def test_the_page_tells_the_totals_of_what_is_there(sound):
    answer, page, _ = sound
    totals = dict(re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", page))
    assert totals["episodes"] == "5"
    assert totals["frames"] == "440"
    assert totals["duration"] == "44.0 s"
    assert totals["cameras"] == "scene 64\N{MULTIPLICATION SIGN}48, wrist 64\N{MULTIPLICATION SIGN}48"
    assert totals["robot"] == "so101"
    assert answer["ok"]
    assert answer["shown"] == [0, 1, 2, 3, 4]
    assert answer["bytes"] == len(page.encode())


@pytest.mark.parametrize(
    ("robot", "header", "said"),
    [
        ("so101", "as recorded, normalised", "actions are absolute"),
        ("joyarm", "as trained on", None),
        ("another", "as recorded, normalised", "Where the training config has DeltaActions"),
    ],
)
def test_what_the_model_is_trained_on_is_said_of_states_and_of_actions(tmp_path, robot, header, said):
    _, page = preview(record(tmp_path / "in", [12], robot=robot))
    heads = re.findall(r"<caption><code>(.*?)</code>.*?<th scope=\"col\">([^<]*)</th></tr></thead>", page, re.DOTALL)
    assert heads == [("observation.state", "as trained on"), ("action", header)]
    assert ("DeltaActions" in page) == (said is not None)
    assert said is None or said in page


def test_nothing_in_the_page_leads_outside(sound):
    _, page, _ = sound
    assert not re.findall(r"https?://|//[a-z]+\.[a-z]", page)
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    assert "@import" not in page
    assert "default-src 'none'" in page


def test_a_task_is_shown_and_never_run(sound):
    _, page, _ = sound
    assert html.escape(TASK, quote=False).replace("'", "&#39;") in page
    assert page.count("<script") == 1


def test_lengths_that_stand_out_are_named_and_lead_to_their_episode(sound):
    _, page, _ = sound
    assert '1 episode stands out: <a href="#e4">episode 4</a> (32.0 s)' in page
    assert page.count('class="odd"') == 1


def test_a_strip_holds_what_the_camera_saw(sound):
    _, page, _ = sound
    card = page.partition('id="e0"')[2].partition("</article>")[0]
    thumbs = re.findall(r'<li data-frame="(\d+)"><img src="data:image/jpeg;base64,([^"]+)"', card)
    assert [int(frame) for frame, _ in thumbs] == [0, 4, 8, 12, 17, 21, 25, 29] * 2
    for frame, data in thumbs:
        with PIL.Image.open(io.BytesIO(base64.b64decode(data))) as image:
            assert abs(np.asarray(image).mean() - (10 * int(frame)) % 250) < 3
            assert image.width <= 240


def test_curves_stand_on_the_state_and_carry_units(sound):
    _, page, _ = sound
    card = page.partition('id="e1"')[2].partition("</article>")[0]
    assert card.count('data-kind="state"') == card.count('data-kind="action"') == 3
    assert 'gripper <span class="unit">percent</span>' in card
    assert 'elbow_flex <span class="unit">deg</span>' in card
    lane = re.search(
        r'lane gripper" data-low="([-\d.]+)" data-high="([-\d.]+)".*?data-kind="state" d="([^"]+)"', card, re.DOTALL
    )
    low, high = float(lane[1]), float(lane[2])
    points = np.array(re.findall(r"(\d+) (\d+)", lane[3]), float)
    assert points[:, 0].tolist() == list(range(31))
    values = high - (high - low) * points[:, 1] / HEIGHT
    assert np.allclose(values, np.sin(2 + points[:, 0] / 5 + 1) * 30, atol=(high - low) / HEIGHT)
    assert 'class="fill"' in card  # a gripper is seen to open and close


def test_only_the_asked_episodes_and_an_absent_one_is_refused(sound):
    _, _, root = sound
    answer, page = preview(root, episodes=(3, 1))
    assert answer["shown"] == [1, 3]
    assert "2 of 5 episodes are shown: those asked for." in page
    with pytest.raises(Refused, match="--episodes 9"):
        preview(root, episodes=(3, 9))
    with pytest.raises(WrongUsage, match="--episodes"):
        preview(root, episodes=tuple(range(101)))


@pytest.mark.parametrize("place", ["data/page.html", "meta/episodes.jsonl", "data/chunk-000/page.html"])
def test_the_page_is_not_written_into_the_dataset(sound, place):
    _, _, root = sound
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(WrongUsage, match=place):
        preview(root, out=root / place)
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


def test_the_command_line(sound, tmp_path):
    _, _, root = sound
    line = [sys.executable, "-P", "-m", "tools.dataset.preview", str(root), "--out", str(tmp_path / "it.html")]
    line += ["--episodes", "2", "4"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 of 5 episodes are shown" in done.stdout
    assert "in order" in done.stdout
    assert 'id="e4"' in (tmp_path / "it.html").read_text()


def test_findings_stand_at_their_frame(tmp_path):
    root = record(tmp_path / "spoilt", [20, 20, 20])
    spoil(root, 1, "timestamp", lambda times: times.__setitem__(slice(12, None), times[12:] + 0.5))
    answer, page = preview(root)
    assert answer["errors"] >= 1
    card = page.partition('id="e1"')[2].partition("</article>")[0]
    assert re.search(r'data-frame="11">frame 11</button> <span class="tag">error</span> timestamps,', card)
    assert f'class="mark error" style="left:{100 * 11 / 19:.3f}%" title="frame 11: timestamps"' in card
    assert '<a role="listitem" href="#e1" class="error"' in page
    assert '<a href="#e1">data/chunk-000/episode_000001.parquet, episode 1, frame 11, timestamp</a>' in page


def test_a_broken_dataset_is_shown_as_far_as_it_can_be_read(tmp_path):
    root = record(tmp_path / "broken", [12, 12, 12])
    cut = root / "data/chunk-000/episode_000002.parquet"
    cut.write_bytes(cut.read_bytes()[:500])
    path = root / "data/chunk-000/episode_000000.parquet"
    table = pq.read_table(path)
    cells = table["observation.images.scene"].to_pylist()
    cells[0] = {"bytes": b"\xff\xd8\xff no picture", "path": None}
    cells[-1] = None
    name = "observation.images.scene"
    kind = table.schema.field(name).type
    pq.write_table(table.set_column(table.schema.get_field_index(name), name, pa.array(cells, kind)), path)
    answer, page = preview(root)
    assert answer["errors"] >= 1
    assert "1 file could not be read" in page
    assert "Nothing to see" in page.partition('id="e2"')[2]
    card = page.partition('id="e0"')[2].partition("</article>")[0]
    assert card.count("<img") == 6
    assert "does not decode" in card
    assert "no image in the cell" in card


def test_without_any_meta_file_images_and_numbers_are_still_found(tmp_path):
    root = record(tmp_path / "bare", [12, 12])
    shutil.rmtree(root / "meta")
    _, page = preview(root)
    card = page.partition('id="e1"')[2].partition("</article>")[0]
    assert card.count("<img") == 8
    assert card.count('class="row lane') == 3
    assert "12 frames</span>" in card  # no rate, no seconds


@pytest.mark.parametrize(
    "case",
    [
        {"cameras": ("a", "b", "c", "d"), "joints": [f"joint_{i}" for i in range(14)]},
        {"cameras": ()},
        {"lengths": [1, 1]},
        {"robot": "../so101"},
    ],
    ids=["many", "blind", "one-frame", "odd-robot"],
)
def test_unusual_datasets(tmp_path, case):
    lengths = case.pop("lengths", [15, 15])
    root = record(tmp_path / "unusual", lengths, **case)
    answer, page = preview(root)
    card = page.partition('id="e0"')[2].partition("</article>")[0]
    assert card.count("<img") == len(case.get("cameras", ("scene",))) * min(8, lengths[0])
    assert card.count('class="row lane') == len(case.get("joints", JOINTS))
    assert answer["shown"] == [0, 1]
    if lengths == [1, 1]:
        assert 'd="M0 ' in card
        assert "h0" in card


def test_a_camera_whose_frames_are_a_video_has_a_strip_too(tmp_path):
    root = record(tmp_path / "filmed", [16, 16], cameras=())
    info = json.loads((root / "meta/info.json").read_text())
    info["features"]["observation.images.scene"] = {"dtype": "video", "shape": [48, 64, 3], "names": None}
    info["video_path"] = VIDEO_PATH
    (root / "meta/info.json").write_text(json.dumps(info))
    video = root / VIDEO_PATH.format(episode_chunk=0, episode_index=0, video_key="observation.images.scene")
    video.parent.mkdir(parents=True)
    with av.open(str(video), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for t in range(16):
            pixels = np.full((48, 64, 3), 15 * t, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        out.mux(stream.encode(None))
    _, page = preview(root)
    thumbs = re.findall(r'<li data-frame="(\d+)"><img src="data:image/jpeg;base64,([^"]+)"', page)
    assert [int(frame) for frame, _ in thumbs] == [0, 2, 4, 6, 9, 11, 13, 15]
    for frame, data in thumbs:
        with PIL.Image.open(io.BytesIO(base64.b64decode(data))) as image:
            assert abs(np.asarray(image).mean() - 15 * int(frame)) < 5
    assert "its video is not there" in page.partition('id="e1"')[2]


def test_images_are_looked_at_when_asked_and_else_it_says_that_they_were_not(tmp_path, capsys):
    root = record(tmp_path / "in", [12, 12])
    path = root / "data/chunk-000/episode_000001.parquet"
    table = pq.read_table(path)
    at = table.schema.get_field_index("observation.images.scene")
    cells = table.column(at).to_pylist()
    cells[3]["bytes"] = cells[3]["bytes"][:-40]
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(cells, table.schema.field(at).type)), path)
    told, page = preview(root)
    assert (told["errors"], told["deep"]) == (0, False)
    assert "images were not checked, --deep does that" in page
    told, page = preview(root, deep=True)
    assert (told["errors"], told["deep"]) == (1, True)
    assert "images-decode" in page.partition('id="e1"')[2]
    assert "were not checked" not in page
    spoil(root, 0, "action", lambda values: values.__setitem__((3, 0), np.nan))
    command.preview(root, out=tmp_path / "page.html")
    said = capsys.readouterr().out
    assert "wrong: 1 error" in said
    assert "images were not checked, --deep does that" in said
    assert "images were not checked, --deep does that" in (tmp_path / "page.html").read_text()


def test_a_folder_that_is_no_dataset_is_refused(tmp_path):
    with pytest.raises(Refused, match=str(tmp_path)):
        preview(tmp_path)


def test_the_quantile_trap_is_told(tmp_path):
    _, page = preview(record(tmp_path / "trap", [40, 40], still=(1,)))
    assert page.count("It never moves.") == 2  # the state and the action
    one = range_of([0.0] * 995 + [5.0] * 5)
    assert one.trap
    assert one.normalised(one.high) == pytest.approx(5 / 1e-6 * 2 - 1)
    healthy = range_of(np.random.default_rng(0).normal(size=5000))
    assert not healthy.trap
    assert not healthy.still


def test_ranges_are_those_of_the_values():
    values = np.random.default_rng(1).normal(3, 2, 2000)
    one = range_of([*values, np.nan])
    assert (one.low, one.high) == pytest.approx((values.min(), values.max()))
    assert (one.q01, one.q99) == pytest.approx(tuple(np.quantile(values, [0.01, 0.99])), abs=1e-5)
    assert sum(one.bars) == 2000
    assert one.bars == tuple(np.histogram(values.astype(np.float32), 64, (one.low, one.high))[0])
    assert one.lost == 1
    assert one.normalised(one.q01) == pytest.approx(-1)
    assert one.normalised(one.q99) == pytest.approx(1, abs=1e-6)


def test_a_spike_survives_and_what_is_lost_breaks_the_curve():
    values = np.sin(np.arange(5000) / 300)
    values[[1234, 4321]] = 9, -9
    values[2000:2010] = np.nan
    frames = chosen_frames(values, 200)
    assert {0, 1234, 4321, 4999} <= set(frames)
    assert len(frames) <= 202
    assert not set(range(2000, 2010)) & set(frames)
    assert {777, 778} <= set(chosen_frames(values, 200, {777, 778, 2003, 99_999}))
    lane = lanes_of({"observation.state": [range_of(values)]})[0]
    drawn = draw(lane, {"observation.state": values[:, None]}, 200)
    assert drawn.curves[0].path.count("M") == 2
    assert (drawn.low, drawn.high) == (-9, 9)
    assert (drawn.top, drawn.bottom) == (0, HEIGHT)


def test_a_state_and_its_action_share_a_lane_only_on_one_scale():
    wide, narrow = np.linspace(-90, 90, 500), np.linspace(-1, 1, 500)
    state = range_of(wide)
    assert [
        list(lane.parts)
        for lane in lanes_of({"observation.state": [state], "action": [range_of(wide, feature="action")]})
    ] == [["state", "action"]]
    for action in (range_of(narrow, feature="action"), range_of(wide, feature="action", unit="deg")):
        assert [list(lane.parts) for lane in lanes_of({"observation.state": [state], "action": [action]})] == [
            ["state"],
            ["action"],
        ]


def test_names_and_units_come_from_where_they_are(tmp_path):
    about = {"gripper": "percent"}
    for names in (["gripper"], [["gripper"]], {"motors": ["gripper"]}, {"gripper": 0}):
        assert dimensions_of("action", Feature("action", "float32", (1,), names), 1, about) == [
            Dimension("action", 0, "gripper", "percent")
        ]
    for names in (None, ["a", "b"], "gripper", {"motors": 3}, [1]):
        assert dimensions_of("action", Feature("action", "float32", (1,), names), 1, about)[0].label == "action[0]"
    units = units_of_robot(ROOT / "robots", "so101")
    assert units["observation.state"]["gripper"] == "percent"
    (tmp_path / "robots").mkdir()
    (tmp_path / "good").mkdir()
    (tmp_path / "good/robot.toml").write_text((ROOT / "robots/so101/robot.toml").read_text())
    assert units_of_robot(tmp_path, "good")
    assert not units_of_robot(tmp_path / "robots", "../good")  # a dataset does not choose which file is read
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/robot.toml").write_text("[state]\nnames = ['a']\nunits = []\n")
    assert not any(units_of_robot(tmp_path, robot) for robot in ("bad", "absent", "../bad", 3, None))


def test_of_many_episodes_some_are_shown_and_the_page_says_which():
    lengths = dict.fromkeys(range(10_000), 100) | {4321: 900, 77: 3}
    findings = [Finding("", "", "", episode=index, check="common") for index in range(5000, 9000)]
    findings.append(Finding("", "", "", episode=9876, check="rare"))
    sample = sample_of(lengths, lengths, findings)
    assert {77, 4321, 9876, 0} <= set(sample.episodes)
    assert len(sample.episodes) <= 40
    assert len({episode // 1000 for episode in sample.episodes}) == 10  # not the first ones with findings only
    assert max(episode for episode in sample.episodes if episode % 455 and episode < 9000) > 8000
    assert sample.sentence == (
        f"{len(sample.episodes)} of 10,000 episodes are shown: "
        "the longest, the shortest, 16 of the 4,001 with findings and every 455th."
    )
    assert sample_of({}, [], []).episodes == ()
    assert sample_of(dict.fromkeys(range(40), 5), range(40), []).sentence == "All 40 episodes are shown."


def test_the_bars_of_many_episodes_stay_few_and_hide_no_outlier():
    lengths = {index: 100 + index % 20 for index in range(10_000)} | {5000: 1500, 77: 3}
    found = lengths_of(lengths)
    assert len(found.bars) <= MOST_BARS
    assert {one.episode for one in found.outliers} == {77, 5000}
    assert max(bar.high for bar in found.bars) == found.highest == 1500
    assert min(bar.low for bar in found.bars) == 3
    assert sum(bar.count for bar in found.bars) == 10_000
    assert not lengths_of(dict.fromkeys(range(50), 60) | {3: 59}).outliers


@pytest.mark.parametrize(
    ("value", "span", "said"),
    [
        (-35.44, 69.4, "\N{MINUS SIGN}35.4"),
        (0.0, 5.0, "0.00"),
        (-0.02, 38.0, "\N{MINUS SIGN}0.020"),
        (76_000_123.0, 0, "76,000,000"),
        (1e-9, 0, "1.0e\N{MINUS SIGN}09"),
        (float("nan"), 0, "none"),
        (-0.0, 0, "0"),
    ],
)
def test_numbers_are_written_for_people(value, span, said):
    assert number(value, span) == said


def test_the_survey_is_of_all_frames_of_all_episodes(tmp_path):
    root = record(tmp_path / "surveyed", [10, 12, 11], cameras=())
    spoil(root, 1, "action", lambda values: values.__setitem__((slice(3, 5), 2), [999.0, np.nan]))
    spoil(root, 1, "action", lambda values: values.__setitem__((7, 1), -777))
    spoil(root, 2, "action", lambda values: values.__setitem__((4, 2), -np.inf))
    dataset = read_dataset(root)
    seen = survey(dataset, dataset.episode_files, 33)
    assert seen.lengths == {0: 10, 1: 12, 2: 11}
    assert seen.every == 1
    spread = seen.spreads["action"]
    assert spread.high[2] == 999
    assert spread.low[1] == -777
    assert spread.low[2] > -40
    assert spread.lost.tolist() == [0, 0, 2]
    assert spread.values.shape == (33, 3)
    some = survey(dataset, dataset.episode_files, 9_000_000)
    assert some.every == 5
    assert some.spreads["action"].high[2] == 999  # the extremes are of every frame still
    assert len(some.spreads["action"].values) == 2 + 3 + 2


@pytest.fixture(scope="module")
def chromium():
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    if not found:
        pytest.skip("no Chromium on this machine")
    return found


def opened(chromium, page, folder):
    """Opens a page without a network; the document as it is then, what it asked for, what its console says."""
    net = folder / "net.json"
    flags = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
        "--disable-component-update --disable-sync --enable-logging=stderr --window-size=1200,2400 --dump-dom"
    )
    line = [chromium, *flags.split(), f"--user-data-dir={folder / 'profile'}", f"--log-net-log={net}"]
    line += ["--host-resolver-rules=MAP * ~NOTFOUND", page.as_uri()]
    done = subprocess.run(line, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    # What the browser asks for itself, such as the time, has no origin.
    mine = r'"initiator":"(?!not an origin)[^"]*".*?"url":"((?:https?|wss?|ftp):[^"]*)"'
    asked = set(re.findall(mine, net.read_text()))
    return done.stdout, asked, [text for text in done.stderr.splitlines() if "CONSOLE" in text]


def test_a_browser_opens_it_without_a_network_and_without_a_complaint(sound, chromium, tmp_path):
    _, page, _ = sound
    path = tmp_path / "page.html"
    path.write_text(page)
    shown, asked, console = opened(chromium, path, tmp_path)
    assert 'class="js"' in shown  # the script ran: its hash in the policy is right
    assert console == []
    assert asked == set()
    leads_out = '<img src="http://example.com/x.png"></body>'
    path.write_text(re.sub(POLICY, "", page).replace("</body>", leads_out))
    assert opened(chromium, path, tmp_path)[1] == {"http://example.com/x.png"}  # the test itself would see it


def test_a_curve_says_its_value_where_one_points(sound, chromium, tmp_path):
    _, page, _ = sound
    path_of_long = re.search(r'data-kind="state" d="([^"]+)"', page.partition('id="e4"')[2])[1]
    undrawn = min(set(range(320)) - {int(frame) for frame in re.findall(r"(\d+) \d+", path_of_long)})
    probe = """<script>
      const card = document.querySelector("#e1"), scrub = card.querySelector(".scrub");
      scrub.value = 7; scrub.dispatchEvent(new Event("input"));
      document.querySelector("#own-scale").click();
      const long = document.querySelector("#e4"), slide = long.querySelector(".scrub");
      slide.value = UNDRAWN; slide.dispatchEvent(new Event("input"));
      const chart = document.querySelector(".chart");
      for (const key of ["End", "ArrowLeft"]) chart.dispatchEvent(new KeyboardEvent("keydown", {key}));
      document.title = [card.querySelector(".lane.gripper .now .state").textContent, card.querySelector(".at").textContent,
        card.querySelectorAll(".strip li.on").length, document.querySelector("#length-said").textContent,
        long.querySelector(".now .state").textContent].join("|");
    </script></body>"""
    path = tmp_path / "page.html"
    path.write_text(re.sub(POLICY, "", page).replace("</body>", probe.replace("UNDRAWN", str(undrawn))))
    shown, _, console = opened(chromium, path, tmp_path)
    assert console == []
    title = re.search("<title>(.*?)</title>", shown)[1]
    expected = float(np.sin(2 + 7 / 5 + 1) * 30)
    value, at, on, length, lost = title.split("|")
    assert lost.startswith("\N{ALMOST EQUAL TO} ")  # what lies between is not passed off as a value
    assert float(value.replace("\N{MINUS SIGN}", "-")) == pytest.approx(expected, abs=0.06)
    assert (at, on, length) == ("frame 7, 0.70 s", "2", "episode 3: 29 frames, 2.9 s")
    lane = shown.partition('id="e1"')[2].partition('class="row lane gripper"')[2].partition("</svg>")[0]
    assert re.search(r'viewBox="([^"]+)"', lane)[1] == re.search(r'data-own="([^"]+)"', lane)[1]


PHONE = """<script>
  const seen = (one) => one.getBoundingClientRect(), texts = [];
  for (const lanes of document.querySelectorAll(".lanes")) {
    const ticks = [...lanes.querySelectorAll(".over i b")].map(seen).filter((box) => box.width);
    texts.push(ticks.every((box, at) => !at || ticks[at - 1].right + 4 <= box.left) && ticks.length > 1);
    const [name, over] = [lanes.querySelector(".who"), lanes.querySelector(".over")];
    texts.push(getComputedStyle(name).zIndex === "1" && getComputedStyle(name).pointerEvents === "none");
    const still = [...lanes.querySelectorAll(".hi")].filter((one) => !one.textContent);
    texts.push(still.length === 1 && getComputedStyle(still[0], "::before").content === "none");
  }
  parent.document.title = [innerWidth, ...texts].join(" ");
</script></body>"""


def test_on_a_phone_no_text_runs_into_another(chromium, tmp_path):
    root = record(tmp_path / "in", [19, 25, 18, 200], still=(1,))
    _, page = preview(root)
    (tmp_path / "page.html").write_text(re.sub(POLICY, "", page).replace("</body>", PHONE))
    # No window is as narrow; a frame is.
    frame = tmp_path / "frame.html"
    inner = html.escape((tmp_path / "page.html").read_text())
    frame.write_text(f'<title>-</title><iframe srcdoc="{inner}" style="width:390px;height:1500px;border:0"></iframe>')
    shown, _, console = opened(chromium, frame, tmp_path)
    assert console == []
    assert re.search("<title>(.*?)</title>", shown)[1] == "390" + " true" * 12
