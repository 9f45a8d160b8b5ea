"""Episodes are left out, and those behind them move up."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.edits.edited import in_order
from tests.tools.dataset.edits.edited import info
from tests.tools.dataset.edits.edited import is_scene
from tests.tools.dataset.edits.edited import lines
from tests.tools.dataset.edits.edited import set_info
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tools.dataset.edits.delete import Delete
from tools.dataset.edits.drop import Drop
from tools.dataset.edits.episode_numbers import numbers_of
from tools.dataset.edits.recompress import Recompress
from tools.dataset.edits.split import Split
from tools.refusal import Refused
from tools.refusal import WrongUsage


@pytest.fixture
def root(tmp_path):
    write_by_the_guide(tmp_path / "in")
    return tmp_path / "in"


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_the_others_stay_what_they_are(root, gone):
    [out] = Delete(root, (str(gone),)).apply()
    assert out == root.with_name("in_deleted")
    first = 0
    for episode, was in enumerate(sorted({0, 1, 2} - {gone})):
        assert is_scene(out, episode, was, first)
        assert lines(out, "episodes.jsonl")[episode]["task"] == scene.TASKS[scene.TASK_OF[was]]
        first += scene.LENGTHS[was]
    assert len(list(out.rglob("*.parquet"))) == 2
    assert in_order(out)


def test_it_says_which_episodes_went_where(root, capsys):
    Delete(root, ("1",)).apply()
    assert capsys.readouterr().err.splitlines()[-2:] == ["left out   episodes 1", "stay       episodes 0, 2 as 1"]


def test_the_old_dataset_is_not_touched_and_other_files_come_along(root):
    (root / "README.md").write_text("about it")
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    [out] = Delete(root, ("0",)).apply()
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before
    assert (out / "README.md").read_text() == "about it"


@pytest.mark.parametrize("how", ["missing", "cut", "a page cut"])
def test_an_episode_that_cannot_be_read_can_be_left_out(root, how):
    path = root / "data/chunk-000/episode_000001.parquet"
    data = bytearray(path.read_bytes())
    if how == "missing":
        path.unlink()
    elif how == "cut":
        path.write_bytes(data[:500])
    else:
        data[4:400] = bytes(396)
        path.write_bytes(data)
    [out] = Delete(root, ("1",)).apply()
    assert is_scene(out, 0, 0, 0)
    assert is_scene(out, 1, 2, 5)
    assert in_order(out)


@pytest.mark.parametrize("how", ["missing", "cut", "a page cut"])
def test_another_one_that_cannot_be_read_is_refused_by_name(root, how):
    path = root / "data/chunk-000/episode_000002.parquet"
    data = bytearray(path.read_bytes())
    if how == "missing":
        path.unlink()
    elif how == "cut":
        path.write_bytes(data[:500])
    else:
        data[4:400] = bytes(396)
        path.write_bytes(data)
    with pytest.raises(Refused, match=r"episode_000002\.parquet"):
        Delete(root, ("0",)).apply()
    assert [one.name for one in root.parent.iterdir()] == ["in"]


def test_nothing_that_stays_is_refused(root):
    with pytest.raises(Refused, match="all 3 named"):
        Delete(root, ("0-2",)).apply()


def test_a_line_with_another_length_is_refused(root):
    path = root / "meta/episodes.jsonl"
    path.write_text(path.read_text().replace('"length": 4', '"length": 3'))
    with pytest.raises(Refused, match="length 4 of episode 1"):
        Delete(root, ("0",)).apply()
    [out] = Delete(root, ("1",)).apply()
    assert in_order(out)


@pytest.mark.parametrize("column", ["frame_index", "index"])
def test_rows_that_cannot_be_counted_anew_are_refused(root, column):
    path = root / "data/chunk-000/episode_000002.parquet"
    table = pq.ParquetFile(path).read()
    values = table.column(column).to_pylist()
    values[1], values[2] = values[2], values[1]
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, pa.array(values)), path)
    with pytest.raises(Refused, match=f"order of their {column}"):
        Delete(root, ("0",)).apply()
    [out] = Delete(root, ("2",)).apply()
    assert in_order(out)


def test_other_versions_and_torn_meta_are_refused(root):
    set_info(root, codebase_version="v2.0")
    with pytest.raises(Refused, match="just convert-dataset"):
        Delete(root, ("0",)).apply()
    set_info(root, codebase_version="v2.1")
    with (root / "meta/tasks.jsonl").open("a") as file:
        file.write('{"task_in')
    with pytest.raises(Refused, match="line 3: not JSON"):
        Delete(root, ("0",)).apply()


def test_a_stray_file_is_refused(root):
    (root / "data/chunk-000/copy.parquet").write_bytes((root / "data/chunk-000/episode_000000.parquet").read_bytes())
    with pytest.raises(Refused, match=r"copy\.parquet"):
        Delete(root, ("0",)).apply()


def test_what_a_split_wrote_goes_on_telling_the_truth(root):
    set_info(root, held_out_split={"part": "train", "source_episodes": [4, 7, 9]})
    [out] = Delete(root, ("1",)).apply()
    assert info(out)["held_out_split"] == {"part": "train", "source_episodes": [4, 9]}


@pytest.mark.parametrize(
    ("names", "found"), [(["3", "7-9"], {3, 7, 8, 9}), (["1,2", "4-4"], {1, 2, 4}), (["0-9"], set(range(10)))]
)
def test_numbers_can_be_named_in_ranges(names, found):
    assert numbers_of(names, 9) == found


@pytest.mark.parametrize("name", ["10", "8-10", "5-3", "-1", "a", "", "1-", "1.5"])
def test_numbers_that_are_none_are_wrong_usage(name):
    with pytest.raises(WrongUsage, match="0 to 9"):
        numbers_of([name], 9)


def test_json_is_all_that_is_printed(root, monkeypatch, capsys):
    from tools.dataset.edit import edit_dataset

    edit_dataset(Delete(root, ("1",), json=True))
    told = json.loads(capsys.readouterr().out)
    assert told == {"ok": True, "verb": "delete", "out": [{"path": f"{root}_deleted", "episodes": 2, "frames": 10}]}


def test_what_works_on_another_broken_episode_is_said(root):
    """Repair mends no file that is cut: it is left out, with those that were to go anyway."""
    path = root / "data/chunk-000/episode_000002.parquet"
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(Refused) as refusal:
        Delete(root, ("0",)).apply()
    assert refusal.value.todo == f"leave those episodes out: just edit-dataset delete {root} --episodes 0 2"
    Delete(root, ("0", "2")).apply()
    (root / "data/chunk-000/episode_000001.parquet").unlink()
    for verb in (Split(root), Drop(root, scene.CAMERAS[0]), Recompress(root), Delete(root, ("2",))):
        with pytest.raises(Refused, match="--episodes 1 2"):
            verb.apply()
    [out] = Delete(root, ("1", "2"), root.with_name("saved")).apply()
    assert is_scene(out, 0, 0, 0)
