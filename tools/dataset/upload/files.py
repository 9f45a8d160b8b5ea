"""Which files of a dataset go to the hub, and how the hub knows their content."""

from collections.abc import Iterator
import concurrent.futures
import dataclasses
import hashlib
import os
import pathlib

from tools.dataset.dataset import Dataset
from tools.dataset.progress import Progress

CARD = "README.md"
# Where everything belongs to the dataset; what others put beside these folders on the hub is theirs.
AREAS = ("data/", "videos/", "meta/")
_META = (".json", ".jsonl")
_READ_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True)
class LocalFile:
    """A file that goes to the hub.

    Attributes:
        name: Its path there, with `/`.
        path: Where it lies here.
        size: In bytes.
        changed_ns: When it was last written, in nanoseconds.
    """

    name: str
    path: pathlib.Path
    size: int
    changed_ns: int

    @property
    def is_data(self) -> bool:
        """Whether it is an episode, and not one of the small files that describe them."""
        return not self.name.startswith("meta/")

    def is_as_it_was(self) -> bool:
        """Whether nobody has written to it since."""
        try:
            now = self.path.stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size, self.changed_ns)


def files_to_upload(dataset: Dataset) -> list[LocalFile]:
    """The dataset's own files, in the order in which they go: episodes first, what describes them last.

    Hidden files, journals, caches and what else lies in the folder are not among them.
    """
    videos = (
        dataset.video_path_of(episode, name)
        for name, feature in dataset.features.items()
        if feature.is_video
        for episode in dataset.episode_files
    )
    data = [*dataset.files, *(path for path in videos if path is not None and path.is_file())]
    meta = sorted(_meta_files(dataset.root / "meta"), key=lambda path: (path.name == "info.json", path.name))
    return [_local_file(path, dataset.name_of(path)) for path in [*data, *meta]]


def left_here(dataset: Dataset, files: list[LocalFile]) -> list[str]:
    """What else lies in the dataset's folder, by its first name: `images/`, `notes.txt`."""
    taken = {file.name.partition("/")[0] for file in files} | {CARD}
    names = (entry.name + "/" * entry.is_dir() for entry in os.scandir(dataset.root))
    return sorted(name for name in names if name.rstrip("/") not in taken)


class Digests:
    """The content of files as the hub names it, each file read at most once.

    Large files are known there by the SHA-256 of their content, small ones by git's own hash.
    """

    def __init__(self):
        self._known: dict[tuple[str, bool], str] = {}

    def put(self, file: LocalFile, sha256: str) -> None:
        """Keeps what the upload itself has worked out."""
        self._known[file.name, True] = sha256

    def of(self, file: LocalFile, *, large: bool) -> str:
        """The SHA-256 of a file, or git's hash of it."""
        if (file.name, large) not in self._known:
            self._known[file.name, large] = _digest(file, large=large)
        return self._known[file.name, large]

    def ahead(self, files: list[tuple[LocalFile, bool]]) -> None:
        """Works out many at once, on all cores."""
        done, total = 0, sum(file.size for file, _ in files)
        with (
            Progress("compared {done:,} of {total:,} MB with the hub") as progress,
            concurrent.futures.ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool,
        ):
            for (file, _), _ in zip(files, pool.map(lambda one: self.of(one[0], large=one[1]), files), strict=True):
                done += file.size
                progress(done // 1_000_000, total // 1_000_000)


def git_hash(content: bytes) -> str:
    """How git, and so the hub, names a small file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _digest(file: LocalFile, *, large: bool) -> str:
    digest = hashlib.sha256() if large else hashlib.sha1(b"blob %d\0" % file.size)
    with file.path.open("rb") as source:
        while block := source.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _meta_files(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    for entry in os.scandir(folder):
        if entry.is_file() and entry.name.endswith(_META) and not entry.name.startswith((".", "__")):
            yield pathlib.Path(entry.path)


def _local_file(path: pathlib.Path, name: str) -> LocalFile:
    found = path.stat()
    return LocalFile(name, path, found.st_size, found.st_mtime_ns)
