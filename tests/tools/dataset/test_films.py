"""Whatever an episode's number becomes, and whatever its file is called, it keeps the videos that it had."""

import re

import pytest

from tests.tools.dataset.edits.edited import info
from tests.tools.dataset.edits.edited import set_info
from tests.tools.dataset.filmed import FILM
from tests.tools.dataset.filmed import NAMES
from tests.tools.dataset.filmed import every_film_is_its_own
from tests.tools.dataset.filmed import film_of
from tests.tools.dataset.filmed import make_filmed
from tools.dataset.dataset import DATA_PATH
from tools.dataset.dataset import VIDEO_PATH
from tools.dataset.edits.delete import Delete
from tools.dataset.edits.drop import Drop
from tools.dataset.edits.recompress import Recompress
from tools.dataset.edits.split import Split
from tools.dataset.repair import repair
from tools.refusal import Refused

both_names = pytest.mark.parametrize("name", NAMES)


@both_names
@pytest.mark.parametrize("gone", ["0", "1-2", "3"])
def test_after_a_delete(tmp_path, name, gone):
    [out] = Delete(make_filmed(tmp_path / "in", 4, name), (gone,)).apply()
    assert every_film_is_its_own(out, 2 if gone == "1-2" else 3)


@both_names
def test_after_a_split(tmp_path, name):
    train, held = Split(make_filmed(tmp_path / "in", 6, name), held_out=0.5, seed=3).apply()
    assert every_film_is_its_own(train, 3)
    assert every_film_is_its_own(held, 3)


@both_names
@pytest.mark.parametrize("gone", [0, 2])
def test_after_a_gap_is_closed(tmp_path, name, gone, capsys):
    root = make_filmed(tmp_path / "in", 4, name)
    (root / name.format(episode_chunk=0, episode_index=gone)).unlink()
    repair(root)
    assert every_film_is_its_own(root.with_name("in_repaired"), 3)
    repair(root, in_place=True)
    assert every_film_is_its_own(root, 3)


@both_names
def test_after_files_are_taken_from_elsewhere(tmp_path, name, capsys):
    root = make_filmed(tmp_path / "in", 4, name)
    at = root / name.format(episode_chunk=0, episode_index=2)
    (root / "data/more").mkdir()
    at.rename(root / "data/more" / at.name.replace("000002", "2"))
    (root / name.format(episode_chunk=0, episode_index=0)).unlink()
    repair(root)
    assert every_film_is_its_own(root.with_name("in_repaired"), 3)


def test_after_the_template_of_names_is_mended(tmp_path, capsys):
    root = make_filmed(tmp_path / "in", 3)
    set_info(root, data_path=DATA_PATH.replace("episode_chunk", "chunk_index"))
    repair(root)
    assert every_film_is_its_own(root.with_name("in_repaired"), 3)


@both_names
def test_after_edits_that_number_nothing(tmp_path, name):
    [out] = Drop(make_filmed(tmp_path / "in", 3, name), "observation.images.scene").apply()
    assert every_film_is_its_own(out, 3)
    [out] = Recompress(tmp_path / "in", quality=5).apply()
    assert every_film_is_its_own(out, 3)


@both_names
@pytest.mark.parametrize("gone", [0, 2])
def test_a_film_that_is_missing_is_refused_by_name(tmp_path, name, gone):
    root = make_filmed(tmp_path / "in", 3, name)
    film_of(root, gone).unlink()
    with pytest.raises(Refused, match=f"episode_{gone:06d}\\.mp4"):
        Delete(root, ("1",)).apply()
    [out] = Delete(root, (str(gone),)).apply()
    assert every_film_is_its_own(out, 2)


@both_names
def test_a_file_that_cannot_be_written_again_is_named_by_its_number(tmp_path, name):
    root = make_filmed(tmp_path / "in", 3, name)
    path = root / name.format(episode_chunk=0, episode_index=2)
    data = bytearray(path.read_bytes())
    data[4:400] = bytes(396)
    path.write_bytes(data)
    with pytest.raises(Refused, match=re.escape(f"just edit-dataset delete {root} --episodes 2")):
        Drop(root, "observation.images.scene").apply()


def test_films_elsewhere_than_usual_go_along(tmp_path):
    root = make_filmed(tmp_path / "in", 3)
    template = "videos/{video_key}/{episode_index}.mp4"
    for episode in range(3):
        film_of(root, episode).rename(root / f"videos/{episode}.mp4")
    (root / "videos" / FILM).mkdir()
    for episode in range(3):
        (root / f"videos/{episode}.mp4").rename(root / f"videos/{FILM}/{episode}.mp4")
    set_info(root, video_path=template)
    [out] = Delete(root, ("0",)).apply()
    assert info(out)["video_path"] == template != VIDEO_PATH
    kept = [(out / f"videos/{FILM}/{episode}.mp4").read_bytes() for episode in range(2)]
    assert kept == [(root / f"videos/{FILM}/{episode}.mp4").read_bytes() for episode in (1, 2)]
