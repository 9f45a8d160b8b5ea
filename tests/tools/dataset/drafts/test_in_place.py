"""A dataset that is changed where it lies is the old one or the new one, also after a kill -9 at any rename."""

from collections.abc import Callable
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tools.command import ROOT
from tools.dataset.drafts import in_place
from tools.dataset.drafts.own_files import refuse_links
from tools.dataset.record import write_lock
from tools.refusal import Refused

OLD = {"data/a": "old a", "data/b": "same", "meta/info.json": "old"}
NEW = {"data/a": "new a", "data/b": "same", "data/c": "new c", "meta/info.json": "new"}
NEWER = {"data/a": "newer", "meta/info.json": "newer"}


@pytest.fixture
def root(tmp_path) -> pathlib.Path:
    write(tmp_path / "robot", OLD)
    return tmp_path / "robot"


def write(folder: pathlib.Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def there(root: pathlib.Path) -> dict[str, str]:
    """The visible files; and what is hidden is ours."""
    paths = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    return {name: (root / name).read_text() for name in paths if not name.startswith(".")}


def hidden(root: pathlib.Path) -> list[str]:
    return sorted(path.name for path in root.iterdir() if path.name.startswith(".") and path.name != write_lock.NAME)


def change(root: pathlib.Path, files: dict[str, str]) -> None:
    in_place.change(root, lambda folder: write(folder, files), ["test"])


def killed_at(number: int, *, after: bool, run: Callable[[], None]) -> bool:
    """Runs something in a process of its own that is killed at its n-th rename; says whether there was one."""
    child = os.fork()
    if child == 0:
        count = 0

        def counted(real: Callable) -> Callable:
            def rename(*args: object) -> None:
                nonlocal count
                count += 1
                if count == number and not after:
                    os.kill(os.getpid(), signal.SIGKILL)
                real(*args)
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)

            return rename

        os.rename, os.replace = counted(os.rename), counted(os.replace)
        try:
            run()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_a_change_and_its_undoing(root):
    before = os.stat(root / "data/a").st_mtime_ns
    change(root, NEW)
    assert there(root) == NEW
    assert hidden(root) == [".repair-undo"]
    assert in_place.undo(root)["what"] == ["test"]
    assert there(root) == OLD
    assert hidden(root) == []
    assert os.stat(root / "data/a").st_mtime_ns == before
    with pytest.raises(Refused, match="robot"):
        in_place.undo(root)


def test_only_the_last_change_is_undone(root):
    change(root, NEW)
    change(root, NEWER)
    assert there(root) == NEWER
    in_place.undo(root)
    assert there(root) == NEW


def test_nothing_is_undone_that_was_changed_since(root):
    change(root, NEW)
    (root / "data/d").write_text("recorded since")
    with pytest.raises(Refused) as refusal:
        in_place.undo(root)
    assert refusal.value.where == str(root / "data/d")
    assert there(root) == NEW | {"data/d": "recorded since"}


def test_where_making_fails_the_old_stays(root):
    def stop(folder: pathlib.Path) -> None:
        write(folder, NEW)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="space"):
        in_place.change(root, stop, [])
    assert there(root) == OLD
    assert hidden(root) == []


def test_other_files_of_the_dataset_stay_where_they_are(root):
    write(root, {"README.md": "mine", "videos/x": "film"})
    change(root, NEW)
    assert there(root) == NEW | {"README.md": "mine", "videos/x": "film"}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("second", [False, True])
def test_killed_at_any_rename_of_a_change(tmp_path, after, second):
    old = NEW if second else OLD
    seen = set()
    for number in range(1, 30):
        root = tmp_path / str(number)
        write(root, OLD)
        if second:
            change(root, NEW)
        if not killed_at(number, after=after, run=lambda root=root: change(root, NEWER)):
            break
        in_place.settle(root)
        assert there(root) in (old, NEWER), number
        seen.add(there(root) == NEWER)
        change(root, {"data/last": "last", "meta/info.json": "last"})  # what was left is in nobody's way
        assert hidden(root) == [".repair-undo"]
        in_place.undo(root)
        assert there(root) in (old, NEWER), number
    assert number >= 7
    assert seen == {False, True}


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_rename_of_an_undoing(tmp_path, after):
    for number in range(1, 30):
        root = tmp_path / str(number)
        write(root, OLD)
        change(root, NEW)
        if not killed_at(number, after=after, run=lambda root=root: in_place.undo(root)):
            break
        in_place.settle(root)
        assert there(root) == (NEW if number == 1 and not after else OLD), number
    assert number >= 6


def test_killed_again_while_it_is_being_finished(tmp_path):
    for number in range(1, 9):
        root = tmp_path / str(number)
        write(root, OLD)
        assert killed_at(3, after=True, run=lambda root=root: change(root, NEW))
        killed_at(number, after=True, run=lambda root=root: in_place.settle(root))
        in_place.settle(root)
        assert there(root) == NEW
        in_place.undo(root)
        assert there(root) == OLD


def test_an_empty_folder_that_someone_made_in_the_meantime_is_in_nobodys_way(root):
    """LeRobot makes the folders that it misses, before it asks the hub."""
    assert killed_at(
        3, after=True, run=lambda: change(root, NEW)
    )  # data/ has gone aside, and its successor is not there
    assert not (root / "data").exists()
    (root / "data").mkdir()
    in_place.settle(root)
    assert there(root) == NEW
    in_place.undo(root)
    assert there(root) == OLD


def test_folders_without_a_file_in_them_are_in_nobodys_way_either(root):
    assert killed_at(3, after=True, run=lambda: change(root, NEW))
    (root / "data/chunk-000").mkdir(parents=True)
    in_place.settle(root)
    assert there(root) == NEW


@pytest.mark.parametrize("undoing", [False, True])
def test_files_that_someone_made_in_the_meantime_are_kept_and_named(root, undoing):
    if undoing:
        change(root, NEW)
        assert killed_at(2, after=True, run=lambda: in_place.undo(root))
    else:
        assert killed_at(3, after=True, run=lambda: change(root, NEW))
    assert not (root / "data").exists()
    write(root, {"data/fetched": "by another program"})
    with pytest.raises(Refused) as refusal:
        in_place.settle(root)
    assert refusal.value.where == str(root / "data")
    assert "move" in refusal.value.todo
    assert (root / "data/fetched").read_text() == "by another program"
    (root / "data").rename(root.parent / "theirs")
    in_place.settle(root)
    assert there(root) == (OLD if undoing else NEW)


def test_a_change_while_another_writer_is_at_work_is_refused(root):
    with write_lock.held(root), pytest.raises(Refused, match="robot"):
        change(root, NEW)
    assert there(root) == OLD


def test_links_are_refused(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    with pytest.raises(Refused) as refusal:
        change(tmp_path / "link", NEW)
    assert str(root) in refusal.value.todo
    (root / "data/b").unlink()
    (root / "data/b").symlink_to(tmp_path / "blob")
    with pytest.raises(Refused):
        change(root, NEW)
    assert hidden(root) == []


def test_a_snapshot_of_the_hubs_cache_without_links_is_refused(tmp_path):
    snapshot = tmp_path / "datasets--me--robot/snapshots/0123"
    write(snapshot, OLD)
    (tmp_path / "datasets--me--robot/blobs").mkdir()
    with pytest.raises(Refused):
        refuse_links(snapshot)


def test_a_repair_that_is_killed_leaves_the_old_or_the_new(tmp_path):
    """The real command, killed at moments all over its run."""
    write_by_the_guide(tmp_path / "base", [6] * 12)
    for episode in range(12):
        edits.schema_metadata(None, (episode,))(tmp_path / "base")
    line = [sys.executable, "-P", "-m", "tools.dataset.repair", "--in-place"]
    shutil.copytree(tmp_path / "base", tmp_path / "whole")
    subprocess.run([*line, tmp_path / "whole"], cwd=ROOT, check=True, capture_output=True)
    old, new = state(tmp_path / "base"), state(tmp_path / "whole")
    results = []
    for number, wait_s in enumerate((0.05, 0.02, *[0.0] * 20)):
        root = tmp_path / f"robot-{number}"
        shutil.copytree(tmp_path / "base", root)
        process = subprocess.Popen([*line, root], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not any(name.startswith(".repair") for name in os.listdir(root)):
            time.sleep(0.001)
        time.sleep(wait_s)
        process.kill()
        process.wait()
        in_place.settle(root)
        results.append(state(root))
        if wait_s == 0 and results[-1] == old:  # a busy machine may look away until the repair is done
            break
    assert results[-1] == old != new
    assert all(one in (old, new) for one in results)


def state(root: pathlib.Path) -> dict[str, bytes]:
    names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    return {name: (root / name).read_bytes() for name in names if not name.startswith(".")}
