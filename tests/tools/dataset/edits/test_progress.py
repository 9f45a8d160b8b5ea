"""What takes long says how far it is: looking at the files, statistics, and bringing all to the disk."""

import pytest

from tests.tools.dataset.made_dataset import make_dataset
from tools.dataset import progress
from tools.dataset.edits.recompress import Recompress
from tools.dataset.upload import files as upload_files


@pytest.fixture
def _slow(monkeypatch):
    """Each look at the clock is ten seconds after the last one."""
    clock = iter(range(0, 10**6, 10))
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))


@pytest.mark.usefixtures("_slow")
def test_each_part_of_an_edit_is_told_of(tmp_path, capsys):
    Recompress(make_dataset(tmp_path / "in", 3), quality=20).apply()
    told = capsys.readouterr().err
    for part in (
        "looked at 3 of 3 episodes",
        "written 3 of 3 data files",
        "computed statistics of 3 of 3 episodes",
        "files and folders to the disk",
    ):
        assert part in told


@pytest.mark.usefixtures("_slow")
def test_what_an_upload_reads_here_is_told_of(tmp_path, capsys):
    (tmp_path / "a").write_bytes(bytes(2_000_000))
    file = upload_files.LocalFile("a", tmp_path / "a", 2_000_000, 0)
    upload_files.Digests().ahead([(file, True)])
    assert "compared 2 of 2 MB with the hub" in capsys.readouterr().err
