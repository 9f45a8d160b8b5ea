"""Edits refuse a dataset that is not in order, by the check's own words, and make none that is not."""

import json

import pytest

from tests.tools.dataset.edits.edited import info
from tests.tools.dataset.edits.edited import set_info
from tests.tools.dataset.made_dataset import make_dataset
from tools.dataset.edits.delete import Delete
from tools.dataset.edits.drop import Drop
from tools.dataset.edits.merge import Merge
from tools.dataset.edits.recompress import Recompress
from tools.dataset.edits.rename import Rename
from tools.dataset.edits.split import Split
from tools.dataset.record.append_journal import NAME as JOURNAL
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
# A file of meta, its first line in its place, and a word of the refusal.
LINES = {
    "a task without its number": ("tasks.jsonl", {"task": "x"}, "task_index"),
    "a number of a task that is a list": ("tasks.jsonl", {"task_index": [0], "task": "x"}, "task_index"),
    "a task that is a list": ("tasks.jsonl", {"task_index": 0, "task": ["x"]}, "task"),
    "statistics of no episode": ("episodes_stats.jsonl", {"stats": {}}, "episode_index"),
    "statistics of a list": ("episodes_stats.jsonl", {"episode_index": [0], "stats": {}}, "episode_index"),
    "an episode that is a list": ("episodes.jsonl", {"episode_index": [0], "length": 6}, "episode_index"),
    "an episode without a number": ("episodes.jsonl", {"length": 6}, "episode_index"),
}


@pytest.fixture
def root(tmp_path):
    make_dataset(tmp_path / "other", 2)
    return make_dataset(tmp_path / "in", 3)


@pytest.mark.parametrize("what", LINES)
@pytest.mark.parametrize("verb", VERBS)
def test_lines_that_lerobot_refuses(root, verb, what):
    name, first, word = LINES[what]
    path = root / "meta" / name
    lines = path.read_text().splitlines()
    path.write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n")
    with pytest.raises(Refused, match=word) as refusal:
        VERBS[verb](root).apply()
    assert f"just repair-dataset {root}" in refusal.value.todo
    assert sorted(one.name for one in root.parent.iterdir()) == ["in", "other"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("change", [{"features": "no"}, {"chunks_size": 0}, {"fps": None}])
def test_an_info_that_lerobot_refuses(root, verb, change):
    set_info(root, **change)
    with pytest.raises(Refused):
        VERBS[verb](root).apply()
    assert sorted(one.name for one in root.parent.iterdir()) == ["in", "other"]


@pytest.mark.parametrize("shape", [[16, 16], [1, 16, 16, 3], []])
def test_a_camera_of_another_rank_is_told_of_as_a_difference(root, shape):
    features = info(root)["features"]
    features[CAMERA]["shape"] = shape
    set_info(root, features=features)
    with pytest.raises(Refused, match=f"features, {CAMERA}") as refusal:
        VERBS["merge"](root).apply()
    assert str(shape) in refusal.value.found


@pytest.mark.parametrize("verb", VERBS)
def test_an_episode_that_is_not_saved_is_not_left_behind(root, verb):
    (root / JOURNAL).write_bytes(b"frames")
    with pytest.raises(Refused, match=f"just recover-dataset {root}"):
        VERBS[verb](root).apply()
    assert sorted(one.name for one in root.parent.iterdir()) == ["in", "other"]


@pytest.mark.parametrize("edit", [lambda root: Drop(root, "action"), lambda root: Rename(root, "action", "my action")])
def test_training_keeps_its_action(root, edit):
    with pytest.raises(Refused, match="action") as refusal:
        edit(root).apply()
    assert "as it would be" in refusal.value.where
    assert "KeyError" in refusal.value.todo
    assert sorted(one.name for one in root.parent.iterdir()) == ["in", "other"]
    [out] = Rename(root, "action", "actions").apply()  # OpenPI's own name
    assert "actions" in info(out)["features"]


def test_what_gets_worse_is_told_and_what_was_so_is_not(root, capsys):
    Drop(root, CAMERA).apply()
    told = capsys.readouterr().err
    assert "cameras-there" in told
    assert "episodes-few" not in told  # so it was before
    features = info(root)["features"]
    set_info(root, features=features | {"observation.images.wrist": features[CAMERA]})
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "edit",
    [lambda root: Drop(root, "observation.state"), lambda root: Rename(root, "observation.state", "joints")],
    ids=["drop", "rename"],
)
def test_that_nothing_is_asked_of_the_state_any_more_is_told(root, edit, capsys):
    edit(root).apply()
    [told] = [line for line in capsys.readouterr().err.splitlines() if "state-there" in line]
    assert told.startswith("note       state-there: expected observation.state or state")


@pytest.mark.parametrize("verb", [lambda root: Drop(root, "bad"), lambda root: Rename(root, "bad", "good")])
def test_an_error_in_the_feature_itself_can_be_edited_away_only_by_what_does(root, verb):
    path = root / "meta/episodes_stats.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line["stats"]["bad"] = {"min": [0.0]}
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    features = info(root)["features"]
    set_info(root, features=features | {"bad": {"dtype": "video", "shape": [16, 16, 3], "names": None}})
    if isinstance(verb(root), Drop):
        [out] = verb(root).apply()
        assert info(out)["features"] == features
        assert "bad" not in (out / "meta/episodes_stats.jsonl").read_text()
    else:
        with pytest.raises(Refused):
            verb(root).apply()
