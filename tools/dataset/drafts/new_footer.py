"""Gives a parquet file other schema metadata and leaves every page as it is: the footer alone is made anew."""

import pathlib
import shutil

import pyarrow as pa
import pyarrow.parquet as pq

_MARK = b"PAR1"


def write_with_metadata(path: pathlib.Path, target: pathlib.Path, schema: pa.Schema) -> bool:
    """Writes a file with the pages of another one and a schema that differs in its metadata only.

    Args:
        path: The file whose pages are taken over, byte for byte.
        target: Where to write; its folder exists.
        schema: As Arrow reads it from the file, with other metadata.

    Returns:
        False where the footer cannot be made anew like that (an encrypted file, names of list items that Arrow no longer
        writes); nothing is there then, and the file has to be written row group by row group.
    """
    aside = target.with_name(f".{target.name}.footer")
    try:
        # Arrow takes row groups over only into a file of an equal schema.
        pq.write_metadata(schema, aside, metadata_collector=[pq.read_metadata(path)])
        footer = _footer_of(aside.read_bytes())
        shutil.copyfile(path, target)  # within the kernel, where it can be
        with target.open("r+b") as new:
            new.seek(-8, 2)
            length, mark = int.from_bytes(new.read(4), "little"), new.read(4)
            new.seek(-8 - length, 2)
            new.truncate()
            new.write(footer)
        if mark == _MARK and _is_as_meant(path, target, schema):
            return True
    except (pa.ArrowException, RuntimeError, ValueError):
        pass
    finally:
        aside.unlink(missing_ok=True)
    target.unlink(missing_ok=True)
    return False


def _footer_of(content: bytes) -> bytes:
    """The end of a file that holds nothing but a footer: the footer, its length and the mark."""
    length = int.from_bytes(content[-8:-4], "little")
    return content[-8 - length :]


def _is_as_meant(path: pathlib.Path, target: pathlib.Path, schema: pa.Schema) -> bool:
    old, new = pq.read_metadata(path), pq.read_metadata(target)
    groups = range(old.num_row_groups)
    return (
        pq.read_schema(target).equals(schema, check_metadata=True)
        and (new.num_rows, new.num_row_groups) == (old.num_rows, old.num_row_groups)
        and all(
            new.row_group(group).column(0).data_page_offset == old.row_group(group).column(0).data_page_offset
            for group in groups
        )
    )
