"""A file gets other schema metadata with every page as it was, or is left to be written the long way."""

import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tools.dataset.drafts.new_footer import write_with_metadata
from tools.dataset.features import IMAGE_TYPE

METADATA = {b"huggingface": b'{"info": {}}'}


def a_file(path: pathlib.Path, **options) -> pa.Table:
    rng = np.random.default_rng(0)
    cells = [{"bytes": rng.bytes(500), "path": f"{n}.jpg"} for n in range(50)]
    state = pa.array(rng.normal(size=(50, 6)).astype(np.float32).tolist(), pa.list_(pa.float32(), 6))
    table = pa.table({"state": state, "image": pa.array(cells, IMAGE_TYPE), "index": np.arange(50)})
    pq.write_table(table, path, row_group_size=20, **options)
    return table


@pytest.mark.parametrize("options", [{}, {"write_page_index": True}, {"compression": "zstd"}, {"version": "1.0"}])
def test_the_pages_are_those_of_the_file(tmp_path, options):
    table = a_file(tmp_path / "old.parquet", **options)
    schema = pq.read_schema(tmp_path / "old.parquet").with_metadata(METADATA)
    assert write_with_metadata(tmp_path / "old.parquet", tmp_path / "new.parquet", schema)
    new = pq.read_table(tmp_path / "new.parquet")
    assert new.equals(table)
    assert new.schema.metadata == METADATA
    old, new = ((tmp_path / name).read_bytes() for name in ("old.parquet", "new.parquet"))
    pages = len(old) - 8 - int.from_bytes(old[-8:-4], "little")
    assert new[:pages] == old[:pages]
    assert pq.read_metadata(tmp_path / "new.parquet").num_row_groups == 3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["new.parquet", "old.parquet"]


def test_metadata_goes_too(tmp_path):
    table = a_file(tmp_path / "old.parquet")
    pq.write_table(table.replace_schema_metadata(METADATA), tmp_path / "old.parquet")
    schema = pq.read_schema(tmp_path / "old.parquet").remove_metadata()
    assert write_with_metadata(tmp_path / "old.parquet", tmp_path / "new.parquet", schema)
    assert pq.read_schema(tmp_path / "new.parquet").metadata is None


def test_another_schema_is_left_to_the_long_way(tmp_path):
    a_file(tmp_path / "old.parquet")
    schema = pq.read_schema(tmp_path / "old.parquet")
    other = schema.set(2, pa.field("index", pa.int32()))
    assert not write_with_metadata(tmp_path / "old.parquet", tmp_path / "new.parquet", other)
    assert [one.name for one in tmp_path.iterdir()] == ["old.parquet"]


def test_list_items_of_an_older_name_are_left_to_the_long_way_or_right(tmp_path):
    table = a_file(tmp_path / "old.parquet", use_compliant_nested_type=False)
    schema = pq.read_schema(tmp_path / "old.parquet").with_metadata(METADATA)
    if write_with_metadata(tmp_path / "old.parquet", tmp_path / "new.parquet", schema):
        assert pq.read_table(tmp_path / "new.parquet").equals(table)
    else:
        assert [one.name for one in tmp_path.iterdir()] == ["old.parquet"]
