"""Changes of a parquet file as a whole: its bytes, how it is written, and its rows."""

import pyarrow as pa

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.edits import data_file
from tests.upstream.dataset_mutations.mutation import Change
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent


def _flipped(part: float) -> Change:
    """One episode's file with sixteen bytes changed at a place in it."""

    def change(old: bytes) -> bytes:
        at = int(len(old) * part)
        return old[:at] + bytes(byte ^ 0xFF for byte in old[at : at + 16]) + old[at + 16 :]

    return edits.content(data_file(1), change)


def _shorter(episode: int, first: int, frames: int) -> Change:
    """An episode of which only some frames were recorded, in a dataset that says so."""

    def shorter(old: pa.Table) -> pa.Table:
        new = old.slice(first, frames)
        for name in ("timestamp", "frame_index", "index"):
            new = new.set_column(old.schema.get_field_index(name), old.field(name), old.column(name).slice(0, frames))
        return new

    lost = scene.LENGTHS[episode] - frames
    later = [one for one in edits.ALL if one > episode]
    earlier = edits.column("index", lambda array: [n - lost for n in array.to_pylist()], later)
    return edits.both(edits.table(shorter, (episode,)), earlier, edits.line("episodes", episode, length=frames))


BYTES = (
    refused("file-empty", edits.content(data_file(1), lambda old: b"")),
    refused("file-not-parquet", edits.content(data_file(1), lambda old: b"not parquet at all")),
    refused("file-cut", edits.content(data_file(1), lambda old: old[: len(old) // 2])),
    refused("file-last-byte-missing", edits.content(data_file(1), lambda old: old[:-1])),
    harmless("file-first-bytes-wrong", edits.content(data_file(1), lambda old: b"XXXX" + old[4:])),
    refused("file-zeros", edits.content(data_file(1), lambda old: bytes(len(old)))),
    refused("file-zeros-appended", edits.content(data_file(1), lambda old: old + bytes(512))),
    refused("file-footer-flipped", _flipped(0.9)),
    refused("file-of-csv", edits.content(data_file(1), lambda old: b"timestamp,index\n0,0\n")),
)

LAYOUT = (
    harmless("parquet-row-groups-of-two", edits.rewritten(row_group_size=2)),
    harmless("parquet-zstd", edits.rewritten(compression="zstd")),
    harmless("parquet-gzip", edits.rewritten(compression="gzip")),
    harmless("parquet-not-compressed", edits.rewritten(compression="none")),
    harmless("parquet-no-dictionaries", edits.rewritten(use_dictionary=False)),
    harmless("parquet-no-statistics", edits.rewritten(write_statistics=False)),
    harmless("parquet-1.0", edits.rewritten(version="1.0")),
    harmless("parquet-page-2.0", edits.rewritten(data_page_version="2.0")),
    harmless("parquet-page-checksums", edits.rewritten(write_page_checksum=True)),
    refused("parquet-no-arrow-schema", edits.rewritten(store_schema=False)),
)

ROWS = (
    refused("rows-none-in-last", edits.table(lambda old: old.slice(0, 0), (2,))),
    refused("rows-last-missing", edits.table(lambda old: old.slice(0, 3), (1,)), as_if=_shorter(1, 0, 3)),
    refused("rows-last-of-all-missing", edits.table(lambda old: old.slice(0, 4), (2,)), as_if=_shorter(2, 0, 4)),
    refused("rows-first-missing", edits.table(lambda old: old.slice(1), (0,)), as_if=_shorter(0, 1, 4)),
    refused("rows-middle-missing", edits.table(lambda old: old.take([0, 1, 3, 4]), (0,))),
    refused("rows-one-twice", edits.table(lambda old: old.take([0, 1, 2, 2, 3, 4]), (0,))),
    refused("rows-in-other-order", edits.table(lambda old: old.take([0, 2, 1, 3, 4]), (0,))),
    refused("rows-backwards", edits.table(lambda old: old.take([4, 3, 2, 1, 0]), (0,))),
    refused(
        "files-swapped-of-other-length",
        edits.both(
            edits.moved(data_file(0), "x"), edits.moved(data_file(1), data_file(0)), edits.moved("x", data_file(1))
        ),
        mended="?",
    ),
    silent(
        "files-swapped",
        edits.both(
            edits.moved(data_file(0), "x"), edits.moved(data_file(2), data_file(0)), edits.moved("x", data_file(2))
        ),
        alters="?",
        mended="?",
    ),
    silent("file-of-another-episode", edits.copied(data_file(0), data_file(2)), alters="?", mended="?"),
)

MUTATIONS = BYTES + LAYOUT + ROWS
