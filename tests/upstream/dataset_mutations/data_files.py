"""Changes of where the data files lie, how many there are, and of the dataset's own folder."""

import pathlib
import shutil

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tests.upstream.dataset_mutations.edits import data_file
from tests.upstream.dataset_mutations.mutation import Change
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told

CHUNK = "data/chunk-000/"
NOT_PADDED = "data/chunk-{episode_chunk:03d}/episode_{episode_index}.parquet"
PADDED_TO_TWO = "data/chunk-{episode_chunk:03d}/episode_{episode_index:02d}.parquet"


def _instead(*lengths: int, **more) -> Change:
    """Another dataset in place of the base."""

    def change(root: pathlib.Path) -> None:
        shutil.rmtree(root, ignore_errors=True)
        write_by_the_guide(root, lengths, **more)

    return change


def _renamed(data_path: str) -> Change:
    """All data files at other places, which info.json tells."""
    places = {data_file(one): data_path.format(episode_chunk=0, episode_index=one) for one in edits.ALL}
    return edits.both(*(edits.moved(*place) for place in places.items()), edits.info_with(data_path=data_path))


def _link(root: pathlib.Path, name: str) -> None:
    (root / name).rename(root / f"real_{pathlib.Path(name).name}")
    (root / name).symlink_to(root / f"real_{pathlib.Path(name).name}")


FILES = (
    refused("data-missing", edits.removed("data")),
    refused("data-empty-folder", edits.both(edits.removed("data"), lambda root: (root / "data").mkdir())),
    refused("data-first-missing", edits.removed(data_file(0)), mended="?"),
    refused("data-middle-missing", edits.removed(data_file(1)), mended="?"),
    refused("data-last-missing", edits.removed(data_file(2)), mended="?"),
    refused("data-in-other-chunk", edits.moved(data_file(1), data_file(1).replace("chunk-000", "chunk-001"))),
    refused("data-without-chunk-folder", edits.moved("data/chunk-000", "data/chunk-0")),
    silent(
        "data-exchanged",
        edits.both(
            edits.moved(data_file(0), "aside"),
            edits.moved(data_file(2), data_file(0)),
            edits.moved("aside", data_file(2)),
        ),
        alters="?",
    ),
    refused("data-other-ending", edits.moved(data_file(1), data_file(1) + ".gz"), mended="?"),
    refused("data-hidden", edits.moved(data_file(1), CHUNK + ".episode_000001.parquet"), mended="?"),
    refused("data-in-hidden-folder", edits.moved("data/chunk-000", "data/.chunk-000")),
    refused(
        "data-folder-in-place", edits.both(edits.removed(data_file(1)), edits.added(data_file(1) + "/x")), mended="?"
    ),
    harmless("data-file-is-a-link", lambda root: _link(root, data_file(1))),
    harmless("data-folder-is-a-link", lambda root: _link(root, "data")),
    harmless("data-path-other-names", _renamed("data/part-{episode_chunk}/e{episode_index:04d}.parquet")),
    harmless("data-path-other-ending", _renamed("data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.pq")),
    harmless("data-path-flat", _renamed("data/episode_{episode_index:06d}.parquet")),
    refused("data-path-named-test", _renamed("data/test/episode_{episode_index:06d}.parquet")),
    harmless("data-path-named-train", _renamed("data/train/episode_{episode_index:06d}.parquet")),
    refused("data-not-in-data", _renamed("episodes/episode_{episode_index:06d}.parquet")),
    harmless("data-three-not-padded", _renamed(NOT_PADDED)),
    refused("data-eleven-not-padded", _instead(*range(3, 14), data_path=NOT_PADDED), as_if=_instead(*range(3, 14))),
    silent(
        "data-eleven-of-one-length-not-padded",
        _instead(*[3] * 11, data_path=NOT_PADDED),
        alters="?",
        as_if=_instead(*[3] * 11),
    ),
    harmless("data-eleven-padded-to-two", _instead(*[3] * 11, data_path=PADDED_TO_TWO), alters="?"),
)

EPISODES = (
    refused("episode-without-frames", _instead(5, 0, 5)),
    harmless("episode-of-one-frame", _instead(5, 1, 5), alters="?"),
    told("episode-alone-at-a-fixed-path", _instead(5, data_path=data_file(0)), alters="?", as_if=_instead(5)),
    harmless("episode-alone", _instead(5), alters="?"),
    refused("dataset-without-episodes", _instead()),
)

FOLDER = (
    refused("folder-with-brackets", edits.both(), folder="a[b]c"),
    told("folder-with-star", edits.both(), folder="a*c"),
    refused(
        "folder-with-star-that-another-matches", lambda root: shutil.copytree(root, root.with_name("abc")), folder="a*c"
    ),
    refused("folder-with-two-colons", edits.both(), folder="a::b"),
    refused("folder-of-a-set-variable", edits.both(), folder="a$HOME"),
    harmless("folder-of-no-variable", edits.both(), folder="a$NOT_SET_AT_ALL"),
    harmless("folder-with-colon", edits.both(), folder="a:b"),
    harmless("folder-with-blank", edits.both(), folder="a b"),
    harmless("folder-named-test", edits.both(), folder="test"),
    harmless("folder-named-train", edits.both(), folder="my_train-data"),
    refused("meta-missing", edits.removed("meta")),
)

MUTATIONS = FILES + EPISODES + FOLDER
