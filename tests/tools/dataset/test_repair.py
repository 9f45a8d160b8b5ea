"""What is repairable is repaired, without a pixel being touched; what is not is left and named."""

import json
import os
import pathlib
import shutil
import subprocess

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tests.upstream.dataset_mutations.scene import CAMERAS
from tools.command import ROOT
from tools.dataset import repair as command
from tools.dataset import repair_plan
from tools.dataset.ask_checks import check_modules
from tools.dataset.check_run import check_dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.drafts.mend_schema import can_be_camera
from tools.dataset.edits.delete import Delete
from tools.dataset.record.append_journal import NAME as JOURNAL
from tools.dataset.row_order import Order
from tools.refusal import Refused
from tools.refusal import WrongUsage

SCENE = CAMERAS[0]
FILES = [edits.data_file(episode) for episode in range(3)]
BYTES, PATH = pa.field("bytes", pa.binary()), pa.field("path", pa.string())


@pytest.fixture(scope="session")
def base(tmp_path_factory) -> pathlib.Path:
    """A dataset by the guide, and with statistics of its images: with nothing to repair."""
    root = tmp_path_factory.mktemp("base") / "robot"
    write_by_the_guide(root.with_name("bare"))
    assert command.repair(root.with_name("bare"), out=root, only=("stats-images",)) == 0
    return root


@pytest.fixture
def root(tmp_path, base) -> pathlib.Path:
    shutil.copytree(base, tmp_path / "robot")
    return tmp_path / "robot"


def content(root: pathlib.Path) -> dict[str, bytes]:
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths if path.name != ".writer.lock"}


def images(root: pathlib.Path) -> list[list[bytes]]:
    tables = [pq.ParquetFile(path).read() for path in sorted(root.glob("data/**/*.parquet"))]
    return [[cell["bytes"] for cell in table.column(camera).to_pylist()] for table in tables for camera in CAMERAS]


def repaired(root: pathlib.Path, capsys: pytest.CaptureFixture, **options) -> dict:
    code = command.repair(root, json=True, **options)
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is (code == 0)
    return answer


def errors(answer: dict) -> list[dict]:
    return [one for one in answer["left"] if one["severity"] == "error"]


def _cells(*fields: pa.Field):
    return edits.column(SCENE, lambda array: pa.array(array.to_pylist(), pa.struct(fields)))


def _sequence_as_list(features: dict) -> None:
    features["action"]["_type"] = "List"


BROKEN = {
    "schema-metadata": edits.schema_metadata(None),
    "schema-metadata-of-datasets-4": edits.hf_metadata(_sequence_as_list),
    "info-readable": edits.content("meta/info.json", lambda old: b"\xef\xbb\xbf" + old),
    "version-plain": edits.info_with(codebase_version="v2.1rc1"),
    "camera-columns": _cells(PATH, BYTES),
    "camera-columns-not-nullable": _cells(pa.field("bytes", pa.binary(), nullable=False), PATH),
    "camera-columns-large": _cells(pa.field("bytes", pa.large_binary()), pa.field("path", pa.large_string())),
    "camera-columns-view": _cells(pa.field("bytes", pa.binary_view()), pa.field("path", pa.string_view())),
    "camera-columns-more": _cells(BYTES, PATH, pa.field("height", pa.int64())),
    "later-schemas": edits.schema_metadata(None, (2,)),
    "timestamps": edits.column("timestamp", lambda old: pa.array(np.asarray(old) + 1.7e9), (0,)),
    "timestamps-exact": edits.column("timestamp", lambda old: pa.array(np.asarray(old) + np.float32(5)), (1,)),
    "actions-ahead": edits.table(
        lambda old: old.set_column(
            old.schema.get_field_index("action"),
            old.schema.field("action"),
            old.column("observation.state")
            .take(np.r_[len(old) - 1, : len(old) - 1])
            .cast(old.schema.field("action").type),
        )
    ),
    "data-path": edits.info(
        lambda info: info.update(data_path=info["data_path"].replace("episode_chunk", "chunk_index"))
    ),
    "stats-formed": edits.stats("action", "count", 5),
    "stats-formed-image": edits.stats(SCENE, "mean", [0.5, 0.5, 0.5]),
    "stats-complete": edits.lines("episodes_stats", lambda old: old[:1]),
    "stats-images": edits.lines("episodes_stats", lambda old: old[1]["stats"].pop(SCENE) and None),
    "stats-true": edits.stats("action", "max", [500.0] * 4),
    "meta-there": edits.removed("meta/episodes_stats.jsonl"),
    "meta-there-episodes": edits.removed("meta/episodes.jsonl"),
    "totals": edits.info_with(total_frames=3, total_tasks=9),
    "info-needed": edits.info_with(total_episodes=3.0),
    "splits": edits.info_with(splits={"train": "0:2"}),
    "version": edits.info_without("codebase_version"),
    "lengths": edits.line("episodes", 0, length=7),
    "last-length": edits.line("episodes", 2, length=3),
    "episodes-formed": edits.line("episodes", 1, length=4.0),
    "episodes-listed": edits.lines("episodes", lambda old: old[:2]),
    "episode-numbers": edits.lines("episodes", lambda old: [*old, old[1]]),
    "frame-index-column": edits.column("frame_index", lambda old: pa.array(np.asarray(old) + 1), (0,)),
    "index-column": edits.column("index", lambda old: pa.array(np.zeros(len(old), np.int64)), (2,)),
    "episode-index-column": edits.column("episode_index", lambda old: pa.array(np.zeros(len(old), np.int64))),
    "needed-columns": edits.table(lambda old: old.drop_columns(["timestamp"])),
    "plain-indices": edits.column(
        "timestamp", lambda old: pa.array([[one.as_py()] for one in old], pa.list_(pa.float32()))
    ),
    "column-shapes": edits.column(
        "task_index", lambda old: pa.array([[one.as_py()] for one in old], pa.list_(pa.int64()))
    ),
    "numbers-fit": edits.column(
        "observation.state",
        lambda array: pa.array([[round(n) for n in one] for one in array.to_pylist()], pa.list_(pa.int64(), 4)),
        (0,),
    ),
    "column-types": edits.cast("action", pa.list_(pa.float64(), 4)),
    "no-nulls": edits.cells("frame_index", {2: None}),
    "json-lines": edits.content("meta/episodes.jsonl", lambda old: old[:-12]),
    "json-lines-blank": edits.content("meta/tasks.jsonl", lambda old: old.replace(b"\n", b"\n\n", 1)),
    "stray-files": edits.added("data/chunk-000/notes.txt"),
    "episode-files": edits.moved(FILES[2], "data/chunk-000/episode_000004.parquet"),
    "episode-files-padding": edits.moved(FILES[2], "data/chunk-000/episode_2.parquet"),
    "episode-files-chunk": edits.moved(FILES[1], "data/chunk-001/episode_000001.parquet"),
}
# What cannot come back: the order of a line's keys, what text stood in a torn line.
OF_THE_GUIDE = {"meta/episodes.jsonl"}


@pytest.mark.parametrize("name", BROKEN)
def test_each_repair_gives_back_a_dataset_in_order(name, root, base, capsys):
    BROKEN[name](root)
    before = content(root)
    found = {one.check for one in check_dataset(root).findings if one.repairable}
    check = max((one for one in check_modules() if name.startswith(one)), key=len)
    assert check in found
    answer = repaired(root, capsys, only=(check,) if check_modules()[check].SEVERITY == "note" else ())
    assert check in {one["check"] for one in answer["mended"]}
    new = pathlib.Path(answer["out"])
    assert new == root.with_name("robot_repaired")
    left = [one for one in check_dataset(new, deep=False).findings if one.repairable or one.severity == "error"]
    assert [one for one in left if one.severity != "note"] == []
    assert images(new) == images(base)
    assert content(root) == before
    for number, path in enumerate(FILES):  # the numbers are those that were there before it was broken
        tables = [pq.read_table(folder / path, columns=["action", "index", "episode_index"]) for folder in (new, base)]
        assert tables[0].to_pydict() == tables[1].to_pydict(), number
    assert read_dataset(new).lengths == {0: 5, 1: 4, 2: 5}


def test_every_repair_is_tried_above():
    tried = {max((one for one in check_modules() if name.startswith(one)), key=len) for name in BROKEN}
    assert set(repair_plan.repairs()) - tried <= {"file-order"}


def test_file_names_that_do_not_sort_get_their_zeros(tmp_path, capsys):
    root = tmp_path / "robot"
    write_by_the_guide(root, [3] * 11, "data/chunk-000/episode_{episode_index}.parquet")
    answer = repaired(root, capsys)
    assert "file-order" in {one["check"] for one in answer["mended"]}
    names = [path.name for path in read_dataset(tmp_path / "robot_repaired").files]
    assert names == [f"episode_{number:06d}.parquet" for number in range(11)]
    assert answer["kept"] == 11


def test_a_dataset_in_order_is_left_alone(root, capsys):
    answer = repaired(root, capsys)
    assert (answer["ok"], answer["out"], answer["mended"]) == (True, None, [])
    assert sorted(os.listdir(root.parent)) == ["robot"]


def test_a_second_repair_finds_nothing(root, capsys):
    for name in ("schema-metadata", "timestamps", "stats-complete", "lengths"):
        BROKEN[name](root)
    assert repaired(root, capsys)["ok"]
    assert repaired(root.with_name("robot_repaired"), capsys)["mended"] == []


def test_many_faults_at_once(root, base, capsys):
    left_out = {"data-path", "needed-columns", "json-lines", "meta-there", "meta-there-episodes"}
    for name in ("timestamps", "schema-metadata", "camera-columns", "index-column", "totals", "splits", "lengths",
                 "stats-formed", "stats-images", "stray-files", "episode-files", "json-lines-blank"):  # fmt: skip
        assert name not in left_out
        BROKEN[name](root)
    answer = repaired(root, capsys)
    assert answer["ok"], answer["left"]
    assert answer["left_out"] == ["data/chunk-000/notes.txt"]
    assert images(pathlib.Path(answer["out"])) == images(base)
    assert read_dataset(pathlib.Path(answer["out"])).info == read_dataset(base).info


def test_an_episode_that_has_no_file_is_called_lost(root, capsys):
    (root / FILES[1]).unlink()
    answer = repaired(root, capsys)
    assert answer["ok"], answer["left"]
    assert answer["lost"] == 1
    assert read_dataset(pathlib.Path(answer["out"])).lengths == {0: 5, 1: 5}
    assert command.repair(root, out=root.with_name("again")) == 0
    assert "LOST    1 episode listed without a file" in capsys.readouterr().out


def test_an_episode_that_lies_elsewhere_is_not_lost(root, capsys):
    BROKEN["episode-files"](root)
    assert repaired(root, capsys)["lost"] == 0


def test_a_rate_that_contradicts_regular_timestamps_is_left_to_the_user(root, capsys):
    edits.info_with(fps=30)(root)
    BROKEN["totals"](root)
    answer = repaired(root, capsys)
    left = [one for one in answer["left"] if one["check"] == "timestamps"]
    assert len(left) == 3
    assert "all episodes are stamped at 10 Hz and meta/info.json says fps 30" in left[0]["hint"]
    assert 'set "fps": 10 in meta/info.json' in left[0]["hint"]
    for path in FILES:
        tables = [pq.read_table(folder / path, columns=["timestamp"]) for folder in (root, pathlib.Path(answer["out"]))]
        assert tables[0].equals(tables[1])


def test_an_episode_of_another_rate_stays_while_others_are_evened_out(root, capsys):
    edits.column("timestamp", lambda old: pa.array(np.asarray(old) + np.float32([0, 0.01, 0, 0.01, 0])), (0,))(root)
    edits.column("timestamp", lambda old: pa.array(np.arange(4, dtype=np.float32) / 20), (1,))(root)
    answer = repaired(root, capsys)
    assert [(one["check"], one["where"]["episode"]) for one in errors(answer)] == [("timestamps", 1)]
    assert "just edit-dataset delete" in errors(answer)[0]["hint"]
    new = pathlib.Path(answer["out"])
    times = [pq.read_table(new / path, columns=["timestamp"]).column(0).to_numpy() for path in FILES]
    assert np.allclose(times[0], np.arange(5) / 10)
    assert np.allclose(times[1], np.arange(4) / 20)


def test_only_does_only_that(root, base, capsys):
    BROKEN["totals"](root)
    BROKEN["timestamps"](root)
    answer = repaired(root, capsys, only=("totals",))
    assert not answer["ok"]
    assert [one["check"] for one in answer["mended"]] == ["totals"]
    new = pathlib.Path(answer["out"])
    assert read_dataset(new).info["total_frames"] == 14
    assert (new / FILES[0]).read_bytes() == (root / FILES[0]).read_bytes()
    with pytest.raises(WrongUsage) as refusal:
        command.repair(root, only=("total",))
    assert "totals" in refusal.value.todo
    with pytest.raises(WrongUsage):
        command.repair(root, only=("task-texts",))  # a check without a repair


def test_only_stray_files_does_not_drop_an_episode_that_lies_elsewhere(root, capsys):
    BROKEN["episode-files"](root)
    BROKEN["stray-files"](root)
    new = pathlib.Path(repaired(root, capsys, only=("stray-files",))["out"])
    assert (new / "data/chunk-000/episode_000004.parquet").exists()
    assert not (new / "data/chunk-000/notes.txt").exists()


def test_a_dry_run_says_it_and_writes_nothing(root, capsys):
    BROKEN["timestamps"](root)
    before = content(root)
    assert command.repair(root, dry_run=True) == 0
    said = capsys.readouterr().out
    assert "would mend  timestamps" in said
    assert "nothing was written" in said
    assert content(root) == before
    assert os.listdir(root.parent) == ["robot"]


def test_what_only_was_not_asked_of_is_counted_and_not_listed(root, capsys):
    BROKEN["totals"](root)
    BROKEN["timestamps"](root)
    assert command.repair(root, only=("timestamps",), dry_run=True) == 0
    said = capsys.readouterr().out
    assert "would mend  timestamps" in said
    assert "left " not in said
    assert f"findings of other checks, errors or warnings: just check-dataset {root}\n" in said


def test_a_repair_with_nothing_to_do_says_that_images_were_not_looked_at(root, capsys):
    for deep in (False, True):
        assert command.repair(root, deep=deep) == 0
        said = capsys.readouterr().out
        assert f"nothing to repair: {root}\n" in said
        assert (f"images were not looked at; that does just check-dataset {root} --deep\n" in said) != deep


def test_in_place_and_back(root, base, capsys):
    BROKEN["timestamps"](root)
    BROKEN["stats-formed"](root)
    before = content(root)
    kept = os.stat(root / FILES[1]).st_ino
    answer = repaired(root, capsys, in_place=True)
    assert answer["ok"]
    assert answer["out"] == str(root)
    assert check_dataset(root).ok
    assert images(root) == images(base)
    assert os.stat(root / FILES[1]).st_ino == kept  # shared, not copied
    assert command.repair(root, undo=True) == 0
    assert content(root) == before


def test_a_file_that_only_moves_gets_a_new_time_in_place(root, capsys):
    """LeRobot's cache goes by path and time; the place may have held other rows with this very time."""
    BROKEN["episode-files-padding"](root)
    os.utime(root / "data/chunk-000/episode_2.parquet", (1e9, 1e9))
    assert repaired(root, capsys, in_place=True)["ok"]
    assert os.stat(root / FILES[2]).st_mtime > 1.1e9
    assert command.repair(root, undo=True) == 0
    assert os.stat(root / "data/chunk-000/episode_2.parquet").st_mtime == 1e9


def test_undo_refuses_where_nothing_was_done_and_with_other_options(root):
    with pytest.raises(Refused):
        command.repair(root, undo=True)
    for options in ({"undo": True, "dry_run": True}, {"in_place": True, "out": root.with_name("x")}):
        with pytest.raises(WrongUsage):
            command.repair(root, **options)


def test_a_dataset_of_links_is_repaired_into_a_folder_and_refused_in_place(root, tmp_path, capsys):
    BROKEN["timestamps"](root)
    shutil.copytree(root, tmp_path / "blobs")
    for path in [path for path in root.rglob("*") if path.is_file()]:
        path.unlink()
        path.symlink_to(tmp_path / "blobs" / path.relative_to(root))
    before = content(tmp_path / "blobs")
    with pytest.raises(Refused):
        command.repair(root, in_place=True)
    assert repaired(root, capsys)["ok"]
    assert content(tmp_path / "blobs") == before


def test_a_repair_that_changes_nothing_writes_nothing(root, capsys, monkeypatch):
    BROKEN["totals"](root)
    monkeypatch.setattr(check_modules()["totals"], "repair", lambda draft: None)
    before = content(root)
    for options in ({}, {"in_place": True}):
        answer = repaired(root, capsys, **options)
        assert (answer["ok"], answer["out"], answer["mended"]) == (True, None, [])
        assert "totals" in {one["check"] for one in answer["left"]}
        assert sorted(os.listdir(root.parent)) == ["robot"]
        assert content(root) == before
    assert command.repair(root) == 0
    assert f"nothing to repair: {root}" in capsys.readouterr().out


def _without_bytes(old: dict) -> dict:
    return {"data": old["bytes"], "path": None}


NO_CAMERA = pa.struct([("data", pa.binary()), PATH])


@pytest.mark.parametrize(("episodes", "dropped"), [((0,), "--episodes 0"), ((0, 1, 2), None), ((0, 1), None)])
def test_a_first_file_is_not_dropped_where_the_next_one_is_as_bad(root, capsys, episodes, dropped):
    edits.column(SCENE, lambda array: pa.array(map(_without_bytes, array.to_pylist()), NO_CAMERA), episodes)(root)
    answer = repaired(root, capsys)
    assert [answer["ok"], answer["out"], answer["mended"]] == [False, None, []]
    assert [one for one in answer["left"] if one["repairable"]] == []
    assert (answer["drop"] or "").partition(f"{root} ")[2] == (dropped or "")
    if dropped:
        Delete(root, ["0"]).apply()
        assert check_dataset(root.with_name("robot_deleted")).ok


def test_files_that_differ_from_an_odd_first_one_are_not_dropped(root, capsys):
    edits.table(lambda old: old.append_column("note", pa.array(["x"] * len(old))), (1, 2))(root)
    answer = repaired(root, capsys)
    assert [one["where"]["episode"] for one in errors(answer)] == [1, 2]
    assert answer["drop"] is None


def test_no_command_drops_all_episodes(root, capsys):
    edits.cells("action", {1: [1.0, None, 2.0, 3.0]}, edits.ALL)(root)
    answer = repaired(root, capsys)
    assert [one["where"]["episode"] for one in errors(answer)] == [0, 1, 2]
    assert answer["drop"] is None


def test_what_no_terminal_can_show_is_shown_all_the_same(root, capsys):
    """A feature's name with half a character in it, a file whose name is no UTF-8, and a folder to be quoted."""
    edits.info(lambda info: info["features"].update({"x\ud83d": {"dtype": "float32", "shape": [1]}}))(root)
    (root / "data" / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"stray")
    root = root.rename(root.with_name("a robot's"))
    (root / JOURNAL).write_bytes(b"frames")
    just = [ROOT / ".venv/bin/python", "-I", "-m", "tools.dataset.repair"]
    done = subprocess.run([*just, root], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (1, "")
    assert "left out  data/caf\\udce9.txt" in done.stdout
    assert "column x\\ud83d" in done.stdout
    assert f"just recover-dataset '{root.parent}/a robot'\"'\"'s'" in done.stdout


def test_the_folder_is_quoted_in_the_command_that_drops_episodes(root, capsys):
    edits.images(SCENE, lambda old, at: old["bytes"][:-40], (1,))(root)
    root = root.rename(root.with_name("my robot"))
    answer = repaired(root, capsys, deep=True)
    assert answer["drop"] == f"just edit-dataset delete '{root}' --episodes 1"


def test_a_file_is_compressed_as_before(root, capsys):
    """Of each column, not of the file: images are stored as they are, and numbers may be packed."""
    path = root / FILES[0]
    codecs = {f"{SCENE}.bytes": "NONE", f"{SCENE}.path": "NONE", "timestamp": "GZIP", "action.list.element": "ZSTD"}
    codecs |= {"index": "SNAPPY"}
    rest = {"observation.state.list.element": "LZ4"}
    pq.write_table(pq.ParquetFile(path).read(), path, compression=codecs | rest)
    was = _codecs(path)
    assert len(set(was.values())) == 5
    frames = pq.ParquetFile(path).read()
    at = frames.schema.get_field_index("timestamp")
    pq.write_table(frames.set_column(at, "timestamp", pa.array(np.arange(len(frames)) + 1.7e9)), path, compression=was)
    new = pathlib.Path(repaired(root, capsys)["out"]) / FILES[0]
    assert _codecs(new) == was


def _codecs(path: pathlib.Path) -> dict[str, str]:
    group = pq.read_metadata(path).row_group(0)
    columns = (group.column(at) for at in range(group.num_columns))
    return {one.path_in_schema: one.compression.replace("UNCOMPRESSED", "NONE") for one in columns}


def test_what_cannot_be_mended_is_left_and_named_with_the_command_that_drops_it(root, capsys):
    BROKEN["timestamps"](root)
    (root / FILES[1]).write_bytes((root / FILES[1]).read_bytes()[:-60])
    edits.cells("action", {1: [1.0, None, 2.0, 3.0]}, (2,))(root)
    answer = repaired(root, capsys)
    assert not answer["ok"]
    assert "timestamps" in {one["check"] for one in answer["mended"]}
    assert {"data-readable", "no-nulls"} <= {one["check"] for one in answer["left"]}
    assert answer["drop"] == f"just edit-dataset delete {answer['out']} --episodes 1-2"
    new = pathlib.Path(answer["out"])
    assert (new / FILES[1]).read_bytes() == (root / FILES[1]).read_bytes()


def test_rows_out_of_order_are_not_counted_into_order(root, capsys):
    edits.table(lambda old: old.take(pa.array([0, 2, 1, 3, 4])), (0,))(root)
    BROKEN["timestamps-exact"](root)  # in another episode: this one is mended
    edits.column("frame_index", lambda old: pa.array(np.asarray(old) + 1), (1,))(root)
    answer = repaired(root, capsys)
    assert {one["where"]["episode"] for one in answer["left"] if one["check"] == "timestamps"} == {0}
    assert {"timestamps-exact", "frame-index-column"} <= {one["check"] for one in answer["mended"]}
    columns = ["frame_index", "timestamp", "index"]
    first, second = (
        pq.read_table(pathlib.Path(answer["out"]) / FILES[at], columns=columns).to_pydict() for at in (0, 1)
    )
    assert first["frame_index"] == [0, 2, 1, 3, 4]
    assert first["timestamp"] == pytest.approx([0.0, 0.2, 0.1, 0.3, 0.4])
    assert first["index"] == [0, 2, 1, 3, 4]
    assert second["frame_index"] == [0, 1, 2, 3]
    assert second["timestamp"] == pytest.approx([0.0, 0.1, 0.2, 0.3])


SHUFFLED = [3, 0, 4, 1, 2]
COUNTED = ("timestamp", "frame_index", "index")


def _column(name: str, values: list, episodes: tuple[int, ...] = (0,)):
    return edits.column(name, lambda old: pa.array(values[: len(old)], old.type), episodes)


def _shuffled(*keep: str):
    """The rows of an episode in a wrong order; the columns to keep are as if they were in the right one."""

    def change(old: pa.Table) -> pa.Table:
        new = old.take(pa.array(SHUFFLED))
        for name in keep:
            new = new.set_column(new.schema.get_field_index(name), old.schema.field(name), old.column(name))
        return new

    return edits.table(change, (0,))


WRONG_ORDERS = {
    "only the time tells": edits.both(_shuffled("index"), _column("frame_index", [0] * 5)),
    "only the time tells, against the others": _shuffled("index", "frame_index"),
    "the index tells, and the time stands still": edits.both(
        _shuffled(), _column("frame_index", [0] * 5), _column("timestamp", [1.0] * 5)
    ),
    "there is no frame_index": edits.both(
        _shuffled(), edits.table(lambda old: old.drop_columns(["frame_index"]), edits.ALL)
    ),
    "the time is a list": edits.both(
        _shuffled("index", "frame_index"),
        edits.column("timestamp", lambda old: pa.array([[one.as_py()] for one in old], pa.list_(pa.float32())), (0,)),
    ),
    "the time has a null": edits.both(_shuffled("index", "frame_index"), edits.cells("timestamp", {4: None})),
}


@pytest.mark.parametrize("name", WRONG_ORDERS)
def test_a_wrong_order_is_never_made_to_look_right(name, root, capsys):
    WRONG_ORDERS[name](root)
    _column("timestamp", [0.0, 0.1, 0.25, 0.3], (1,))(root)  # so that the repair of the time is applied
    before = pq.read_table(root / FILES[0])
    told = {(one.check, one.episode): one.repairable for one in check_dataset(root).findings if one.severity != "note"}
    assert [key for key, repairable in told.items() if repairable and key[1] == 0 and key[0].startswith("timest")] == []
    answer = repaired(root, capsys)
    assert not answer["ok"]
    after = pq.read_table(pathlib.Path(answer["out"]) / FILES[0])
    assert after.column("timestamp").equals(before.column("timestamp"))
    # What was called repairable is mended, what was not is left as it was.
    left = {(one["check"], one["where"]["episode"]) for one in answer["left"]}
    assert left == {key for key, repairable in told.items() if not repairable}
    second = pq.read_table(pathlib.Path(answer["out"]) / FILES[1], columns=["timestamp"])
    assert second.column(0).to_pylist() == pytest.approx([0.0, 0.1, 0.2, 0.3])


@pytest.mark.parametrize("name", COUNTED)
def test_a_column_that_says_nothing_is_counted_where_the_others_agree(name, root, base, capsys):
    _column(name, [0] * 5)(root)
    new = pathlib.Path(repaired(root, capsys)["out"])
    tables = [pq.read_table(folder / FILES[0], columns=[name]) for folder in (new, base)]
    assert tables[0].equals(tables[1])


def test_rows_of_two_episodes_in_one_file_are_not_made_one_episode(root, capsys):
    _column("episode_index", [0, 0, 0, 1, 1])(root)
    _column("frame_index", [0, 1, 2, 0, 1])(root)
    BROKEN["totals"](root)
    answer = repaired(root, capsys)
    assert not answer["ok"]
    assert [one["where"]["episode"] for one in answer["left"] if one["check"] == "episode-index-column"] == [0]
    assert pq.read_table(pathlib.Path(answer["out"]) / FILES[0]).column("episode_index").to_pylist() == [0, 0, 0, 1, 1]


def test_what_the_rows_say_of_their_order():
    def says(*values: float, name: str = "index", kind: type = np.int64) -> Order:
        return Order.of({name: np.array(values, kind)}, len(values))

    for counted in ([0, 1, 2], [7, 8, 9], [0, 0, 0]):
        assert says(*counted, kind=np.uint8).may_count("index")
        assert says(*counted, kind=np.float32).may_count("index")
    for counted in ([0, 2, 1], [0, 1, 3], [0, 1, 1, 2], [2, 1, 0]):
        assert not says(*counted, kind=np.uint8).may_count("index")
        assert not says(*counted).may_count("timestamp")
    assert says(1.0, 2.0, 2.0, name="timestamp", kind=np.float32).may_count("frame_index")
    assert says(0.0, np.nan, 0.2, np.inf, name="timestamp", kind=np.float32).may_count("timestamp")
    backwards = says(0.1, 0.0, 0.2, name="timestamp", kind=np.float32)
    assert not backwards.may_count("timestamp")
    assert backwards.may_count("index")  # the column is not there: to add it hides nothing
    silent = {"timestamp": np.array([0.1, 0.0]), "frame_index": np.array([0, 0])}
    assert not Order.of(silent, 2).may_count("frame_index")


def exchange(root: pathlib.Path, first: int = 0, second: int = 2) -> None:
    (root / FILES[first]).rename(root / "aside")
    (root / FILES[second]).rename(root / FILES[first])
    (root / "aside").rename(root / FILES[second])


def test_exchanged_data_files_get_their_names_back(root, base, capsys):
    exchange(root)
    told = [one for one in check_dataset(root).findings if one.check == "episode-index-column"]
    assert [one.episode for one in told if one.repairable] == [0, 2]
    answer = repaired(root, capsys)
    assert answer["ok"], answer["left"]
    new = pathlib.Path(answer["out"])
    assert [one["to"] for one in answer["moved"]] == [FILES[0], FILES[2]]
    assert [(new / path).read_bytes() for path in FILES] == [(base / path).read_bytes() for path in FILES]
    stats = [[one["stats"]["action"]["mean"] for one in read_dataset(folder).stats.values] for folder in (new, base)]
    assert np.allclose(stats[0], stats[1])
    assert read_dataset(new).episodes.values == read_dataset(base).episodes.values


def test_files_whose_lines_were_exchanged_with_them_are_only_numbered_anew(root, base, capsys):
    exchange(root)
    for name in ("episodes", "episodes_stats"):
        edits.lines(name, lambda old: [one.update(episode_index=2 - one["episode_index"]) for one in old] and None)(
            root
        )
    answer = repaired(root, capsys)
    assert answer["ok"], answer["left"]
    new = pathlib.Path(answer["out"])
    assert pq.read_table(new / FILES[0]).column("action").equals(pq.read_table(base / FILES[2]).column("action"))
    assert pq.read_table(new / FILES[0]).column("episode_index").to_pylist() == [0] * 5


@pytest.mark.parametrize("also", [edits.both(), BROKEN["no-nulls"]])
def test_exchanged_files_that_nothing_tells_apart_are_left(also, root, capsys):
    edits.lines("episodes_stats", lambda old: [one.update(stats={}) for one in old] and None)(root)
    exchange(root)
    also(root)
    answer = repaired(root, capsys)
    left = [one for one in answer["left"] if one["check"] == "episode-index-column"]
    assert [one["where"]["episode"] for one in left] == [0, 2]
    assert "exchanged" in left[0]["hint"]
    there = pathlib.Path(answer["out"]) / FILES[0]
    assert pq.read_table(there, columns=["episode_index"]).column(0).to_pylist() == [2] * 5


def test_exchanged_files_beside_videos_are_left(root, capsys):
    edits.info(
        lambda info: info["features"].update({"observation.images.v": {"dtype": "video", "shape": [16, 16, 3]}})
    )(root)
    exchange(root)
    told = [one for one in check_dataset(root).findings if one.check == "episode-index-column"]
    assert [one.repairable for one in told] == [False, False]


def test_exchanged_files_and_a_gap_that_nothing_tells_apart_are_refused(root):
    edits.lines("episodes_stats", lambda old: [one.update(stats={}) for one in old] and None)(root)
    exchange(root)
    (root / FILES[1]).unlink()
    with pytest.raises(Refused, match="episode_000000"):
        command.repair(root)
    assert os.listdir(root.parent) == ["robot"]


def test_a_file_set_aside_behind_the_last_episode_is_not_called_repairable(root, capsys):
    (root / "data/bad").mkdir()
    shutil.copy(root / FILES[1], root / "data/bad/episode_000003.parquet")
    answer = repaired(root, capsys)
    assert (answer["ok"], answer["out"], answer["mended"]) == (False, None, [])
    assert [(one["check"], one["repairable"]) for one in errors(answer)] == [("stray-files", False)]
    assert "move it out of data/" in errors(answer)[0]["hint"]
    assert os.listdir(root.parent) == ["robot"]


def test_a_file_that_is_made_an_episode_again_is_named(root, capsys):
    (root / "data/bad").mkdir()
    (root / FILES[1]).rename(root / "data/bad/episode_000001.parquet")
    answer = repaired(root, capsys)
    assert answer["ok"]
    assert answer["moved"] == [{"from": "data/bad/episode_000001.parquet", "to": FILES[1]}]
    shutil.rmtree(answer["out"])
    assert command.repair(root) == 0
    assert f"moved   data/bad/episode_000001.parquet to {FILES[1]}" in capsys.readouterr().out


def test_deep_names_the_episodes_with_damaged_images_and_the_command_that_drops_them(root, capsys):
    edits.images(SCENE, lambda old, at: old["bytes"][:-40], (1,))(root)
    assert repaired(root, capsys)["ok"]
    answer = repaired(root, capsys, deep=True)
    assert [(one["check"], one["where"]["episode"]) for one in errors(answer)] == [("images-decode", 1)]
    assert answer["drop"] == f"just edit-dataset delete {root} --episodes 1"
    BROKEN["totals"](root)
    answer = repaired(root, capsys, deep=True)
    assert answer["drop"] == f"just edit-dataset delete {answer['out']} --episodes 1"


def test_an_episode_that_was_never_saved_is_named(root, capsys):
    BROKEN["totals"](root)
    (root / JOURNAL).write_bytes(b"frames")
    answer = repaired(root, capsys)
    assert answer["not_recovered"] == str(root / JOURNAL)
    assert not (pathlib.Path(answer["out"]) / JOURNAL).exists()
    shutil.rmtree(answer["out"])
    command.repair(root)
    assert f"just recover-dataset {root}" in capsys.readouterr().out
    assert repaired(root, capsys, in_place=True)["not_recovered"] is None  # it still lies where it was
    assert (root / JOURNAL).exists()


def test_two_files_for_one_episode_are_left_for_a_human(root, capsys):
    shutil.copy(root / FILES[2], root / "data/chunk-000/episode_2.parquet")
    (root / "data/chunk-001").mkdir()
    (root / FILES[2]).rename(root / "data/chunk-001/episode_000002.parquet")
    answer = repaired(root, capsys)
    assert not answer["ok"]
    assert answer["left_out"] == []
    there = {path.name for path in (pathlib.Path(answer["out"]) / "data").rglob("*.parquet")}
    assert {"episode_2.parquet", "episode_000002.parquet"} <= there


def test_a_null_cell_stays_a_null_cell(root, capsys):
    edits.images(SCENE, lambda old, at: None, (0,), (2,))(root)
    BROKEN["camera-columns-more"](root)
    new = pathlib.Path(repaired(root, capsys)["out"])
    column = pq.ParquetFile(new / FILES[0]).read().column(SCENE)
    assert column.type == pa.struct([BYTES, PATH])
    assert column.is_null().to_pylist() == [False, False, True, False, False]


def test_what_can_be_a_camera():
    assert can_be_camera(pa.struct([PATH, BYTES]))
    assert can_be_camera(pa.large_binary())
    assert not can_be_camera(pa.struct([PATH]))
    assert not can_be_camera(pa.list_(pa.uint8()))


def test_repairs_come_after_those_they_need():
    order = list(repair_plan.repairs())
    for name, check in repair_plan.repairs().items():
        for before in (one.replace("_", "-") for one in getattr(check, "REPAIR_AFTER", ())):
            assert before in check_modules(), f"{name} comes after {before}, which is no check"
            if before in order:
                assert order.index(before) < order.index(name)


def test_the_command(root):
    BROKEN["timestamps"](root)
    just = [ROOT / ".venv/bin/python", "-I", "-m", "tools.dataset.repair"]
    done = subprocess.run([*just, "robot"], cwd=root.parent, capture_output=True, text=True, check=False, env=_env())
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("mended  timestamps")
    assert "refused" not in done.stderr
    again = subprocess.run([*just, "robot"], cwd=root.parent, capture_output=True, text=True, check=False, env=_env())
    assert again.returncode == 1
    assert "refused: " in again.stderr
    assert "robot_repaired" in again.stderr


def _env() -> dict[str, str]:
    return dict(os.environ)
