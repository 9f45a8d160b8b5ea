"""A feature goes from data and meta, and all else stays."""

import json

import pyarrow as pa
import pytest

from tests.tools.dataset.edits.edited import ACTION
from tests.tools.dataset.edits.edited import STATE
from tests.tools.dataset.edits.edited import in_order
from tests.tools.dataset.edits.edited import info
from tests.tools.dataset.edits.edited import lines
from tests.tools.dataset.edits.edited import rows
from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tools.dataset.check_run import check_dataset
from tools.dataset.edits.drop import Drop
from tools.refusal import Refused


@pytest.fixture
def root(tmp_path):
    write_by_the_guide(tmp_path / "in")
    return tmp_path / "in"


@pytest.mark.parametrize("name", [scene.CAMERAS[1], STATE])
def test_it_is_gone_everywhere_and_the_rest_is_as_it_was(root, name):
    [out] = Drop(root, name).apply()
    assert [one for one in info(root)["features"] if one != name] == list(info(out)["features"])
    for episode in range(3):
        was, got = rows(root, episode).drop_columns([name]), rows(out, episode)
        assert got.equals(was)
        assert list(json.loads(got.schema.metadata[b"huggingface"])["info"]["features"]) == got.column_names
    assert all(set(line["stats"]) == {STATE, ACTION} - {name} for line in lines(out, "episodes_stats.jsonl"))
    assert in_order(out) or name == STATE


@pytest.mark.parametrize(("name", "word"), [("nothing", "no feature"), ("task_index", "LeRobot needs")])
def test_what_is_not_there_or_is_needed_is_refused(root, name, word):
    with pytest.raises(Refused, match=word) as e:
        Drop(root, name).apply()
    assert f"one of {STATE}, {ACTION}, " in str(e.value)


def test_a_video_goes_with_its_files(tmp_path):
    from tests.tools.dataset.test_convert import old_dataset
    from tests.tools.dataset.v30_datasets import CAMERAS
    from tools.dataset.convert.__main__ import convert
    from tools.dataset.convert.read_plan import read_plan

    old_dataset(tmp_path / "old", "v2.0")
    convert(read_plan(tmp_path / "old"), tmp_path / "in")
    [out] = Drop(tmp_path / "in", CAMERAS[0]).apply()
    assert len(list(out.rglob("*.mp4"))) == 5
    assert info(out)["total_videos"] == 5
    assert in_order(out)


@pytest.mark.parametrize("episodes", [(0, 1, 2), (1,)])
def test_a_column_that_info_json_does_not_tell_of_goes_as_well(root, episodes):
    """Such as one of which no tensor can be made: LeRobot refuses the dataset, and this is the way out."""
    was = [rows(root, episode) for episode in range(3)]
    clock = pa.array([0], pa.timestamp("us"))
    edits.table(lambda old: old.append_column("when", pa.concat_arrays([clock] * len(old))), episodes)(root)
    assert not check_dataset(root).ok
    [out] = Drop(root, "when").apply()
    assert [rows(out, episode).equals(was[episode]) for episode in range(3)] == [True] * 3
    assert in_order(out)
