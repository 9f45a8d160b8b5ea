"""A v3.0 dataset comes out with the same rows, bytes and frames, or it is refused by name and nothing is left."""

import contextlib
import dataclasses
import json
import os
import pathlib
import shutil
import time
import types

import av
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.v30_datasets import ACTION
from tests.tools.dataset.v30_datasets import CAMERAS
from tests.tools.dataset.v30_datasets import GRID
from tests.tools.dataset.v30_datasets import SPEED
from tests.tools.dataset.v30_datasets import STATE
from tests.tools.dataset.v30_datasets import TASKS
from tests.tools.dataset.v30_datasets import Shape
from tests.tools.dataset.v30_datasets import change_rows
from tests.tools.dataset.v30_datasets import decoded
from tests.tools.dataset.v30_datasets import encoded
from tests.tools.dataset.v30_datasets import numbers
from tests.tools.dataset.v30_datasets import picture
from tests.tools.dataset.v30_datasets import what_it_shows
from tests.tools.dataset.v30_datasets import write_v30
from tests.tools.dataset.v30_datasets import write_video
from tools.dataset import jpeg
from tools.dataset import progress
from tools.dataset.check_run import check_dataset
from tools.dataset.convert import __main__ as convert_module
from tools.dataset.convert import episode as episode_module
from tools.dataset.convert.__main__ import convert
from tools.dataset.convert.__main__ import convert_dataset
from tools.dataset.convert.read_plan import read_plan
from tools.dataset.dataset import read_dataset
from tools.dataset.episode import to_array
from tools.dataset.statistics import episode_stats
from tools.refusal import Refused
from tools.refusal import WrongUsage

IMAGES = Shape()
VIDEO = Shape(video=True)


def converted(root: pathlib.Path, shape: Shape, *, images: bool = False) -> pathlib.Path:
    if not root.exists():
        write_v30(root, shape)
    out = root.with_name("out")
    convert(read_plan(root, images=images), out)
    return out


def table(root: pathlib.Path, episode: int) -> pa.Table:
    return pq.ParquetFile(root / f"data/chunk-000/episode_{episode:06d}.parquet").read()


def errors(root: pathlib.Path) -> list[str]:
    report = check_dataset(root).as_json()
    return [f"{one['check']}: {one['found']}" for one in report["findings"] if one["severity"] == "error"]


def lines(root: pathlib.Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (root / "meta" / name).read_text().splitlines()]


def refused(root: pathlib.Path, *words: str) -> None:
    """The dataset is refused with these words, and nothing of a new one is left."""
    before = sorted(root.parent.iterdir())
    with pytest.raises(Refused) as e:
        convert(read_plan(root), root.with_name("out"))
    for word in words:
        assert word in str(e.value)
    assert sorted(root.parent.iterdir()) == before


@pytest.mark.parametrize(
    "shape",
    [IMAGES, dataclasses.replace(IMAGES, one_row_group=True), dataclasses.replace(IMAGES, episodes_a_file=1), VIDEO],
    ids=["images", "one-row-group", "file-an-episode", "video"],
)
def test_numbers_keep_every_bit(tmp_path, shape):
    out = converted(tmp_path / "in", shape)
    first = 0
    for episode, rows in enumerate(shape.lengths):
        got = table(out, episode)
        assert got.num_rows == rows
        for name, wanted in numbers(episode, rows).items():
            values = to_array(got.column(name))
            assert values.dtype == wanted.dtype
            assert np.array_equal(values, wanted), name
        assert got.column("note").to_pylist() == [f"{episode}: {at}" for at in range(rows)]
        frame = np.arange(rows)
        assert np.array_equal(to_array(got.column("timestamp")), (frame / shape.fps).astype(np.float32))
        assert got.column("frame_index").to_pylist() == list(frame)
        assert got.column("episode_index").to_pylist() == [episode] * rows
        assert got.column("index").to_pylist() == list(first + frame)
        assert got.column("task_index").to_pylist() == [(episode + 1) % 2] * rows
        first += rows
    assert errors(out) == []


@pytest.mark.parametrize("one_row_group", [False, True])
def test_images_in_parquet_keep_every_byte(tmp_path, one_row_group):
    shape = dataclasses.replace(IMAGES, one_row_group=one_row_group)
    out = converted(tmp_path / "in", shape)
    for episode, rows in enumerate(shape.lengths):
        for camera in CAMERAS:
            cells = table(out, episode).column(camera).to_pylist()
            assert [cell["bytes"] for cell in cells] == [encoded(picture(camera, episode, at)) for at in range(rows)]
            assert [cell["path"] for cell in cells] == [f"frame-{at:06d}.png" for at in range(rows)]


@pytest.mark.parametrize(
    ("codec", "fps", "key_every"),
    [("libx264", 30, 2), ("libx264", 7, 12), ("libx264", 30, 250), ("libsvtav1", 30, 2), ("libx265", 24, 2)],
    ids=str,
)
def test_frames_of_a_shared_video_go_to_their_episodes(tmp_path, codec, fps, key_every):
    shape = dataclasses.replace(
        VIDEO, codec=codec, fps=fps, key_every=key_every, lengths=(6, 3, 9, 2, 5, 1, 7), episodes_a_file=4
    )
    out = converted(tmp_path / "in", shape)
    for camera in CAMERAS:
        frames = [
            image
            for file in range(2)
            for image in decoded(tmp_path / f"in/videos/{camera}/chunk-000/file-00{file}.mp4")
        ]
        for episode, rows in enumerate(shape.lengths):
            for at, cell in enumerate(table(out, episode).column(camera).to_pylist()):
                assert cell["bytes"] == jpeg.encode(frames.pop(0), 60)
                assert what_it_shows(jpeg.decode(cell["bytes"])) == (episode, at)
            assert at == rows - 1
        assert frames == []
    assert errors(out) == []
    if hasattr(os, "sched_getscheduler"):  # what made the film would give all later tests real-time priority
        assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_the_meta_files_are_those_of_v21(tmp_path):
    out = converted(tmp_path / "in", VIDEO)
    info = json.loads((out / "meta/info.json").read_text())
    assert (info["codebase_version"], info["robot_type"], info["fps"]) == ("v2.1", "so101", 30)
    assert (info["total_episodes"], info["total_frames"], info["total_tasks"]) == (5, 25, 2)
    assert (info["total_videos"], info["total_chunks"], info["video_path"]) == (0, 1, None)
    assert not {"data_files_size_in_mb", "video_files_size_in_mb"} & set(info)
    assert info["features"][CAMERAS[0]] == {
        "dtype": "image",
        "shape": [32, 64, 3],
        "names": ["height", "width", "channels"],
    }
    assert lines(out, "tasks.jsonl") == [{"task_index": index, "task": task} for index, task in TASKS.items()]
    assert lines(out, "episodes.jsonl") == [
        {"episode_index": episode, "tasks": [TASKS[(episode + 1) % 2]], "length": rows}
        for episode, rows in enumerate(VIDEO.lengths)
    ]
    assert sorted(path.name for path in (out / "meta").iterdir()) == [
        "episodes.jsonl", "episodes_stats.jsonl", "info.json", "tasks.jsonl",
    ]  # fmt: skip
    assert not (out / "videos").exists()


@pytest.mark.parametrize("shape", [IMAGES, VIDEO], ids=["images", "video"])
def test_statistics_are_computed_anew_and_quantiles_left_behind(tmp_path, shape):
    out = converted(tmp_path / "in", shape)
    for episode, line in enumerate(lines(out, "episodes_stats.jsonl")):
        got = table(out, episode)
        columns = {name: to_array(got.column(name)) for name in (STATE, ACTION, SPEED, GRID)}
        cells = {camera: got.column(camera).to_pylist() for camera in CAMERAS}
        for name, wanted in episode_stats(columns, [(0, cells)]).items():
            assert line["stats"][name] == wanted
            assert set(wanted) == {"min", "max", "mean", "std", "count"}
        assert np.min(line["stats"][CAMERAS[0]]["std"]) > 0.05  # and not the 0 that the source says


def test_an_episode_is_longer_than_what_is_in_memory_at_once(tmp_path):
    shape = Shape(lengths=(230, 7), one_row_group=True)
    out = converted(tmp_path / "in", shape)
    file = pq.ParquetFile(out / "data/chunk-000/episode_000000.parquet")
    assert [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)] == [100, 100, 30]
    assert file.read().column(CAMERAS[1]).to_pylist()[229]["bytes"] == encoded(picture(CAMERAS[1], 0, 229))


def test_other_processes_do_the_same_and_refuse_in_the_same_words(tmp_path, monkeypatch):
    alone = converted(tmp_path / "in", VIDEO)
    alone = alone.rename(tmp_path / "alone")
    monkeypatch.setattr(convert_module, "_HEAVY", 1)
    together = converted(tmp_path / "in", VIDEO)
    files = [path.relative_to(alone) for path in sorted(alone.rglob("*")) if path.is_file()]
    assert len(files) == 9
    assert all((alone / name).read_bytes() == (together / name).read_bytes() for name in files)
    shutil.rmtree(together)
    change_rows(tmp_path / "in/data/chunk-000/file-001.parquet", frame_index=lambda values: [1, *values[1:]])
    refused(tmp_path / "in", "episode 3", "frame_index 0 in frame 0")


def test_the_command_names_the_new_folder_and_what_is_left_out(tmp_path, capsys):
    write_v30(tmp_path / "in", VIDEO)
    assert convert_dataset(tmp_path / "in", json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["out"] == str(tmp_path / "in_v21")
    assert (told["from"], told["to"], told["decoded"]) == ("v3.0", "v2.1", list(CAMERAS))
    assert "quantiles" in told["left_behind"][0]
    with pytest.raises(Refused, match="nothing there"):
        convert_dataset(tmp_path / "in")
    with pytest.raises(WrongUsage, match="--quality"):
        convert_dataset(tmp_path / "in", quality=0)


# What the rows say against what meta says.


@pytest.mark.parametrize(
    ("column", "change", "words"),
    [
        ("episode_index", lambda v: [2, *v[1:]], "rows of episode 2"),
        ("episode_index", lambda v: [9, *v[1:]], "rows of episode 0"),
        ("episode_index", lambda v: [None, *v[1:]], "1 nulls"),
        ("episode_index", None, "a column episode_index"),
        ("frame_index", lambda v: [*v[:7], 5, *v[8:]], "frame_index 1 in frame 1"),
        ("index", lambda v: [value + 1 for value in v], "index 0 in frame 0"),
        ("task_index", lambda v: [7, *v[1:]], "a task_index that meta/tasks knows"),
        ("timestamp", lambda v: [*v[:2], float("nan"), *v[3:]], "timestamp"),
        ("timestamp", lambda v: [0.0, 0.0, *v[2:]], "timestamp"),
        (STATE, lambda v: [[0.5] * 5, *v[1:]], "observation.state of shape (6,)"),
        (STATE, lambda v: [None, *v[1:]], "observation.state"),
        (STATE, lambda v: [[float("nan")] * 6, *v[1:]], "NaN"),
        (ACTION, None, "a column action"),
        (SPEED, lambda v: [int(value) for value in v], "speed in float"),
        (CAMERAS[0], lambda v: [{"bytes": None, "path": "a.png"}, *v[1:]], "the bytes of every image"),
        (CAMERAS[0], lambda v: [None, *v[1:]], "the bytes of every image"),
        (CAMERAS[0], lambda v: [{"bytes": b"no image", "path": ""}, *v[1:]], "images that decode"),
        (CAMERAS[0], lambda v: ["text"] * len(v), "struct<bytes, path>"),
    ],
)
def test_rows_that_are_not_what_meta_says_are_refused(tmp_path, column, change, words):
    write_v30(tmp_path / "in", IMAGES)
    if column in (STATE, SPEED) and change is not None:
        retyped = lambda values: pa.array(change(values), pa.list_(pa.float32()) if column == STATE else None)  # noqa: E731
        change_rows(tmp_path / "in/data/chunk-000/file-000.parquet", **{column: retyped})
    else:
        change_rows(tmp_path / "in/data/chunk-000/file-000.parquet", **{column: change})
    refused(tmp_path / "in", words)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("data/chunk-000/file-001.parquet", ("data/chunk-000/file-001.parquet", "no such file", "episode 3")),
        ("meta/episodes/chunk-000/file-000.parquet", ("meta/episodes", "5 episodes")),
        ("meta/tasks.parquet", ("meta/tasks.parquet", "no such file")),
        (f"videos/{CAMERAS[1]}/chunk-000/file-001.mp4", (CAMERAS[1], "episode 3", "no such file")),
    ],
)
def test_a_missing_file_is_named(tmp_path, name, words):
    write_v30(tmp_path / "in", VIDEO)
    (tmp_path / "in" / name).unlink()
    refused(tmp_path / "in", *words)


@pytest.mark.parametrize(
    "name", ["data/chunk-000/file-001.parquet", "meta/tasks.parquet", "meta/episodes/chunk-000/file-000.parquet"]
)
def test_a_cut_file_is_named(tmp_path, name):
    write_v30(tmp_path / "in", VIDEO)
    path = tmp_path / "in" / name
    path.write_bytes(path.read_bytes()[:200])
    refused(tmp_path / "in", name, "a parquet file")


def test_meta_that_counts_other_episodes_is_refused(tmp_path):
    write_v30(tmp_path / "in", VIDEO)
    info = json.loads((tmp_path / "in/meta/info.json").read_text())
    (tmp_path / "in/meta/info.json").write_text(json.dumps(info | {"total_episodes": 6}))
    refused(tmp_path / "in", "6 episodes", "none for episode 5")


def test_rows_of_an_episode_that_meta_lacks_are_refused(tmp_path):
    write_v30(tmp_path / "in", VIDEO)
    path = tmp_path / "in/meta/episodes/chunk-000/file-000.parquet"
    pq.write_table(pq.read_table(path).slice(0, 4), path)
    info = json.loads((tmp_path / "in/meta/info.json").read_text())
    (tmp_path / "in/meta/info.json").write_text(json.dumps(info | {"total_episodes": 4}))
    refused(tmp_path / "in", "episode 4 too")


@pytest.mark.parametrize("version", ["v1.6", "v3.1", "2.1", None])
def test_other_versions_are_refused_by_name(tmp_path, version):
    write_v30(tmp_path / "in", IMAGES)
    info = json.loads((tmp_path / "in/meta/info.json").read_text())
    (tmp_path / "in/meta/info.json").write_text(json.dumps(info | {"codebase_version": version}))
    refused(tmp_path / "in", "codebase_version v2.0, v2.1, v3.0", repr(version))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fps": 0}, "fps above zero"),
        ({"chunks_size": None}, "chunks_size above zero"),
        ({"features": {"observation.depth": {"dtype": "depth", "shape": [1]}}}, "observation.depth: depth"),
        ({"features": {"a": {"dtype": "video", "shape": [32, 64, 1]}}}, "three colours"),
        ({"features": {}}, "index columns"),
    ],
)
def test_an_info_that_lacks_what_is_needed_is_refused(tmp_path, change, words):
    write_v30(tmp_path / "in", IMAGES)
    info = json.loads((tmp_path / "in/meta/info.json").read_text())
    (tmp_path / "in/meta/info.json").write_text(json.dumps(info | change))
    refused(tmp_path / "in", "meta/info.json", words)


# Videos that are not what their episodes need.


def episodes(root: pathlib.Path, change) -> None:
    path = root / "meta/episodes/chunk-000/file-000.parquet"
    rows = pq.read_table(path).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows), path)


def test_a_video_that_ends_before_its_last_episode_is_refused(tmp_path):
    write_v30(tmp_path / "in", VIDEO)
    path = tmp_path / f"in/videos/{CAMERAS[0]}/chunk-000/file-000.mp4"
    write_video(path, [picture(CAMERAS[0], 0, at) for at in range(17)], 30)  # one frame less
    refused(tmp_path / "in", "episode 2", CAMERAS[0], "it ends with a frame at 0.5333 s")


def test_a_stretch_that_is_shorter_than_its_episode_is_refused(tmp_path):
    """Else its last frame would be the next episode's first: the file goes on."""
    write_v30(tmp_path / "in", VIDEO)
    key = f"videos/{CAMERAS[0]}/to_timestamp"
    episodes(tmp_path / "in", lambda rows: rows[1].update({key: rows[1][key] - 1 / 30}))
    refused(tmp_path / "in", "episode 1", "as long as the episode")


@pytest.mark.parametrize(("off", "wrong"), [(0.6, True), (1, True), (0.4, False)])
def test_a_stretch_that_is_longer_than_its_episode_is_refused(tmp_path, off, wrong):
    """There is no saying which of its frames are left over: its first may be another episode's."""
    write_v30(tmp_path / "in", VIDEO)
    key = f"videos/{CAMERAS[0]}/to_timestamp"
    episodes(tmp_path / "in", lambda rows: rows[2].update({key: rows[2][key] + off / 30}))
    if wrong:
        refused(tmp_path / "in", "episode 2", "as long as the episode")
    else:
        assert errors(converted(tmp_path / "in", VIDEO)) == []


@pytest.mark.parametrize("begin", [0, 1, 5])
def test_two_episodes_of_the_same_frames_are_refused(tmp_path, begin):
    write_v30(tmp_path / "in", VIDEO)
    from_, to = (f"videos/{CAMERAS[1]}/{end}_timestamp" for end in ("from", "to"))
    episodes(tmp_path / "in", lambda rows: rows[1].update({from_: begin / 30, to: (begin + 3) / 30}))
    refused(tmp_path / "in", f"videos/{CAMERAS[1]}/chunk-000/file-000.mp4", "frames of episode", "its own")


def test_a_bit_that_flipped_in_a_video_is_refused(tmp_path):
    """Its frames are all there, at their times: only the decoder says that one is not what was recorded."""
    write_v30(tmp_path / "in", VIDEO)
    path = tmp_path / f"in/videos/{CAMERAS[0]}/chunk-000/file-000.mp4"
    content = path.read_bytes()
    for at in range(content.index(b"mdat") + 4, content.index(b"moov"), 9):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with contextlib.suppress(av.FFmpegError), av.open(str(path)) as container:
            frames = list(container.decode(video=0))
            if len(frames) == 18 and any(frame.is_corrupt for frame in frames):
                break
    else:
        raise AssertionError("no bit of this video is one")
    refused(tmp_path / "in", "episode", "is corrupt")


def test_a_late_process_makes_no_folder_anew(tmp_path, monkeypatch):
    """The next run has removed what a killed one was writing to; a process of that may still be at work."""
    write_v30(tmp_path / "in", IMAGES)

    def too_late(function, items, **_):
        [hidden] = tmp_path.glob(".out.*.new")
        shutil.rmtree(hidden)
        return [function(item) for item in items]

    monkeypatch.setattr(convert_module.pool, "over", too_late)
    with pytest.raises(OSError, match="No such file"):
        converted(tmp_path / "in", IMAGES)
    assert [one.name for one in tmp_path.iterdir()] == ["in"]


def test_how_far_it_is_is_told_within_one_episode(tmp_path, monkeypatch):
    shape = dataclasses.replace(IMAGES, lengths=(230,))
    told = []

    class Told(convert_module.Progress):
        def __call__(self, done, total):
            told.append((done, total))

    def when_told(rows, *args):
        for done in write(rows, *args):
            yield done
            until = time.monotonic() + 60
            while (done, 230) not in told and time.monotonic() < until:
                time.sleep(0.01)

    write = episode_module._write  # noqa: SLF001
    monkeypatch.setattr(convert_module, "Progress", Told)
    monkeypatch.setattr(episode_module, "_write", when_told)
    converted(tmp_path / "in", shape)
    assert {(100, 230), (200, 230)} <= set(told)


@pytest.mark.parametrize("off", [0.5, -0.5, 0.3])
def test_a_stretch_between_two_frames_is_refused(tmp_path, off):
    write_v30(tmp_path / "in", VIDEO)
    keys = [f"videos/{CAMERAS[0]}/{end}_timestamp" for end in ("from", "to")]
    episodes(tmp_path / "in", lambda rows: rows[1].update({key: rows[1][key] + off / 30 for key in keys}))
    refused(tmp_path / "in", "episode 1", "and none at")


@pytest.mark.parametrize("off", [0.2, -0.2])
def test_a_stretch_that_is_a_little_off_still_means_its_own_frames(tmp_path, off):
    """What adding up durations does in long files; the wrong frame would be a whole one away."""
    write_v30(tmp_path / "in", VIDEO)
    keys = [f"videos/{camera}/{end}_timestamp" for camera in CAMERAS for end in ("from", "to")]
    episodes(tmp_path / "in", lambda rows: [row.update({key: row[key] + off / 30 for key in keys}) for row in rows[1:]])
    out = converted(tmp_path / "in", VIDEO)
    for episode, rows in enumerate(VIDEO.lengths):
        shown = [
            what_it_shows(jpeg.decode(cell["bytes"])) for cell in table(out, episode).column(CAMERAS[0]).to_pylist()
        ]
        assert shown == [(episode, at) for at in range(rows)]


def test_a_video_with_a_missing_frame_is_refused(tmp_path):
    write_v30(tmp_path / "in", VIDEO)
    path = tmp_path / f"in/videos/{CAMERAS[0]}/chunk-000/file-000.mp4"
    write_video(path, [picture(CAMERAS[0], 0, at) for at in range(9)], 30, every=2)
    refused(tmp_path / "in", "episode 0", "and none at 0.0333 s")


def test_a_stretch_that_begins_before_its_video_is_refused(tmp_path):
    write_v30(tmp_path / "in", VIDEO)
    keys = [f"videos/{CAMERAS[0]}/{end}_timestamp" for end in ("from", "to")]
    episodes(tmp_path / "in", lambda rows: rows[0].update({key: rows[0][key] - 1 / 30 for key in keys}))
    refused(tmp_path / "in", "episode 0", "it begins with a frame at 0.0000 s")


def test_a_video_of_more_frames_a_second_gives_those_at_the_rows_times(tmp_path):
    """As LeRobot does, which goes by time and not by number."""
    write_v30(tmp_path / "in", VIDEO)
    for camera in CAMERAS:
        for file, group in enumerate(((0, 1, 2), (3, 4))):
            shown = [(episode, at) for episode in group for at in range(VIDEO.lengths[episode])]
            twice = [picture(camera, *one) for one in shown for _ in range(2)]
            twice[1::2] = [255 - image for image in twice[1::2]]
            write_video(tmp_path / f"in/videos/{camera}/chunk-000/file-00{file}.mp4", twice, 60)
    out = converted(tmp_path / "in", VIDEO)
    for episode, rows in enumerate(VIDEO.lengths):
        shown = [
            what_it_shows(jpeg.decode(cell["bytes"])) for cell in table(out, episode).column(CAMERAS[0]).to_pylist()
        ]
        assert shown == [(episode, at) for at in range(rows)]


def test_frames_of_another_size_are_refused(tmp_path):
    write_v30(tmp_path / "in", VIDEO)
    path = tmp_path / f"in/videos/{CAMERAS[0]}/chunk-000/file-000.mp4"
    write_video(path, [picture(CAMERAS[0], 0, at)[:, :48] for at in range(18)], 30)
    refused(tmp_path / "in", "episode 0", "32x64 pixels", "32x48")


def test_a_file_that_is_no_video_is_refused(tmp_path):
    write_v30(tmp_path / "in", VIDEO)
    (tmp_path / f"in/videos/{CAMERAS[0]}/chunk-000/file-000.mp4").write_bytes(b"not a video at all" * 50)
    refused(tmp_path / "in", "episode 0", "does not decode")


# v2.0 and v2.1.


def old_dataset(root: pathlib.Path, version: str, *, video: bool = True) -> None:
    """A v2.x dataset: made of a v3.0 one with a file an episode, by hand and not by what is tested."""
    shape = dataclasses.replace(VIDEO if video else IMAGES, episodes_a_file=1)
    source = root.with_name("source")
    write_v30(source, shape)
    info = json.loads((source / "meta/info.json").read_text())
    info |= {
        "codebase_version": version,
        "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "video_path": "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4" if video else None,
    }
    (root / "meta").mkdir(parents=True)
    (root / "data/chunk-000").mkdir(parents=True)
    for episode in range(len(shape.lengths)):
        shutil.copy(
            source / f"data/chunk-000/file-{episode:03d}.parquet",
            root / f"data/chunk-000/episode_{episode:06d}.parquet",
        )
        for camera in CAMERAS if video else ():
            (root / "videos/chunk-000" / camera).mkdir(parents=True, exist_ok=True)
            target = root / "videos/chunk-000" / camera / f"episode_{episode:06d}.mp4"
            shutil.copy(source / f"videos/{camera}/chunk-000/file-{episode:03d}.mp4", target)
    told = [{"episode_index": e, "tasks": [TASKS[(e + 1) % 2]], "length": n} for e, n in enumerate(shape.lengths)]
    tasks = [{"task_index": index, "task": task} for index, task in TASKS.items()]
    for name, some in (("episodes", told), ("tasks", tasks)):
        (root / f"meta/{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in some))
    (root / "meta/info.json").write_text(json.dumps(info))
    (root / "meta/stats.json").write_text("{}")
    shutil.rmtree(source)


@pytest.mark.parametrize("version", ["v2.0", "v2.1"])
def test_videos_of_an_old_dataset_become_images(tmp_path, version):
    old_dataset(tmp_path / "in", version)
    out = converted(tmp_path / "in", VIDEO, images=True)
    for episode, rows in enumerate(VIDEO.lengths):
        for camera in CAMERAS:
            frames = decoded(tmp_path / f"in/videos/chunk-000/{camera}/episode_{episode:06d}.mp4")
            cells = table(out, episode).column(camera).to_pylist()
            assert [cell["bytes"] for cell in cells] == [jpeg.encode(frame, 60) for frame in frames]
            assert len(cells) == rows
    assert errors(out) == []


def test_a_v20_dataset_keeps_its_videos_and_gets_statistics(tmp_path):
    old_dataset(tmp_path / "in", "v2.0")
    out = converted(tmp_path / "in", VIDEO)
    for path in sorted((tmp_path / "in/videos").rglob("*.mp4")):
        assert (out / path.relative_to(tmp_path / "in")).read_bytes() == path.read_bytes()
    frames = decoded(tmp_path / f"in/videos/chunk-000/{CAMERAS[0]}/episode_000002.mp4")
    stats = lines(out, "episodes_stats.jsonl")[2]["stats"][CAMERAS[0]]
    wanted = np.mean(frames, axis=(0, 1, 2)) / 255
    assert np.allclose(np.ravel(stats["mean"]), wanted)
    assert stats["count"] == [9]
    info = json.loads((out / "meta/info.json").read_text())
    assert info["features"][CAMERAS[0]]["info"]["video.fps"] == 30
    assert info["total_videos"] == 10
    assert errors(out) == []


def test_a_v20_dataset_with_images_keeps_their_bytes(tmp_path):
    old_dataset(tmp_path / "in", "v2.0", video=False)
    out = converted(tmp_path / "in", IMAGES)
    for episode in range(5):
        assert (
            table(out, episode).column(CAMERAS[0]).to_pylist()
            == table(tmp_path / "in", episode).column(CAMERAS[0]).to_pylist()
        )
    assert errors(out) == []


def test_a_v21_dataset_without_videos_has_nothing_to_convert(tmp_path):
    old_dataset(tmp_path / "in", "v2.1", video=False)
    with pytest.raises(Refused, match="something to convert"):
        read_plan(tmp_path / "in", images=True)


def test_an_old_dataset_with_a_missing_video_or_file_is_refused(tmp_path):
    old_dataset(tmp_path / "in", "v2.0")
    video = tmp_path / f"in/videos/chunk-000/{CAMERAS[0]}/episode_000003.mp4"
    video.rename(tmp_path / "aside.mp4")
    refused(tmp_path / "in", "episode_000003.mp4", "no such file")
    (tmp_path / "aside.mp4").rename(video)
    (tmp_path / "in/data/chunk-000/episode_000003.parquet").unlink()
    refused(tmp_path / "in", "episode_000003.parquet", "no such file")


def test_an_old_dataset_whose_lengths_are_wrong_is_refused(tmp_path):
    old_dataset(tmp_path / "in", "v2.0", video=False)
    path = tmp_path / "in/meta/episodes.jsonl"
    path.write_text(path.read_text().replace('"length": 9', '"length": 10'))
    refused(tmp_path / "in", "episode 2", "10 rows from row 0 on", "9 rows in the file")
    path.write_text(path.read_text().replace('"length": 10', '"length": 8'))
    refused(tmp_path / "in", "episode 2", "8 rows", "9 rows in the file")


def test_the_videos_here_have_what_makes_seeking_hard(tmp_path):
    """B-frames: the order of decoding is not that of showing."""
    write_v30(tmp_path / "in", dataclasses.replace(VIDEO, key_every=12))
    with av.open(str(tmp_path / f"in/videos/{CAMERAS[0]}/chunk-000/file-000.mp4")) as container:
        order = [packet.pts for packet in container.demux(video=0) if packet.pts is not None]
    assert order != sorted(order)


def test_a_v30_dataset_is_read_as_one_by_nobody_else(tmp_path):
    write_v30(tmp_path / "in", IMAGES)
    assert read_dataset(tmp_path / "in").tasks.problem == "missing"


def test_what_the_format_does_not_know_is_carried_over(tmp_path, capsys, monkeypatch):
    # Of a disk that takes its time it would be told how far it is.
    monkeypatch.setattr(progress, "time", types.SimpleNamespace(monotonic=lambda: 0.0))
    root = tmp_path / "in"
    old_dataset(root, "v2.0")
    for name in ("episodes.jsonl", "tasks.jsonl"):
        text = (root / "meta" / name).read_text()
        (root / "meta" / name).write_text(text.replace("{", '{"operator": "Ada", '))
    path = root / "meta/episodes.jsonl"
    path.write_text(path.read_text().replace(TASKS[0], "another text"))
    (root / "meta/calibration.json").write_text("{}")
    (root / "meta/stats.json").write_text("{}")
    convert_dataset(root, out=tmp_path / "out")
    out = tmp_path / "out"
    assert (out / "meta/calibration.json").read_text() == "{}"
    assert not (out / "meta/stats.json").exists()
    for name in ("episodes.jsonl", "tasks.jsonl"):
        assert all(line["operator"] == "Ada" for line in lines(out, name))
    assert all(set(line["tasks"]) <= set(TASKS.values()) for line in lines(out, "episodes.jsonl"))
    assert [line["length"] for line in lines(out, "episodes.jsonl")] == list(VIDEO.lengths)
    assert capsys.readouterr().err == ""
