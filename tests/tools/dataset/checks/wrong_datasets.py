"""Each way to spoil the small dataset, with the checks that must find it: errors, and then all the rest."""

import json
import math
import pathlib
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.tools.dataset.checks.made_dataset import CAMERA
from tests.tools.dataset.checks.made_dataset import TASK
from tests.tools.dataset.checks.made_dataset import column
from tests.tools.dataset.checks.made_dataset import feature
from tests.tools.dataset.checks.made_dataset import file_of
from tests.tools.dataset.checks.made_dataset import info
from tests.tools.dataset.checks.made_dataset import line
from tests.tools.dataset.checks.made_dataset import lines
from tests.tools.dataset.checks.made_dataset import read_info
from tests.tools.dataset.checks.made_dataset import read_lines
from tests.tools.dataset.checks.made_dataset import table
from tests.tools.dataset.checks.made_dataset import tables
from tests.tools.dataset.checks.made_dataset import text
from tests.tools.dataset.checks.made_dataset import write_info

HUGGINGFACE = b"huggingface"


def gone(name: str):
    return lambda root: (root / name).unlink()


def added(name: str, content: bytes = b"x"):
    return lambda root: (root / name).write_bytes(content)


def copied(source: int, name: str):
    return lambda root: shutil.copy(file_of(root, source), root / name)


def moved(episode: int, name: str):
    def change(root: pathlib.Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        file_of(root, episode).rename(root / name)

    return change


def padded(root: pathlib.Path) -> None:
    """Names without zero padding, and a template that says so: twelve episodes sort as 0, 1, 10, 11, 2."""
    old = pq.read_table(file_of(root, 0))
    rows = len(old)
    for episode in range(12):
        new = old.set_column(old.schema.get_field_index("episode_index"), "episode_index", [[episode] * rows])
        new = new.set_column(
            new.schema.get_field_index("index"), "index", [list(range(episode * rows, (episode + 1) * rows))]
        )
        pq.write_table(new, root / f"data/chunk-000/episode_{episode}.parquet")
    for episode in range(3):
        file_of(root, episode).unlink()
    stats = read_lines(root, "episodes_stats")[0]
    lines(root, "episodes", [{"episode_index": n, "length": rows, "tasks": [TASK]} for n in range(12)])
    lines(root, "episodes_stats", [stats | {"episode_index": n} for n in range(12)])
    info(
        total_episodes=12,
        total_frames=12 * rows,
        splits={"train": "0:12"},
        data_path="data/chunk-{episode_chunk:03d}/episode_{episode_index}.parquet",
    )(root)


def stats(episode: int, name: str, **changes):
    def change(root: pathlib.Path) -> None:
        objects = read_lines(root, "episodes_stats")
        one = objects[episode]["stats"].get(name, {}) | changes
        objects[episode]["stats"][name] = {key: value for key, value in one.items() if value is not ...}
        lines(root, "episodes_stats", objects)

    return change


def metadata(edit):
    """A change to the features in the schema metadata, as a dict."""

    def change(table: pa.Table) -> pa.Table:
        said = json.loads(table.schema.metadata[HUGGINGFACE])
        edit(said["info"]["features"])
        return table.replace_schema_metadata({HUGGINGFACE: json.dumps(said)})

    return change


def field(name: str, new: pa.Field):
    def change(table: pa.Table) -> pa.Table:
        at = table.schema.get_field_index(name)
        cells = table.column(name).to_pylist()
        if pa.types.is_struct(new.type):
            names = [child.name for child in new.type]
            array = pa.StructArray.from_arrays(
                [pa.array([cell.get(one) for cell in cells], new.type.field(one).type) for one in names],
                fields=[new.type.field(one) for one in names],
            )
        else:
            array = pa.array([cell["bytes"] for cell in cells], new.type)
        return table.set_column(at, new, array)

    return change


def image_struct(*names: str, **kinds: pa.DataType) -> pa.DataType:
    usual = {"bytes": pa.binary(), "path": pa.string()}
    return pa.struct([pa.field(name, kinds.get(name, usual.get(name, pa.string()))) for name in names])


def long_list(kind: pa.DataType | None = None) -> pa.DataType:
    return pa.list_(kind or pa.float32())


def without_metadata(table: pa.Table) -> pa.Table:
    return table.replace_schema_metadata(None)


def truncated(root: pathlib.Path) -> None:
    path = file_of(root, 1)
    path.write_bytes(path.read_bytes()[:-200])


def long_episode(root: pathlib.Path) -> None:
    """One episode of 1,100 s at 1 frame in 100 ms is too long for float32 only beyond 2,048 s: 10 Hz, 21,000 frames."""
    count = 21_000
    old = pq.read_table(file_of(root, 2))
    take = old.take(np.zeros(count, np.int64))
    new = {
        "timestamp": (np.arange(count) / 10).astype(np.float32),
        "frame_index": np.arange(count),
        "index": np.arange(9, 9 + count),
    }
    for name, values in new.items():
        take = take.set_column(take.schema.get_field_index(name), name, pa.array(values))
    pq.write_table(take, file_of(root, 2))
    line("episodes", 2, length=count)(root)
    info(total_frames=9 + count)(root)


def merged_without_renumbering(root: pathlib.Path) -> None:
    table(1, column("episode_index", lambda old: [0] * len(old)))(root)


def _with_feature(root: pathlib.Path, value) -> dict:
    old = read_info(root)
    return old | {"features": old["features"] | {"more": value}}


def _without_features(root: pathlib.Path, *names: str) -> dict:
    old = read_info(root)
    return old | {"features": {name: one for name, one in old["features"].items() if name not in names}}


def _renamed(root: pathlib.Path, name: str, new: str) -> None:
    old = read_info(root)
    write_info(root, old | {"features": {new if n == name else n: one for n, one in old["features"].items()}})


def _windows(root: pathlib.Path) -> None:
    for path in (root / "meta").glob("*.jsonl"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


ERRORS = {
    # meta/
    "info missing": (gone("meta/info.json"), {"info-readable"}),
    "info not JSON": (text("info.json", lambda t: t[:-5]), {"info-readable"}),
    "info with a BOM": (text("info.json", lambda t: "\ufeff" + t), {"info-readable"}),
    "info a list": (text("info.json", lambda t: f"[{t}]"), {"info-readable"}),
    "info not UTF-8": (added("meta/info.json", b'{"fps": "\xff"}'), {"info-readable"}),
    "tasks missing": (gone("meta/tasks.jsonl"), {"meta-there", "tasks-known"}),
    "episodes missing": (gone("meta/episodes.jsonl"), {"meta-there"}),
    "stats missing": (gone("meta/episodes_stats.jsonl"), {"meta-there"}),
    "no version": (info(codebase_version=...), {"version"}),
    "version a number": (info(codebase_version=2.1), {"version"}),
    "version nonsense": (info(codebase_version="newest"), {"version"}),
    "version 1.6": (info(codebase_version="v1.6"), {"version"}),
    "version 3.0": (info(codebase_version="v3.0"), {"version-3-0"}),
    "no fps": (info(fps=...), {"info-needed"}),
    "fps 0": (info(fps=0), {"info-needed"}),
    "fps text": (info(fps="10"), {"info-needed"}),
    "fps infinite": (info(fps=math.inf), {"info-needed"}),
    "fps NaN": (info(fps=math.nan), {"info-needed"}),
    "fps null": (info(fps=None), {"info-needed"}),
    "fps wrong": (info(fps=20), {"timestamps"}),
    "fps negative": (info(fps=-10), {"info-needed"}),
    "no chunks_size": (info(chunks_size=...), {"info-needed"}),
    "chunks_size 0": (info(chunks_size=0), {"info-needed"}),
    "chunks_size text": (info(chunks_size="1000"), {"info-needed"}),
    "chunks_size 2": (info(chunks_size=2), {"episode-files", "stray-files", "episodes-listed"}),
    "no total_episodes": (info(total_episodes=...), {"info-needed"}),
    "total_episodes text": (info(total_episodes="3"), {"info-needed"}),
    "total_episodes too large": (info(total_episodes=4), {"episode-files"}),
    "total_episodes enormous": (info(total_episodes=10**15), {"episode-files"}),
    "no data_path": (info(data_path=...), {"info-needed"}),
    "data_path null": (info(data_path=None), {"info-needed"}),
    "chunk_index": (
        info(data_path="data/chunk-{chunk_index:03d}/episode_{episode_index:06d}.parquet"), {"data-path"},
    ),
    "v3 data_path": (info(data_path="data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"), {"data-path"}),
    "data_path subscript": (info(data_path="data/{episode_index[0]}.parquet"), {"data-path"}),
    "data_path brace": (info(data_path="data/{episode_index.parquet"), {"data-path"}),
    "data_path elsewhere": (
        info(data_path="date/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"),
        {"data-path", "episode-files", "stray-files", "episodes-listed"},
    ),
    "no features": (info(features=...), {"features-formed"}),
    "features empty": (info(features={}), {"features-formed"}),
    "features a list": (info(features=[]), {"features-formed"}),
    "a feature null": (lambda root: write_info(root, _with_feature(root, None)), {"features-formed"}),
    "no shape": (feature("action", shape=...), {"features-formed"}),
    "shape a number": (feature("action", shape=6), {"features-formed"}),
    "shape null": (feature("action", shape=None), {"features-formed"}),
    "no dtype": (feature("action", dtype=...), {"features-formed"}),
    "no action declared": (lambda root: _renamed(root, "action", "act"), {"action-there", "feature-columns"}),
    "blank line in tasks": (text("tasks.jsonl", lambda t: t + "\n"), {"json-lines"}),
    "blank line in episodes": (text("episodes.jsonl", lambda t: t.replace("\n", "\n\n", 1)), {"json-lines"}),
    "blanks at the end": (text("episodes.jsonl", lambda t: t + "  "), {"json-lines"}),
    "torn line in episodes": (
        text("episodes.jsonl", lambda t: t[:-20]), {"json-lines", "episodes-listed"},
    ),
    "torn line in stats": (text("episodes_stats.jsonl", lambda t: t[:-20]), {"json-lines"}),
    "two objects on a line": (
        text("episodes.jsonl", lambda t: t.replace("\n", "", 1)), {"json-lines", "episodes-listed"},
    ),
    "null on a line": (text("tasks.jsonl", lambda t: t + "null\n"), {"json-lines"}),
    "a list on a line": (text("tasks.jsonl", lambda t: t + "[]\n"), {"json-lines"}),
    "no task_index": (line("tasks", 0, task_index=...), {"tasks-formed", "tasks-known"}),
    "task_index text": (line("tasks", 0, task_index="0"), {"tasks-formed", "tasks-known"}),
    "no task": (line("tasks", 0, task=...), {"tasks-formed"}),
    "task a list": (line("tasks", 0, task=["a"]), {"tasks-formed"}),
    "task null": (line("tasks", 0, task=None), {"task-texts"}),
    "a task twice": (
        text("tasks.jsonl", lambda t: t + '{"task_index": 0, "task": "Put it down."}\n'), {"tasks-once"},
    ),
    "tasks empty": (text("tasks.jsonl", lambda t: ""), {"tasks-known"}),
    "task unknown": (table(1, column("task_index", lambda old: [*old[:-1], 7])), {"tasks-known"}),
    "no episode_index": (line("episodes", 1, episode_index=...), {"episodes-formed", "episodes-listed"}),
    "episode_index text": (line("episodes", 1, episode_index="1"), {"episodes-formed", "episodes-listed"}),
    "no length": (line("episodes", 1, length=...), {"episodes-formed"}),
    "length text": (line("episodes", 1, length="4"), {"episodes-formed"}),
    "length half": (line("episodes", 1, length=4.5), {"episodes-formed"}),
    "length null": (line("episodes", 1, length=None), {"episodes-formed"}),
    "length too long": (line("episodes", 1, length=5), {"lengths"}),
    "length too short": (line("episodes", 0, length=4), {"lengths"}),
    "last length too long": (line("episodes", 2, length=8), {"last-length"}),
    "last length too short": (line("episodes", 2, length=3), {"last-length"}),
    "last length 0": (line("episodes", 2, length=0), {"last-length"}),
    "an episode not listed": (text("episodes.jsonl", lambda t: t.partition("\n")[2]), {"episodes-listed"}),
    "last episode not listed": (
        lambda root: lines(root, "episodes", read_lines(root, "episodes")[:2]), {"episodes-listed"},
    ),
    "an episode too many": (
        text("episodes.jsonl", lambda t: t + '{"episode_index": 3, "length": 4, "tasks": []}\n'), {"episodes-listed"},
    ),
    "no episodes": (text("episodes.jsonl", lambda t: ""), {"episodes-listed"}),
    "no stats key": (line("episodes_stats", 0, stats=...), {"stats-formed"}),
    "stats a list": (line("episodes_stats", 0, stats=[1]), {"stats-formed"}),
    "stats without episode": (line("episodes_stats", 0, episode_index=...), {"stats-formed"}),
    "count a scalar": (stats(0, "action", count=5), {"stats-formed"}),
    "count of each dimension": (stats(0, "action", count=[5] * 6), {"stats-formed"}),
    "no count": (stats(0, "action", count=...), {"stats-formed"}),
    "no mean": (stats(0, "action", mean=...), {"stats-formed"}),
    "mean a scalar": (stats(0, "action", mean=0.5), {"stats-formed"}),
    "mean null": (stats(0, "action", mean=None), {"stats-formed"}),
    "a null in mean": (stats(0, "action", mean=[None, 1, 1, 1, 1, 1]), {"stats-formed"}),
    "text in std": (stats(0, "action", std=["a", 1, 1, 1, 1, 1]), {"stats-formed"}),
    "ragged mean": (stats(0, "action", mean=[[1], [1, 2]]), {"stats-formed"}),
    "mean of another size": (stats(1, "action", mean=[1, 2, 3]), {"stats-formed"}),
    "min of another size": (stats(1, "action", min=[1, 2, 3]), {"stats-formed"}),
    "std of another size": (stats(0, "action", std=[1, 2, 3]), {"stats-formed"}),
    "a feature's stats a number": (line("episodes_stats", 0, stats={"action": 5}), {"stats-formed"}),
    "stats of a name with a slash": (
        stats(0, "a/b", min=[1], max=[1], mean=[1], std=[1], count=[5]), {"stats-formed"},
    ),
    "image stats flat": (
        stats(0, CAMERA, min=[0, 0, 0], max=[1, 1, 1], mean=[0, 0, 0], std=[0, 0, 0], count=[5]), {"stats-formed"},
    ),
    # data/
    "a text in data": (added("data/notes.txt"), {"stray-files"}),
    "a picture in data": (added("data/chunk-000/a.jpg"), {"stray-files"}),
    "a temporary file in data": (added("data/chunk-000/episode_000003.parquet.tmp"), {"stray-files"}),
    "a backup in data": (copied(0, "data/chunk-000/episode_000000.bak.parquet"), {"stray-files"}),
    "a copy in data": (copied(2, "data/chunk-000/episode_000002 (1).parquet"), {"stray-files"}),
    "an episode too many in data": (copied(2, "data/chunk-000/episode_000003.parquet"), {
        "episodes-listed", "episode-index-column"}),
    "a file called test": (
        lambda root: [
            moved(1, "data/chunk-000/test-episode_000001.parquet")(root),
            info(data_path="data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet")(root),
        ],
        {"split-names", "stray-files", "episode-files", "episodes-listed"},
    ),
    "a folder called eval": (
        lambda root: [
            (root / "data/chunk-000").rename(root / "data/eval-000"),
            info(data_path="data/eval-{episode_chunk:03d}/episode_{episode_index:06d}.parquet")(root),
        ],
        {"split-names"},
    ),
    "first file missing": (
        lambda root: file_of(root, 0).unlink(), {"episode-files", "episodes-listed"},
    ),
    "middle file missing": (
        lambda root: file_of(root, 1).unlink(), {"episode-files", "episodes-listed"},
    ),
    "last file missing": (lambda root: file_of(root, 2).unlink(), {"episode-files", "episodes-listed"}),
    "a gap in the numbers": (
        moved(2, "data/chunk-000/episode_000003.parquet"), {"episode-files", "episode-index-column"},
    ),
    "no data": (lambda root: shutil.rmtree(root / "data"), {"episode-files", "episodes-listed"}),
    "no zero padding": (padded, {"file-order"}),
    "wrong padding": (
        moved(1, "data/chunk-000/episode_1.parquet"), {"episode-files", "stray-files", "episodes-listed"},
    ),
    "an empty file": (lambda root: file_of(root, 1).write_bytes(b""), {"data-readable"}),
    "a cut file": (truncated, {"data-readable"}),
    "not parquet": (lambda root: file_of(root, 0).write_bytes(b"hello" * 100), {"data-readable"}),
    "a file without rows": (
        lambda root: [
            table(1, lambda old: old.slice(0, 0))(root),
            line("episodes", 1, length=0)(root),
        ],
        {"episodes-not-empty"},
    ),
    # schema
    "no metadata": (tables(without_metadata), {"schema-metadata"}),
    "no metadata in the first": (table(0, without_metadata), {"schema-metadata"}),
    "metadata not JSON": (
        table(0, lambda old: old.replace_schema_metadata({HUGGINGFACE: b"{"})), {"schema-metadata"},
    ),
    "List of datasets 4": (
        tables(metadata(lambda one: one["action"].update(_type="List"))), {"schema-metadata"},
    ),
    "camera not in the metadata": (tables(metadata(lambda one: one.pop(CAMERA))), {"camera-columns"}),
    "camera a Value in the metadata": (
        tables(metadata(lambda one: one.update({CAMERA: {"_type": "Value", "dtype": "binary"}}))), {"camera-columns"},
    ),
    "struct order": (tables(field(CAMERA, pa.field(CAMERA, image_struct("path", "bytes")))), {"camera-columns"}),
    "struct not nullable": (
        tables(field(CAMERA, pa.field(CAMERA, image_struct("bytes", "path"), nullable=False))), {"camera-columns"},
    ),
    "struct with large types": (
        tables(field(CAMERA, pa.field(CAMERA, image_struct("bytes", "path", bytes=pa.large_binary())))),
        {"camera-columns"},
    ),
    "struct with another child": (
        tables(field(CAMERA, pa.field(CAMERA, image_struct("bytes", "path", "more")))), {"camera-columns"},
    ),
    "struct without path": (tables(field(CAMERA, pa.field(CAMERA, image_struct("bytes")))), {"camera-columns"}),
    "camera plain bytes": (tables(field(CAMERA, pa.field(CAMERA, pa.binary()))), {"camera-columns"}),
    "a column more in a later file": (
        table(1, lambda old: old.append_column("more", [[1.0] * len(old)])), {"same-columns"},
    ),
    "a column of another kind in a later file": (
        table(1, column("action", lambda old: [["a"] * 6 for _ in old], long_list(pa.string()))),
        {"same-columns", "column-kinds"},
    ),
    **{
        f"no {name}": (tables(lambda old, name=name: old.drop_columns([name])), {"needed-columns"})
        for name in ("timestamp", "episode_index", "task_index", "action")
    },
    "no state": (tables(lambda old: old.drop_columns(["observation.state"])), {"feature-columns"}),
    "no camera": (tables(lambda old: old.drop_columns([CAMERA])), {"feature-columns"}),
    "no state in a later file": (table(1, lambda old: old.drop_columns(["observation.state"])), {"feature-columns"}),
    "text for numbers": (
        tables(column("observation.state", lambda old: ["a"] * len(old), pa.string())), {"column-kinds"},
    ),
    "8 dimensions": (tables(column("action", lambda old: [[*one, 0, 0] for one in old], long_list())), {"column-shapes"}),
    "8 dimensions in a later file": (
        table(1, column("action", lambda old: [[*one, 0, 0] for one in old], pa.list_(pa.float32(), 8))),
        {"column-shapes"},
    ),
    "lists of several lengths": (
        tables(column("action", lambda old: [old[0][:5], *old[1:]], long_list())), {"column-shapes"},
    ),
    "declared shape wrong": (feature("observation.state", shape=[7]), {"column-shapes"}),
    "a null row of actions": (
        tables(column("action", lambda old: [*old[:-1], None], long_list())), {"no-nulls"},
    ),
    "a null row of a fixed list": (table(1, column("action", lambda old: [old[0], None, *old[2:]])), {"no-nulls"}),
    "a null number": (table(1, column("action", lambda old: [[None, *old[0][1:]], *old[1:]])), {"no-nulls"}),
    "a null state": (
        tables(column("observation.state", lambda old: [None, *old[1:]], long_list())), {"no-nulls"},
    ),
    "a null timestamp": (table(1, column("timestamp", lambda old: [*old[:-1], None])), {"no-nulls"}),
    "a null task": (table(1, column("task_index", lambda old: [*old[:-1], None])), {"no-nulls"}),
    "timestamps in lists": (
        tables(column("timestamp", lambda old: [[one] for one in old], long_list())), {"plain-indices", "column-shapes"},
    ),
    "episode_index in floats": (tables(column("episode_index", kind=pa.float32())), {"plain-indices"}),
    # time
    "timestamps by the clock": (
        tables(column("timestamp", lambda old: [1.7e9 + one for one in old], pa.float64())), {"timestamps"},
    ),
    "a frame dropped": (table(0, column("timestamp", lambda old: [*old[:-1], old[-1] + 0.1])), {"timestamps"}),
    "time jitters": (table(0, column("timestamp", lambda old: [old[0], old[1] + 0.0005, *old[2:]])), {"timestamps"}),
    "time backwards": (table(0, column("timestamp", lambda old: old[::-1])), {"timestamps"}),
    "time stands still": (table(0, column("timestamp", lambda old: [0.0] * len(old))), {"timestamps"}),
    "time NaN": (table(0, column("timestamp", lambda old: [*old[:-1], math.nan])), {"timestamps"}),
    "time in milliseconds": (tables(column("timestamp", lambda old: [one * 1000 for one in old])), {"timestamps"}),
    "too long for float32": (long_episode, {"timestamps"}),
    # indices
    "episode_index out of range": (
        table(2, column("episode_index", lambda old: [9] * len(old))), {"episode-index-column"},
    ),
    "episode_index of another": (merged_without_renumbering, {"episode-index-column"}),
    "episode_index in one frame": (
        table(2, column("episode_index", lambda old: [*old[:-1], 0])), {"episode-index-column"},
    ),
    # images
    "a cell without bytes": (
        table(1, column(CAMERA, lambda old: [old[0], {"bytes": None, "path": "a.jpg"}, *old[2:]])), {"images-embedded"},
    ),
    "a cell without both": (
        table(1, column(CAMERA, lambda old: [{"bytes": None, "path": None}, *old[1:]])), {"images-embedded"},
    ),
    "a null cell": (table(1, column(CAMERA, lambda old: [*old[:-1], None])), {"images-embedded"}),
    # videos
    "no video": (feature("observation.images.top", dtype="video", shape=[3, 24, 32]), {"video-files"}),
    "no video file": (
        lambda root: [
            feature("observation.images.top", dtype="video", shape=[3, 24, 32], names=["c", "h", "w"])(root),
            info(video_path="videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4")(root),
        ],
        {"video-files"},
    ),
}  # fmt: skip

# What LeRobot opens and reads rightly: a warning or a note, or nothing to say.
OTHERS = {
    "in order": (lambda root: None, set()),
    "version 2.0": (info(codebase_version="v2.0"), {"version-2-0"}),
    "version 2.0 without stats": (
        lambda root: [info(codebase_version="v2.0")(root), gone("meta/episodes_stats.jsonl")(root)], {"version-2-0"},
    ),
    "version without v": (info(codebase_version="2.1"), set()),
    "fps in floats": (info(fps=10.0), set()),
    "total_episodes too small": (info(total_episodes=2), {"totals"}),
    "total_episodes 0": (info(total_episodes=0), {"totals"}),
    "total_frames wrong": (info(total_frames=1), {"totals"}),
    "total_frames text": (info(total_frames="15"), {"totals"}),
    "no total_frames": (info(total_frames=...), {"totals"}),
    "total_tasks wrong": (info(total_tasks=5), {"totals"}),
    "total_chunks wrong": (info(total_chunks=5), {"totals"}),
    "total_videos wrong": (info(total_videos=5), {"totals"}),
    "totals of LeRobot": (info(total_chunks=1, total_videos=0, video_path=None), set()),
    "splits wrong": (info(splits={"train": "0:2", "test": "2:3"}), {"splits"}),
    "no splits": (info(splits=...), {"splits"}),
    "no robot_type": (info(robot_type=...), set()),
    "names too few": (feature("action", names=["a"]), {"names-fit"}),
    "names nested": (feature("action", names={"motors": list("abcdef")}), set()),
    "no names": (feature("action", names=...), set()),
    "dtype unknown": (feature("observation.state", dtype="float"), {"features-known"}),
    "shape in floats": (feature("observation.state", shape=[6.0]), {"features-known"}),
    "a name with a slash": (
        lambda root: [
            _renamed(root, "observation.state", "observation/state"),
            tables(
                lambda old: old.rename_columns(["observation/state", *old.column_names[1:]]).replace_schema_metadata(
                    old.schema.metadata
                )
            )(root),
            lines(root, "episodes_stats", [{"episode_index": n, "stats": {}} for n in range(3)]),
        ],
        {"feature-names", "stats-complete"},
    ),
    "camera of two numbers": (feature(CAMERA, shape=[24, 32]), {"camera-shapes"}),
    "camera the other way": (feature(CAMERA, shape=[24, 32, 3], names=["height", "width", "channels"]), set()),
    "no camera declared": (lambda root: write_info(root, _without_features(root, CAMERA)), {
        "cameras-there", "undeclared-columns"}),
    "no index features": (lambda root: write_info(root, _without_features(root, "index")), {
        "default-features", "undeclared-columns"}),
    "a column more": (
        tables(lambda old: old.append_column("more", [[1.0] * len(old)])), {"undeclared-columns"},
    ),
    "tasks in another order": (
        lambda root: [
            lines(root, "tasks", [{"task_index": 1, "task": "Wave."}, {"task_index": 0, "task": TASK}]),
            info(total_tasks=2)(root),
        ],
        set(),
    ),
    "a task twice with one text": (
        text("tasks.jsonl", lambda t: t + t), {"totals"},
    ),
    "another task in episodes": (line("episodes", 0, task="Something else."), {"episode-tasks"}),
    "episodes in another order": (
        lambda root: lines(root, "episodes", read_lines(root, "episodes")[::-1]), set(),
    ),
    "an episode listed twice": (
        lambda root: lines(root, "episodes", [*read_lines(root, "episodes"), read_lines(root, "episodes")[0]]),
        {"episode-numbers"},
    ),
    "an episode listed by another number": (line("episodes", 2, episode_index=5), {"episode-numbers"}),
    "a BOM in jsonl": (text("tasks.jsonl", lambda t: "\ufeff" + t), set()),
    "no newline at the end": (text("tasks.jsonl", lambda t: t.rstrip("\n")), set()),
    "Windows newlines": (_windows, set()),
    "no stats of an episode": (
        text("episodes_stats.jsonl", lambda t: t.partition("\n")[2]), {"stats-complete"},
    ),
    "no stats of a feature": (
        lambda root: lines(root, "episodes_stats", [
            {**one, "stats": {"action": one["stats"]["action"]}} for one in read_lines(root, "episodes_stats")
        ]),
        {"stats-complete"},
    ),
    "stats empty": (text("episodes_stats.jsonl", lambda t: ""), {"stats-complete"}),
    "stats NaN": (stats(0, "action", min=[math.nan] * 6), {"stats-true"}),
    "stats of other data": (stats(0, "action", max=[1000.0] * 6), {"stats-true"}),
    "count wrong": (stats(0, "action", count=[4]), {"stats-true"}),
    "a hidden file": (added("data/chunk-000/.episode_000003.parquet.new"), set()),
    "a readme in data": (added("data/README.md"), set()),
    "all called train": (
        lambda root: [
            (root / "data/chunk-000").rename(root / "data/train-000"),
            info(data_path="data/train-{episode_chunk:03d}/episode_{episode_index:06d}.parquet")(root),
        ],
        set(),
    ),
    "no metadata in a later file": (table(1, without_metadata), {"later-schemas"}),
    "struct order in a later file": (
        table(1, field(CAMERA, pa.field(CAMERA, image_struct("path", "bytes")))), {"later-schemas"},
    ),
    "float64 actions": (
        tables(column("action", kind=pa.list_(pa.float64(), 6))), {"column-types"},
    ),
    "lists without a fixed length": (tables(column("action", kind=long_list())), set()),
    "float64 timestamps": (tables(column("timestamp", lambda old: [n / 10 for n in range(len(old))], pa.float64())), {
        "column-types"}),
    "time from 5 s": (tables(column("timestamp", lambda old: [one + 5 for one in old])), {"timestamps-exact"}),
    "no frame_index": (tables(lambda old: old.drop_columns(["frame_index"])), {"frame-index-column"}),
    "no index": (tables(lambda old: old.drop_columns(["index"])), {"index-column"}),
    "frame_index from 1": (table(1, column("frame_index", lambda old: [n + 1 for n in old])), {"frame-index-column"}),
    "index from 0 in each": (table(1, column("index", lambda old: list(range(len(old))))), {"index-column"}),
    "index counts backwards": (table(2, column("index", lambda old: [old[0], *old[:0:-1]])), {"index-column"}),
    "a recording that waits": (added(".recording.journal"), {"recording-saved"}),
    "images beside": (lambda root: (root / "images").mkdir(), {"leftovers"}),
    "paths null": (tables(column(CAMERA, lambda old: [{"bytes": one["bytes"], "path": None} for one in old])), set()),
}  # fmt: skip
