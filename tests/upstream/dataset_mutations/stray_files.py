"""Files that lie in a dataset and are no part of it."""

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.edits import data_file
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import told

CHUNK = "data/chunk-000/"

MUTATIONS = (
    refused("stray-text", edits.added(CHUNK + "notes.txt")),
    refused("stray-empty", edits.added(CHUNK + "notes", b"")),
    refused("stray-picture", edits.added(CHUNK + "frame.jpg")),
    refused("stray-json", edits.added("data/info.json", b"{}")),
    refused("stray-half-written", edits.added(CHUNK + "episode_000003.parquet.tmp", b"PAR1")),
    refused("stray-backup", edits.copied(data_file(1), CHUNK + "episode_000001.bak.parquet")),
    refused("stray-copy-at-the-end", edits.copied(data_file(2), CHUNK + "episode_000003.parquet"), mended="?"),
    refused("stray-copy-of-other-name", edits.copied(data_file(0), CHUNK + "copy.parquet")),
    refused("stray-copy-in-other-folder", edits.copied(data_file(0), "data/old/episode_000000.parquet")),
    refused("stray-copy-after-all", edits.copied(data_file(0), CHUNK + "z.parquet")),
    refused("stray-test-episode", edits.copied(data_file(2), CHUNK + "episode_test.parquet")),
    refused("stray-train-episode", edits.copied(data_file(2), CHUNK + "train.parquet")),
    refused("stray-windows-thumbs", edits.added(CHUNK + "Thumbs.db")),
    told("stray-archive", edits.added(CHUNK + "old.zip", b"PK\5\6" + bytes(18))),
    harmless("stray-hidden", edits.added(CHUNK + ".DS_Store")),
    harmless("stray-hidden-parquet", edits.added(CHUNK + "._episode_000000.parquet")),
    harmless("stray-hidden-folder", edits.added("data/.old/episode_000000.parquet")),
    harmless("stray-cache-folder", edits.added("data/__pycache__/x.pyc")),
    harmless("stray-readme", edits.added("data/README.md")),
    harmless("stray-beside-data", edits.added("notes.txt")),
    harmless("stray-in-meta", edits.added("meta/stats.json", b"{}")),
    harmless("stray-parquet-beside-data", edits.copied(data_file(0), "old/episode_000000.parquet")),
    harmless(
        "stray-images-of-the-writer", edits.added("images/observation.images.scene/episode_000000/frame_000000.png")
    ),
    harmless("stray-hub-cache", edits.added(".cache/huggingface/download/x.lock")),
)
