"""What is wrong in the rows is found before an edit writes anything; what an edit heals does not stop it."""

import numpy as np
import pyarrow as pa
import pytest

from tests.tools.dataset.edits.edited import in_order
from tests.tools.dataset.edits.edited import info
from tests.tools.dataset.edits.edited import set_info
from tests.tools.dataset.made_dataset import make_dataset
from tests.upstream.dataset_mutations import edits
from tools.dataset.check_run import check_dataset
from tools.dataset.edits.delete import Delete
from tools.dataset.edits.drop import Drop
from tools.dataset.edits.merge import Merge
from tools.dataset.edits.recompress import Recompress
from tools.dataset.edits.rename import Rename
from tools.dataset.edits.split import Split
from tools.refusal import Refused

CAMERA = "observation.images.scene"
VERBS = {
    "merge": lambda root: Merge((root.with_name("other"), root)),
    "split": Split,
    "delete": lambda root: Delete(root, ("1",)),
    "recompress": Recompress,
    "rename": lambda root: Rename(root, CAMERA, "observation.images.top"),
    "drop": lambda root: Drop(root, CAMERA),
}


@pytest.fixture
def root(tmp_path):
    make_dataset(tmp_path / "other", 2, seed=1)
    return make_dataset(tmp_path / "in", 4)


def by_the_clock(root, episodes=(2,)):
    edits.column("timestamp", lambda old: pa.array(np.asarray(old) + np.float32(1.7e9)), episodes)(root)


def not_a_number(root, episodes=(2,)):
    edits.cells("action", {3: [1.0, float("nan"), 0.0]}, episodes)(root)


def clock(name, root, episodes=(0, 1, 2, 3)):
    """A column of which LeRobot can make no tensor."""
    edits.table(lambda old: old.append_column(name, pa.array([0] * len(old), pa.timestamp("us"))), episodes)(root)


def folders(root):
    return sorted(one.name for one in root.parent.iterdir())


@pytest.mark.parametrize("verb", VERBS)
def test_an_error_in_the_rows_stops_every_verb_and_the_repair_is_named(root, verb):
    by_the_clock(root)
    with pytest.raises(Refused) as refusal:
        VERBS[verb](root).apply()
    assert refusal.value.where == str(root)
    assert refusal.value.found.startswith("timestamps (data/chunk-000/episode_000002.parquet episode 2): ")
    assert refusal.value.todo == (
        f"just check-dataset {root} tells all of it; just repair-dataset {root} mends what can be"
    )
    assert folders(root) == ["in", "other"]


@pytest.mark.parametrize("verb", VERBS)
def test_an_error_that_nothing_mends_is_left_out_with_its_episode(root, verb):
    not_a_number(root)
    with pytest.raises(Refused, match="numbers-finite") as refusal:
        VERBS[verb](root).apply()
    gone = "1 2" if verb == "delete" else "2"
    assert refusal.value.todo.endswith(f"just edit-dataset delete {root} --episodes {gone}")
    assert folders(root) == ["in", "other"]


@pytest.mark.parametrize("verb", VERBS)
def test_a_warning_stops_nothing(root, verb):
    edits.column("index", lambda old: pa.array(np.zeros(len(old), np.int64)), (0,))(root)
    assert any(one.check == "index-column" for one in check_dataset(root).findings)
    assert VERBS[verb](root).apply()


def test_the_first_few_are_named_and_the_rest_are_counted(root):
    by_the_clock(root, (0, 1, 2, 3))
    not_a_number(root, (1,))
    with pytest.raises(Refused) as refusal:
        Split(root).apply()
    assert [line.partition(" (")[0] for line in refusal.value.found.splitlines()] == [
        "timestamps", "numbers-finite", "timestamps", "and 2 more",
    ]  # fmt: skip


def test_where_all_episodes_are_wrong_none_are_to_be_left_out(root):
    not_a_number(root, (0, 1, 2, 3))
    with pytest.raises(Refused) as refusal:
        Recompress(root).apply()
    assert refusal.value.todo == f"just check-dataset {root} tells all of it"


def test_a_merge_names_the_dataset_that_is_wrong_before_it_writes(root):
    by_the_clock(root.with_name("other"), (1,))
    with pytest.raises(Refused, match="episode_000001") as refusal:
        Merge((root, root.with_name("other"))).apply()
    assert refusal.value.where == str(root.with_name("other"))
    assert folders(root) == ["in", "other"]


def test_a_merge_writes_schemas_anew_and_takes_no_column_that_is_not_declared(root):
    edits.schema_metadata(None, (0, 1, 2, 3))(root)
    clock("when", root)
    assert not check_dataset(root).ok
    [out] = Merge((root, root.with_name("other"))).apply()
    assert in_order(out)


@pytest.mark.parametrize("spoil", [by_the_clock, not_a_number, clock])
def test_an_episode_with_errors_can_be_deleted(root, spoil):
    spoil("when", root, (2,)) if spoil is clock else spoil(root)
    assert not check_dataset(root).ok
    [out] = Delete(root, ("2",)).apply()
    assert in_order(out)
    assert info(out)["total_episodes"] == 3


def test_a_first_file_that_differs_from_all_others_can_be_deleted(root):
    """The errors then stand at the others, which have a column that the first has not."""
    edits.table(lambda old: old.append_column("note", pa.array(["x"] * len(old))), (1, 2, 3))(root)
    assert {one.episode for one in check_dataset(root).findings if one.severity == "error"} == {1, 2, 3}
    [out] = Delete(root, ("0",)).apply()
    assert in_order(out)


def test_a_file_that_must_not_come_first_is_not_made_the_first(root):
    edits.schema_metadata(None, (1,))(root)
    assert check_dataset(root).ok
    with pytest.raises(Refused, match="schema-metadata") as refusal:
        Delete(root, ("0",)).apply()
    assert f"just repair-dataset {root}" in refusal.value.todo
    assert folders(root) == ["in", "other"]


def test_what_two_verbs_have_to_heal_is_healed_in_either_order(root, capsys):
    """A file that cannot be read is delete's matter, columns that cannot be read are drop's: neither waits for the other."""
    clock("when", root)
    clock("then", root)
    path = root / edits.data_file(2)
    path.write_bytes(path.read_bytes()[:-60])
    [out] = Delete(root, ("2",)).apply()
    told = capsys.readouterr().err
    assert "6 errors that delete does not mend" in told
    assert f"just check-dataset {out}" in told
    [out] = Drop(out, "when").apply()
    assert "3 errors that drop does not mend" in capsys.readouterr().err
    [out] = Drop(out, "then").apply()
    assert "does not mend" not in capsys.readouterr().err
    assert in_order(out)


def test_a_feature_that_is_wrong_can_be_dropped(root):
    """Declared, and of another shape than declared."""
    set_info(root, features=info(root)["features"] | {"effort": {"dtype": "float32", "shape": [2], "names": None}})
    edits.table(lambda old: old.append_column("effort", pa.array([0.5] * len(old), pa.float32())))(root)
    assert "column-shapes" in {one.check for one in check_dataset(root).findings}
    [out] = Drop(root, "effort").apply()
    assert in_order(out)


def test_a_rename_says_anew_what_the_columns_are(root):
    edits.schema_metadata(None, (0, 1, 2, 3))(root)
    [out] = Rename(root, CAMERA, "observation.images.top").apply()
    assert in_order(out)
