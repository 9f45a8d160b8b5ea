"""Datasets as they lie on disk: the same one after a tool has dropped what LeRobot's writer put there."""

import pathlib
import shutil

import pyarrow.parquet as pq


def copy_without_metadata(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copies a dataset with its parquet files written again, without their schema metadata."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    for path in sorted(target.glob("data/**/*.parquet")):
        table = pq.read_table(path)
        assert b"huggingface" in table.schema.metadata
        pq.write_table(table.replace_schema_metadata(None), path)
