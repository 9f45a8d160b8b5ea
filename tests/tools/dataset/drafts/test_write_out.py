"""A draft becomes a dataset: what need not change is copied to the byte, what is written keeps its images."""

import functools
import os
import pathlib
import resource
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tests.upstream.dataset_mutations.scene import CAMERAS
from tools.command import ROOT
from tools.dataset import pool
from tools.dataset.dataset import path_by_template
from tools.dataset.dataset import read_dataset
from tools.dataset.drafts import lay_out
from tools.dataset.drafts import write_out as write_out_module
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.draft import draft_of
from tools.dataset.drafts.mend_schema import mend_schema
from tools.dataset.drafts.renumber import renumber
from tools.dataset.drafts.steps import without_images
from tools.dataset.drafts.write_out import write_out
from tools.dataset.frame_columns import restate
from tools.dataset.record import write_lock
from tools.refusal import Refused

FILES = [edits.data_file(episode) for episode in range(3)]


@pytest.fixture
def root(tmp_path) -> pathlib.Path:
    write_by_the_guide(tmp_path / "robot")
    return tmp_path / "robot"


@pytest.fixture
def draft(root) -> Draft:
    return draft_of(read_dataset(root))


def content(root: pathlib.Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def cells(path: pathlib.Path) -> list[list[bytes]]:
    table = pq.ParquetFile(path).read()
    return [[cell["bytes"] for cell in table.column(camera).to_pylist()] for camera in CAMERAS]


def plus_one(table: pa.Table, episode: int, first: int) -> pa.Table:
    if episode != 1:
        return table
    frames = pa.array(np.arange(first, first + table.num_rows) + 1)
    return table.set_column(table.schema.get_field_index("frame_index"), "frame_index", frames)


@without_images
def plus(table: pa.Table, episode: int, first: int) -> pa.Table:
    return plus_one(table, episode, first)


def test_a_draft_without_changes_is_the_same_dataset_to_the_byte(root, draft, tmp_path):
    (root / "README.md").write_text("about it")
    (root / ".cache").mkdir()
    (root / "images").mkdir()
    (root / "meta/modality.json").write_text("{}")
    done = write_out(draft, tmp_path / "new")
    expected = {name: one for name, one in content(root).items() if not name.startswith(".cache")}
    assert content(tmp_path / "new") == expected
    assert (done.rewritten, done.kept) == (0, 3)
    assert not (tmp_path / "new/images").exists()


def test_only_files_that_a_step_changes_are_written_again_and_images_stay(root, draft, tmp_path):
    draft.steps.append(plus_one)
    done = write_out(draft, tmp_path / "new")
    old, new = content(root), content(tmp_path / "new")
    assert [name for name in old if old[name] != new[name]] == [FILES[1]]
    assert (done.rewritten, done.kept) == (1, 2)
    assert cells(tmp_path / "new" / FILES[1]) == cells(root / FILES[1])
    table = pq.ParquetFile(tmp_path / "new" / FILES[1]).read()
    assert table.column("frame_index").to_pylist() == [1, 2, 3, 4]
    assert table.schema.equals(pq.read_schema(root / FILES[1]), check_metadata=True)


def test_row_groups_and_compression_stay_and_no_image_lands_in_the_footer(root, draft, tmp_path):
    codec = {"timestamp": "ZSTD", f"{CAMERAS[0]}.bytes": "NONE"}
    edits.table(lambda old: old, (1,), row_group_size=3, compression=codec)(root)
    draft.steps.append(plus_one)
    write_out(draft, tmp_path / "new")
    footer = pq.read_metadata(tmp_path / "new" / FILES[1])
    assert [footer.row_group(at).num_rows for at in range(footer.num_row_groups)] == [3, 1]
    assert pq.read_table(tmp_path / "new" / FILES[1], columns=["frame_index"]).column(0).to_pylist() == [1, 2, 3, 4]
    group = footer.row_group(0)
    columns = {group.column(at).path_in_schema: group.column(at) for at in range(footer.num_columns)}
    assert columns["timestamp"].compression == "ZSTD"
    assert columns[f"{CAMERAS[0]}.bytes"].compression == "UNCOMPRESSED"
    assert not columns[f"{CAMERAS[0]}.bytes"].is_stats_set
    assert columns["timestamp"].is_stats_set


def test_one_row_group_at_a_time_is_in_memory(root, draft):
    edits.table(lambda old: old, (0,), row_group_size=2)(root)
    assert [before.num_rows for before, _ in draft.row_groups(0)] == [2, 2, 1]
    assert all(before is after for before, after in draft.row_groups(0))


def test_statistics_of_a_changed_column_are_those_of_the_new_one(root, draft, tmp_path):
    draft.steps.append(plus_one)
    draft.stats[1]["stats"]["frame_index"] = {"min": [0], "max": [3], "mean": [1.5], "std": [1.1], "count": [4]}
    write_out(draft, tmp_path / "new")
    stats = read_dataset(tmp_path / "new").stats.values
    assert stats[1]["stats"]["frame_index"]["max"] == [4]
    assert stats[0] == read_dataset(root).stats.values[0]


def spoil_images(path: pathlib.Path) -> None:
    """Makes the cells of the first camera unreadable, and nothing else."""
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    at = next(one.data_page_offset for one in columns if one.path_in_schema == f"{CAMERAS[0]}.bytes")
    content = bytearray(path.read_bytes())
    content[at : at + 40] = bytes(40)
    path.write_bytes(content)


def test_a_file_in_which_nothing_changes_is_copied_without_reading_its_images(root, draft, tmp_path):
    for path in FILES:
        spoil_images(root / path)
    draft.steps.append(functools.partial(plus))
    done = write_out(draft, tmp_path / "new")
    assert list(done.unreadable) == [1]  # the one that changes has to be read
    assert content(tmp_path / "new") == content(root)


def test_a_step_that_looks_into_images_is_given_them(root, draft, tmp_path):
    def marked(table: pa.Table, episode: int, first: int) -> pa.Table:
        field = table.schema.field(CAMERAS[0])
        cells = [cell["bytes"] for cell in table.column(CAMERAS[0]).to_pylist()]
        assert all(cells)
        if episode != 2:
            return table
        new = pa.array([{"bytes": cell + b"!", "path": None} for cell in cells], field.type)
        return table.set_column(table.schema.get_field_index(CAMERAS[0]), field, new)

    draft.steps.append(marked)
    done = write_out(draft, tmp_path / "new")
    assert (done.rewritten, done.kept) == (1, 2)
    assert cells(tmp_path / "new" / FILES[2])[0] == [cell + b"!" for cell in cells(root / FILES[2])[0]]
    assert [content(tmp_path / "new")[name] == content(root)[name] for name in FILES] == [True, True, False]


def test_other_processes_write_what_one_alone_does(root, tmp_path, monkeypatch):
    edits.schema_metadata(None, (0, 2))(root)
    edits.column("frame_index", lambda old: pa.array(np.asarray(old) + 1), (1,))(root)

    def written(name: str) -> tuple[lay_out.Written, dict[str, bytes], list[tuple[int, int]]]:
        draft, told = draft_of(read_dataset(root)), []
        draft.stats[1]["stats"]["frame_index"] = {"min": [1], "max": [4], "mean": [2.5], "std": [1.1], "count": [4]}
        restate(draft, ("frame_index",))
        mend_schema(draft)
        done = write_out(draft, tmp_path / name, lambda done, of: told.append((done, of)))
        return done, content(tmp_path / name), told

    alone = written("alone")
    heavy, over = [], pool.over

    def spied(function, items, *, heavy: bool = False, seen: list = heavy):
        seen.append(heavy)
        return over(function, items, heavy=heavy)

    monkeypatch.setattr(pool, "over", spied)
    monkeypatch.setattr(lay_out, "_MUCH", 0)
    assert written("together") == alone
    assert heavy == [True]
    assert alone[0].rewritten == 3
    assert alone[2] == [(1, 3), (2, 3), (3, 3)]
    assert read_dataset(tmp_path / "together").stats.values[1]["stats"]["frame_index"]["max"] == [3]


def test_what_is_shared_by_links_is_data_and_never_what_others_add_lines_to(root, draft, tmp_path):
    (tmp_path / "new").mkdir()
    lay_out.lay_out(draft, tmp_path / "new", link=True)
    assert content(tmp_path / "new") == content(root)
    shared = {name for name in content(root) if os.path.samefile(root / name, tmp_path / "new" / name)}
    assert shared == set(FILES)


def test_two_files_for_one_place_are_refused_before_anything_is_written(root, draft, tmp_path):
    draft.info["data_path"] = "data/one.parquet"
    with pytest.raises(Refused):
        write_out(draft, tmp_path / "new")
    assert os.listdir(tmp_path) == ["robot"]


def test_renumbering_moves_files_lines_and_columns_together(root, draft, tmp_path):
    renumber(draft, {0: 0, 2: 1})
    write_out(draft, tmp_path / "new")
    new = read_dataset(tmp_path / "new")
    assert sorted(new.episode_files) == [0, 1]
    assert [line["episode_index"] for line in new.episodes.values] == [0, 1]
    assert [line["length"] for line in new.episodes.values] == [5, 5]
    assert new.stats.values[1]["stats"] == draft.source.stats.values[2]["stats"]
    table = pq.ParquetFile(tmp_path / "new" / FILES[1]).read()
    assert set(table.column("episode_index").to_pylist()) == {1}
    assert table.column("index").to_pylist() == [5, 6, 7, 8, 9]
    assert cells(tmp_path / "new" / FILES[1]) == cells(root / FILES[2])
    assert content(tmp_path / "new")[FILES[0]] == content(root)[FILES[0]]


def test_a_column_that_is_missing_is_added_and_the_metadata_says_so(root, draft, tmp_path):
    edits.table(lambda old: old.drop_columns(["index"]))(root)
    restate(draft, ("index",))
    write_out(draft, tmp_path / "new")
    assert pq.read_table(tmp_path / "new" / FILES[2], columns=["index"]).column(0).to_pylist() == [9, 10, 11, 12, 13]
    assert b'"index": {"dtype": "int64"' in pq.read_schema(tmp_path / "new" / FILES[2]).metadata[b"huggingface"]


def test_a_file_that_cannot_be_read_is_carried_over_and_named(root, draft, tmp_path):
    (root / FILES[1]).write_bytes((root / FILES[1]).read_bytes()[:-100])
    draft.steps.append(plus_one)
    done = write_out(draft_of(read_dataset(root)), tmp_path / "same")
    assert done.unreadable == {}  # nothing was asked of it
    done = write_out(draft, tmp_path / "new")
    assert list(done.unreadable) == [1]
    assert content(tmp_path / "new") == content(root)


def test_lines_that_json_takes_and_utf_8_does_not_survive(root, draft, tmp_path):
    draft.tasks[0]["task"] = "half a character: \ud83d"
    action = draft.stats[0]["stats"]["action"]
    draft.stats[0]["stats"]["action"] = action | {"mean": [float("nan"), *action["mean"][1:]]}
    write_out(draft, tmp_path / "new")
    new = read_dataset(tmp_path / "new")
    assert new.tasks.values[0]["task"] == "half a character: \ud83d"
    assert np.isnan(new.stats.values[0]["stats"]["action"]["mean"][0])


def test_something_at_the_target_or_one_inside_the_other_is_refused(root, draft, tmp_path):
    (tmp_path / "there").mkdir()
    for target in (tmp_path / "there", root, root / "new", tmp_path):
        with pytest.raises(Refused):
            write_out(draft, target)
    assert os.listdir(tmp_path / "there") == []


def test_of_two_at_once_the_second_is_refused_as_if_it_had_come_later(root, draft, tmp_path, monkeypatch):
    rename = os.rename

    def after_another(source, target):
        (target / "data").mkdir(parents=True)
        rename(source, target)

    monkeypatch.setattr(write_out_module.os, "rename", after_another)
    with pytest.raises(Refused, match="nothing there"):
        write_out(draft, tmp_path / "new")
    assert sorted(os.listdir(tmp_path)) == ["new", "robot"]
    assert os.listdir(tmp_path / "new") == ["data"]


def test_a_name_padded_to_millions_of_digits_is_no_place(root):
    info = read_dataset(root).info
    for width in ("0999999999d", ".999999999f", "099999d"):
        assert path_by_template(root, info | {"data_path": f"data/{{episode_index:{width}}}"}, "data_path", 1) is None
    assert path_by_template(root, info | {"data_path": "data/{episode_index:0100d}"}, "data_path", 1) is not None


def test_nothing_is_left_where_a_step_fails(root, draft, tmp_path):
    def stop(table: pa.Table, episode: int, first: int) -> pa.Table:
        raise KeyboardInterrupt

    draft.steps.append(stop)
    with pytest.raises(KeyboardInterrupt):
        write_out(draft, tmp_path / "new")
    assert os.listdir(tmp_path) == ["robot"]


def test_what_a_killed_run_left_beside_the_target_goes_and_no_more(root, draft, tmp_path):
    left = [tmp_path / ".new.0123abcd.new", tmp_path / ".new.mine", tmp_path / ".newer.0123abcd.new"]
    for folder in left:
        (folder / "data").mkdir(parents=True)
    write_out(draft, tmp_path / "new")
    assert [folder.exists() for folder in left] == [False, True, True]


@pytest.mark.parametrize(("kilobytes", "option"), [(0, "--json"), (3, "--json"), (0, "--in-place"), (3, "--in-place")])
def test_a_full_disk_leaves_the_source_and_nothing_else(root, tmp_path, kilobytes, option):
    edits.schema_metadata(None)(root)
    before = content(root)
    limit = functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))
    line = [sys.executable, "-P", "-m", "tools.dataset.repair", str(root), option]
    done = subprocess.run(line, cwd=ROOT, preexec_fn=limit, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "expected" in done.stderr + done.stdout
    assert {name: one for name, one in content(root).items() if name != write_lock.NAME} == before
    assert sorted(set(os.listdir(root)) - {write_lock.NAME}) == ["data", "meta"]
    assert os.listdir(tmp_path) == ["robot"]


def test_a_source_behind_links_is_read_and_not_written_to(root, tmp_path):
    """As the hub's cache lays a dataset out: every file is a link to a blob."""
    (tmp_path / "blobs").mkdir()
    for number, path in enumerate(sorted(path for path in root.rglob("*") if path.is_file())):
        path.rename(tmp_path / "blobs" / str(number))
        path.symlink_to(tmp_path / "blobs" / str(number))
    before = content(tmp_path / "blobs")
    draft = draft_of(read_dataset(root))
    draft.steps.append(plus_one)
    write_out(draft, tmp_path / "new")
    assert content(tmp_path / "blobs") == before
    assert not any(path.is_symlink() for path in (tmp_path / "new").rglob("*"))
    assert os.stat(tmp_path / "new" / FILES[0]).st_nlink == 1
