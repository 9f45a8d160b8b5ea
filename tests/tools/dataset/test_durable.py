"""What is renamed into place has gone to the disk before, and its name after: a power cut leaves the old or the new."""

import os
import pathlib

import pytest

from tests.tools.dataset.recording import ABOUT
from tests.tools.dataset.recording import frame
from tools.dataset.drafts import in_place
from tools.dataset.drafts.write_out import new_folder
from tools.dataset.durable import placed
from tools.dataset.writer import Writer


class Calls(list):
    """The flushes and renames in their order: (what, path), a rename by the name that it gives."""

    def flushed_before(self, path: pathlib.Path, rename: int) -> bool:
        return ("flush", path) in self[:rename]

    def at(self, target: pathlib.Path) -> int:
        return self.index(("rename", target))


@pytest.fixture
def calls(monkeypatch) -> Calls:
    seen, paths = Calls(), {}
    real = {name: getattr(os, name) for name in ("open", "fsync", "rename", "replace")}

    def opened(path: os.PathLike, *args: object, **more: object) -> int:
        handle = real["open"](path, *args, **more)
        paths[handle] = pathlib.Path(path)
        return handle

    def fsync(handle: int) -> None:
        seen.append(("flush", paths.get(handle)))
        real["fsync"](handle)

    def renamed(name: str):
        def rename(old: os.PathLike, new: os.PathLike) -> None:
            real[name](old, new)
            seen.append(("rename", pathlib.Path(new)))
            # What was flushed under the old name is flushed under the new one.
            for at, (what, path) in enumerate(seen):
                if what == "flush" and path is not None and path.is_relative_to(old):
                    seen[at] = (what, pathlib.Path(new) / path.relative_to(old))

        return rename

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", renamed("rename"))
    monkeypatch.setattr(os, "replace", renamed("replace"))
    return seen


def test_a_file_is_flushed_then_renamed_then_its_folder_flushed(tmp_path, calls):
    with placed(tmp_path / "one") as aside:
        aside.write_bytes(b"all of it")
    assert calls == [("flush", tmp_path / "one"), ("rename", tmp_path / "one"), ("flush", tmp_path)]


def test_a_new_folder_is_flushed_with_all_in_it_before_it_has_its_name(tmp_path, calls):
    (tmp_path / "source").mkdir()
    with new_folder(tmp_path / "source", tmp_path / "new") as folder:
        (folder / "data/chunk-000").mkdir(parents=True)
        (folder / "data/chunk-000/a").write_bytes(b"a")
        (folder / "b").write_bytes(b"b")
    at = calls.at(tmp_path / "new")
    for name in ("data/chunk-000/a", "data/chunk-000", "data", "b", "."):
        assert calls.flushed_before(tmp_path / "new" / name, at), name
    assert calls[at + 1 :] == [("flush", tmp_path)]


def test_a_change_in_place_is_flushed_before_it_is_promised_and_before_it_is_called_done(tmp_path, calls):
    root = tmp_path / "robot"
    (root / "data").mkdir(parents=True)
    (root / "data/a").write_bytes(b"old")

    def make(folder: pathlib.Path) -> None:
        (folder / "data").mkdir()
        (folder / "data/a").write_bytes(b"new")

    in_place.change(root, make, ["test"])
    # By the names that they had when they were flushed, taken on by each rename.
    renames = [path for what, path in calls if what == "rename" and path.parent == root]
    assert [path.name for path in renames] == [".repair-going", "data", ".repair-undo"]
    going, swapped, done = (calls.at(path) for path in renames)
    assert calls.flushed_before(root / "data/a", going)
    assert calls.flushed_before(root / "data", going)
    assert calls.flushed_before(root / ".repair-undo/journal.json", going)
    assert ("flush", root) in calls[going:swapped]  # promised before anything is moved
    assert ("flush", root) in calls[swapped:done]  # moved before it is called done
    assert ("flush", root) in calls[done:]


def test_an_episode_is_on_the_disk_before_info_counts_it(tmp_path, calls):
    root = tmp_path / "robot"
    with Writer(root, ABOUT) as writer:
        for number in range(5):
            writer.add_frame(frame(number), "Wave.")
        calls.clear()
        writer.save_episode()
    data = root / "data/chunk-000/episode_000000.parquet"
    info = calls.at(root / "meta/info.json")
    for path in (data, *(root / f"meta/{name}.jsonl" for name in ("tasks", "episodes", "episodes_stats"))):
        assert calls.flushed_before(path, calls.at(path)), path.name
        assert ("flush", path.parent) in calls[calls.at(path) : info], path.name
    assert calls.flushed_before(root / "meta/info.json", info)
    assert ("flush", root / "meta") in calls[info:]
