"""Datasets of one robot behind one another; those of another robot are refused, and the difference is named."""

import json
import pathlib

import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.edits.edited import STATE
from tests.tools.dataset.edits.edited import in_order
from tests.tools.dataset.edits.edited import info
from tests.tools.dataset.edits.edited import is_scene
from tests.tools.dataset.edits.edited import lines
from tests.tools.dataset.edits.edited import rows
from tests.tools.dataset.edits.edited import set_info
from tests.tools.dataset.made_dataset import make_dataset
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tools.dataset.edits.merge import Merge
from tools.refusal import Refused
from tools.refusal import WrongUsage


@pytest.fixture
def two(tmp_path) -> tuple[pathlib.Path, pathlib.Path]:
    for name in ("a", "b"):
        write_by_the_guide(tmp_path / name)
    return tmp_path / "a", tmp_path / "b"


def test_episodes_follow_one_another(two):
    [out] = Merge(two).apply()
    assert out.name == "a_merged"
    first = 0
    for episode in range(6):
        assert is_scene(out, episode, episode % 3, first)
        first += scene.LENGTHS[episode % 3]
    assert info(out)["total_frames"] == 28
    assert in_order(out)


def test_tasks_are_united_by_their_text(two):
    a, b = two
    tasks = [{"task_index": 0, "task": scene.TASKS[1]}, {"task_index": 1, "task": "Something else."}]
    (b / "meta/tasks.jsonl").write_text("".join(json.dumps(one) + "\n" for one in tasks))
    [out] = Merge((a, b)).apply()
    texts = [*scene.TASKS, "Something else."]
    assert lines(out, "tasks.jsonl") == [{"task_index": index, "task": task} for index, task in enumerate(texts)]
    got = [rows(out, episode).column("task_index").unique().to_pylist() for episode in range(6)]
    assert got == [[0], [1], [0], [1], [2], [1]]
    assert [line["task_index"] for line in lines(out, "episodes.jsonl")] == [0, 1, 0, 1, 2, 1]
    assert in_order(out)


def test_three_datasets_and_columns_in_another_order(two, tmp_path):
    write_by_the_guide(tmp_path / "c", lengths=(3,))
    for path in (two[1] / "data").rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        pq.write_table(table.select(sorted(table.column_names)).replace_schema_metadata(None), path)
    [out] = Merge((*two, tmp_path / "c")).apply()
    schemas = [pq.read_schema(path) for path in sorted((out / "data").rglob("*.parquet"))]
    assert len(schemas) == 7
    assert all(schema.equals(schemas[0], check_metadata=True) for schema in schemas)
    assert b"huggingface" in schemas[0].metadata
    assert is_scene(out, 4, 1, 19)
    assert rows(out, 6).num_rows == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda told: told.update(fps=15), ("fps", "10", "15")),
        (lambda told: told.update(robot_type="other"), ("robot_type", "your_robot", "other")),
        (lambda told: told["features"].pop("action"), ("features, action", "no such feature")),
        (
            lambda told: told["features"].update(speed={"dtype": "float32", "shape": [1]}),
            ("features, speed", "no such feature"),
        ),
        (lambda told: told["features"][STATE].update(shape=[5]), (f"features, {STATE}", "[5]", "[4]")),
        (lambda told: told["features"][STATE].update(dtype="float64"), (f"features, {STATE}", "float64", "float32")),
        (
            lambda told: told["features"][STATE].update(names=["w", "x", "y", "z"]),
            (f"features, {STATE}", "'w'", "'elbow'"),
        ),
        (
            lambda told: told["features"][scene.CAMERAS[0]].update(shape=[3, 32, 24]),
            (scene.CAMERAS[0], "32x24 pixels", "16x24 pixels"),
        ),
    ],
)
def test_a_difference_is_named(two, change, words):
    told = info(two[1])
    change(told)
    set_info(two[1], **told)
    with pytest.raises(Refused) as e:
        Merge(two).apply()
    for word in words:
        assert word in str(e.value)
    assert sorted(one.name for one in two[0].parent.iterdir()) == ["a", "b"]


def test_what_is_only_written_otherwise_is_no_difference(two):
    told = info(two[1])
    told["features"][STATE]["names"] = list(scene.JOINTS)
    told["features"][scene.CAMERAS[0]] |= {"shape": [16, 24, 3], "names": ["height", "width", "channels"]}
    set_info(two[1], **told)
    [out] = Merge(two).apply()
    assert in_order(out)


def test_rows_that_are_not_what_info_says_are_refused(two):
    path = two[1] / "data/chunk-000/episode_000001.parquet"
    table = pq.ParquetFile(path).read()
    at = table.schema.get_field_index("index")
    pq.write_table(table.set_column(at, "index", table.column(at).cast("float")), path)
    with pytest.raises(Refused, match="index in int64"):
        Merge(two).apply()
    assert sorted(one.name for one in two[0].parent.iterdir()) == ["a", "b"]


def test_a_task_that_is_not_known_is_refused(two):
    (two[1] / "meta/tasks.jsonl").write_text('{"task_index": 0, "task": "x"}\n')
    with pytest.raises(Refused, match=r"tasks-known \(.* episode 1\): task_index 1"):
        Merge(two).apply()


def test_a_dataset_is_merged_once(two):
    for paths in (two[:1], (two[0], two[0]), (two[0], two[0] / "../a")):
        with pytest.raises(WrongUsage, match="two datasets"):
            Merge(paths).apply()


def test_the_note_of_a_split_does_not_outlive_a_merge(two):
    set_info(two[0], held_out_split={"part": "train"})
    [out] = Merge(two).apply()
    assert "held_out_split" not in info(out)


def test_a_file_that_cannot_be_read_whole_is_named_with_its_own_dataset(tmp_path):
    for name in ("one", "two"):
        make_dataset(tmp_path / name, 3)
    path = tmp_path / "two/data/chunk-000/episode_000001.parquet"
    data = bytearray(path.read_bytes())
    data[4:400] = bytes(396)
    path.write_bytes(data)
    with pytest.raises(Refused, match=f"just edit-dataset delete {tmp_path / 'two'} --episodes 1"):
        Merge((tmp_path / "one", tmp_path / "two"), tmp_path / "out").apply()


@pytest.mark.parametrize("out", ["b/merged", "b/data/chunk-000/x", "a/x", "b", "."])
def test_no_input_is_written_into(tmp_path, out):
    roots = [make_dataset(tmp_path / "home" / name, 2, seed=seed) for seed, name in enumerate(("a", "b"))]
    before = sorted((tmp_path / "home").rglob("*"))
    with pytest.raises(Refused, match="--out"):
        Merge(tuple(roots), out=tmp_path / "home" / out).apply()
    assert sorted((tmp_path / "home").rglob("*")) == before
