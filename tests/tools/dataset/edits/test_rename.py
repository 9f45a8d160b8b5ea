"""A feature gets another name everywhere, and its values stay."""

import json

import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.edits.edited import STATE
from tests.tools.dataset.edits.edited import images
from tests.tools.dataset.edits.edited import in_order
from tests.tools.dataset.edits.edited import info
from tests.tools.dataset.edits.edited import lines
from tests.tools.dataset.edits.edited import rows
from tests.tools.dataset.edits.edited import set_info
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tools.dataset.edits.rename import Rename
from tools.refusal import Refused


@pytest.fixture
def root(tmp_path):
    write_by_the_guide(tmp_path / "in")
    return tmp_path / "in"


@pytest.mark.parametrize(("old", "new"), [(scene.CAMERAS[0], "observation.images.top"), (STATE, "state")])
def test_the_name_changes_in_data_and_meta(root, old, new):
    [out] = Rename(root, old, new).apply()
    assert [new if name == old else name for name in info(root)["features"]] == list(info(out)["features"])
    for episode in range(3):
        was, got = rows(root, episode), rows(out, episode)
        assert got.column_names == [new if name == old else name for name in was.column_names]
        assert all(got.column(i).equals(was.column(i)) for i in range(was.num_columns))
        told = json.loads(got.schema.metadata[b"huggingface"])["info"]["features"]
        assert list(told) == got.column_names
    was, got = ([set(line["stats"]) for line in lines(one, "episodes_stats.jsonl")] for one in (root, out))
    assert [{new if name == old else name for name in names} for names in was] == got
    if old in scene.CAMERAS:
        assert images(out, 1, new) == images(root, 1, old)
        assert in_order(out)  # the statistics too


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("nothing", "other", "no feature of that name"),
        ("timestamp", "time", "LeRobot needs"),
        (STATE, "action", "no feature has"),
        (STATE, "a/b", "without /"),
        (STATE, " ", "without /"),
        (STATE, "image_state", "no camera"),
    ],
)
def test_names_that_cannot_be_are_refused(root, old, new, word):
    with pytest.raises(Refused, match=word):
        Rename(root, old, new).apply()
    assert [one.name for one in root.parent.iterdir()] == ["in"]


def test_a_file_without_metadata_gets_it(root):
    path = root / "data/chunk-000/episode_000000.parquet"
    pq.write_table(pq.ParquetFile(path).read().replace_schema_metadata(None), path)
    [out] = Rename(root, scene.CAMERAS[0], "observation.images.top").apply()
    assert in_order(out)


def test_a_video_keeps_its_name(root):
    told = info(root)["features"]
    told["observation.images.film"] = {"dtype": "video", "shape": [3, 16, 24], "names": None}
    path = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
    set_info(root, features=told, video_path=path)
    for episode in range(3):
        film = root / f"videos/chunk-000/observation.images.film/episode_{episode:06d}.mp4"
        film.parent.mkdir(parents=True, exist_ok=True)
        film.write_bytes(b"film")
    with pytest.raises(Refused, match="--images"):
        Rename(root, "observation.images.film", "observation.images.top").apply()
