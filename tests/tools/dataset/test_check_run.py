"""A check tells of one state of a dataset, also where that is replaced while it is checked."""

import itertools
import os
import pathlib
import shutil

import pytest

from tests.tools.dataset.made_dataset import make_dataset
from tools.dataset.check_run import check_dataset
from tools.dataset.drafts import in_place
from tools.refusal import Refused


def replace(root: pathlib.Path, new: pathlib.Path) -> None:
    """Puts data and meta of another dataset in place, as a repair does."""

    def make(folder: pathlib.Path) -> None:
        for name in ("data", "meta"):
            shutil.copytree(new / name, folder / name)

    in_place.change(root, make, ["another"])


@pytest.fixture
def dataset(tmp_path) -> pathlib.Path:
    return make_dataset(tmp_path / "dataset", 5)


def test_a_dataset_that_is_replaced_meanwhile_is_checked_again(tmp_path, dataset):
    other = make_dataset(tmp_path / "other", 3, seed=1)
    done = []

    def progress(now: int, of: int) -> None:
        done.append((now, of))
        if len(done) == 2:
            replace(dataset, other)

    report = check_dataset(dataset, progress=progress)
    assert [one for one in report.findings if one.severity != "note" and one.check != "episodes-few"] == []
    assert (report.episodes, report.frames) == (3, 18)
    assert done[-3:] == [(1, 3), (2, 3), (3, 3)]


def test_one_that_is_replaced_again_and_again_is_refused(tmp_path, dataset):
    other = make_dataset(tmp_path / "other", 3, seed=1)
    with pytest.raises(Refused, match="stays as it is"):
        check_dataset(dataset, progress=lambda done, of: replace(dataset, other) if done == 1 else None)


def test_one_of_which_a_folder_was_away_at_the_end_is_checked_again(dataset):
    """As between the two renames of a repair."""
    calls = itertools.count(1)

    def progress(done: int, of: int) -> None:
        if next(calls) == 5:
            os.rename(dataset / "data", dataset / "away")

    report = check_dataset(dataset, progress=progress)
    assert (report.episodes, report.ok) == (0, False)


def test_one_that_stays_is_checked_once(dataset):
    done = []
    check_dataset(dataset, progress=lambda now, of: done.append((now, of)))
    assert done == [(n, 5) for n in range(1, 6)]
