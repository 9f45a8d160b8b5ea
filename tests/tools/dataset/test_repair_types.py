"""Columns of another number type than info.json declares get that type, where nothing but a float's rounding is lost."""

import json
import pathlib
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tests.upstream.dataset_mutations.scene import CAMERAS
from tools.dataset import repair as command
from tools.dataset.check_run import check_dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.episode import to_array
from tools.dataset.number_types import first_changed

STATE, ACTION = "observation.state", "action"
INDICES = {"frame_index": pa.int32(), "episode_index": pa.uint8(), "index": pa.int16(), "task_index": pa.float64()}
DOUBLES = pa.list_(pa.float64())


@pytest.fixture(scope="session")
def base(tmp_path_factory) -> pathlib.Path:
    root = tmp_path_factory.mktemp("types") / "robot"
    write_by_the_guide(root)
    return root


@pytest.fixture
def root(tmp_path, base) -> pathlib.Path:
    shutil.copytree(base, tmp_path / "robot")
    return tmp_path / "robot"


def tables(root: pathlib.Path) -> list[pa.Table]:
    return [pq.ParquetFile(path).read() for path in read_dataset(root).files]


def kinds(root: pathlib.Path, name: str) -> set[str]:
    return {str(table.schema.field(name).type) for table in tables(root)}


def thirds(array: pa.Array) -> pa.Array:
    """Numbers that only double precision holds, as another program would have computed them."""
    return pa.array((np.array(array.to_pylist()) / 3).tolist(), DOUBLES)


def by_pandas(root: pathlib.Path) -> None:
    """As `DataFrame.to_parquet` leaves it: doubles in lists without a length, and no word of what the columns are."""
    for name in (STATE, ACTION):
        edits.column(name, thirds)(root)
    edits.column("timestamp", lambda old: pa.array(np.arange(len(old)) / 10))(root)
    edits.schema_metadata({"pandas": "{}"})(root)


def repaired(root: pathlib.Path, capsys: pytest.CaptureFixture, **options) -> dict:
    code = command.repair(root, json=True, **options)
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is (code == 0)
    return answer


def of_types(root: pathlib.Path) -> list:
    return [one for one in check_dataset(root).findings if one.check == "column-types"]


def test_a_dataset_written_with_pandas_gets_its_types_and_keeps_its_images(root, capsys):
    by_pandas(root)
    assert all(one.repairable for one in of_types(root))
    answer = repaired(root, capsys)
    new = pathlib.Path(answer["out"])
    assert [one for one in check_dataset(new, deep=True).findings if one.severity == "error"] == []
    assert [one for one in check_dataset(new).findings if one.repairable and one.severity == "warning"] == []
    assert kinds(new, "timestamp") == {"float"}
    for was, now in zip(tables(root), tables(new), strict=True):
        for name in (STATE, ACTION):
            assert to_array(now.column(name)).tobytes() == to_array(was.column(name)).astype(np.float32).tobytes()
        for camera in CAMERAS:
            assert now.column(camera).to_pylist() == was.column(camera).to_pylist()
    told = json.loads(tables(new)[0].schema.metadata[b"huggingface"])["info"]["features"]
    assert told[STATE]["feature"]["dtype"] == told["timestamp"]["dtype"] == "float32"
    assert repaired(new, capsys)["mended"] == []


def test_statistics_go_with_the_numbers(root, capsys):
    by_pandas(root)
    new = pathlib.Path(repaired(root, capsys)["out"])
    for table, line in zip(tables(new), read_dataset(new).stats.values, strict=True):
        assert line["stats"][STATE]["max"] == to_array(table.column(STATE)).max(axis=0).tolist()


def test_indices_become_whole_numbers_of_64_bits(root, base, capsys):
    for name, kind in INDICES.items():
        edits.cast(name, kind)(root)
    answer = repaired(root, capsys)
    assert {one["check"]: one["findings"] for one in answer["mended"]}["column-types"] == 12
    for was, now in zip(tables(base), tables(pathlib.Path(answer["out"])), strict=True):
        assert now.select(INDICES).equals(was.select(INDICES))


def test_clock_times_in_doubles_are_mended_in_one_go(root, base, capsys):
    edits.column("timestamp", lambda old: pa.array(np.arange(len(old)) / 10 + 1.7e9))(root)
    assert all(one.repairable for one in of_types(root))
    answer = repaired(root, capsys)
    assert of_types(pathlib.Path(answer["out"])) == []
    new = [table.column("timestamp") for table in tables(pathlib.Path(answer["out"]))]
    assert new == [table.column("timestamp") for table in tables(base)]


def test_clock_times_that_are_not_counted_anew_stay_doubles(root, capsys):
    edits.column("timestamp", lambda old: pa.array(np.arange(len(old)) / 10 + 1.7e9))(root)
    answer = repaired(root, capsys, only=("column-types",))
    assert (answer["out"], answer["mended"]) == (None, [])


LOST = {
    "an overflow": (ACTION, thirds, {2: lambda old: [old[0], 1e300, *old[2:]]}, "1e+300"),
    "a whole number in a double": (STATE, thirds, {1: lambda old: [*old[:3], 2.0**24 + 1]}, "16777217"),
    "a whole number": (
        STATE,
        lambda old: pa.array([[round(n) for n in one] for one in old.to_pylist()], pa.list_(pa.int64(), 4)),
        {3: lambda old: [*old[:3], -(2**24) - 1]},
        "-16777217",
    ),
}


@pytest.mark.parametrize("what", LOST)
def test_a_number_that_would_be_lost_keeps_its_column_in_all_files_and_is_named(root, capsys, what):
    name, change, cells, number = LOST[what]
    edits.column(name, change)(root)
    edits.cells(name, cells, (1,))(root)
    other = {STATE: ACTION, ACTION: STATE}[name]
    edits.column(other, thirds)(root)
    [frame] = cells
    found = {one.episode: one for one in of_types(root) if one.column.startswith(name)}
    assert [found[episode].repairable for episode in range(3)] == [False] * 3
    assert number in found[1].found
    assert found[1].frame == frame
    assert "episode 1" in found[0].hint
    was = kinds(root, name)
    answer = repaired(root, capsys)
    left = [one for one in answer["left"] if one["check"] == "column-types"]
    assert [one["where"]["episode"] for one in left] == [0, 1, 2]
    assert any(number in one["found"] for one in left)
    new = pathlib.Path(answer["out"])
    assert kinds(new, name) == was
    assert kinds(new, other) == {"list<element: float>"}
    for before, after in zip(tables(root), tables(new), strict=True):
        assert after.column(name).equals(before.column(name))


def test_a_fraction_is_not_made_a_whole_number(root, capsys):
    edits.column("task_index", lambda old: pa.array(np.asarray(old) + 0.5), (1,))(root)
    [one] = of_types(root)
    assert (one.repairable, one.found) == (False, "float64, and 1.5 in frame 0, which int64 cannot hold")


def test_a_column_with_a_null_keeps_it_and_its_type(root, capsys):
    edits.column(STATE, thirds)(root)
    edits.cells(STATE, {2: [1.0, None, 2.0, 3.0]}, (2,))(root)
    assert [one.repairable for one in of_types(root)] == [False, False]
    assert all("episode 2" in one.hint for one in of_types(root))
    repaired(root, capsys)
    assert kinds(root, STATE) == {"list<element: double>"}


def test_where_info_json_declares_a_counting_column_otherwise_it_is_put_right(root, capsys):
    edits.feature("timestamp", dtype="float64")(root)
    answer = repaired(root, capsys)
    new = pathlib.Path(answer["out"])
    assert read_dataset(new).info["features"]["timestamp"]["dtype"] == "float32"
    assert answer["kept"] == 3
    assert of_types(new) == []


def in_lists(name: str, episodes=edits.ALL):
    return edits.column(name, lambda old: pa.array([[one.as_py()] for one in old]), episodes)


@pytest.mark.parametrize("name", ["timestamp", *INDICES])
def test_a_number_is_taken_out_of_a_list_of_one(root, base, capsys, name):
    in_lists(name)(root)
    assert not check_dataset(root).ok
    new = pathlib.Path(repaired(root, capsys)["out"])
    for was, now in zip(tables(base), tables(new), strict=True):
        assert now.column(name).equals(was.column(name))


def test_a_task_in_a_list_that_is_not_known_is_told_before_it_is_taken_out(root):
    edits.cells("task_index", {2: 7})(root)
    in_lists("task_index")(root)
    assert "tasks-known" in {one.check for one in check_dataset(root).findings}


@pytest.mark.parametrize(
    ("values", "dtype", "at"),
    [
        ([0.1, 1e-300, np.nan, np.inf], "float32", None),
        ([0.1, 2.0**24, -(2.0**30)], "float32", None),
        ([0.0, 2.0**24 + 1], "float32", (1,)),
        ([0.0, 1e39], "float32", (1,)),
        ([0.5, 0.1], "float16", (1,)),
        ([1.0, 2.0, -0.0], "int64", None),
        ([1.0, np.nan], "int64", (1,)),
        ([1.0, 2.0**63], "int64", (1,)),
        ([1.0, 256.0], "uint8", (1,)),
        (np.array([1, 2**63], np.uint64), "int64", (1,)),
        (np.array([1, -1], np.int64), "uint64", (1,)),
        (np.array([0, 300], np.int64), "int8", (1,)),
        (np.array([0, 2**53 + 1], np.int64), "float64", (1,)),
        (np.array([0, 1, 2], np.int64), "bool", (2,)),
        (np.array([True, False]), "float32", None),
        (np.zeros((0, 3)), "int64", None),
        (np.array([[0.0, 1.0], [0.5, 0.0]]), "int64", (1, 0)),
    ],
)
def test_what_a_type_cannot_hold(values, dtype, at):
    assert first_changed(np.asarray(values), dtype) == at
