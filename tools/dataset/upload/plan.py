"""What an upload would change on the hub: which files go, which are there already, which are stale."""

from collections.abc import Iterable
import dataclasses

from tools.dataset.upload.files import AREAS
from tools.dataset.upload.files import CARD
from tools.dataset.upload.files import Digests
from tools.dataset.upload.files import LocalFile
from tools.dataset.upload.files import git_hash
from tools.dataset.upload.remote import RemoteFile

# How many files one commit takes; the hub gives up on commits that take it more than a minute.
FILES_A_COMMIT = 250


@dataclasses.dataclass(frozen=True)
class Plan:
    """The difference between the dataset here and what the hub holds.

    Attributes:
        send: The files that the hub lacks or has otherwise, in the order in which they go.
        there: The files that it has already.
        delete: What it has in data/ and videos/ and the dataset has not: LeRobot would read it as episodes.
        card: The dataset card to write; None leaves the one that is there.
        overwritten: Which of those that go take the place of other content there.
    """

    send: tuple[LocalFile, ...]
    there: tuple[LocalFile, ...]
    delete: tuple[str, ...]
    card: bytes | None
    overwritten: tuple[str, ...] = ()

    @property
    def bytes_to_send(self) -> int:
        """Of the files, without the card."""
        return sum(file.size for file in self.send)

    @property
    def commits(self) -> int:
        """How many commits it takes, where none has to be cut."""
        changes = len(self.send) + len(self.delete) + (self.card is not None)
        return -(-changes // FILES_A_COMMIT)


def plan_upload(
    files: Iterable[LocalFile], remote: dict[str, RemoteFile], digests: Digests, card: bytes | None
) -> Plan:
    """Compares the files here with those on the hub, by size and then by content.

    Args:
        files: The dataset's.
        remote: What the hub has, by path.
        digests: What is known of the files' content.
        card: The card to write; None for none.
    """
    files = tuple(files)
    same_size = [
        (file, remote[file.name].large) for file in files if file.name in remote and remote[file.name].size == file.size
    ]
    digests.ahead(same_size)
    there = {file.name for file, _ in same_size if is_same(file, remote[file.name], digests)}
    if card is not None and CARD in remote and not remote[CARD].large and git_hash(card) == remote[CARD].digest:
        card = None
    send = tuple(file for file in files if file.name not in there)
    return Plan(
        send,
        tuple(file for file in files if file.name in there),
        stale_files(files, remote),
        card,
        tuple(file.name for file in send if file.name in remote),
    )


def is_same(file: LocalFile, remote: RemoteFile, digests: Digests) -> bool:
    """Whether the hub's file has the content of the one here."""
    return file.size == remote.size and digests.of(file, large=remote.large) == remote.digest


def stale_files(files: Iterable[LocalFile], remote: Iterable[str]) -> tuple[str, ...]:
    """What LeRobot would read on the hub as data, or fetch as a video, that the dataset has not."""
    ours = {file.name for file in files}
    return tuple(
        sorted(
            name
            for name in remote
            if name.startswith(("data/", "videos/")) and name not in ours and not _is_hidden(name)
        )
    )


def changed_by_others(
    before: dict[str, RemoteFile],
    now: dict[str, RemoteFile],
    files: Iterable[LocalFile],
    digests: Digests,
) -> list[str]:
    """What has changed on the hub in the dataset's own folders, and not into what this upload puts there.

    Args:
        before: The files as they were when the upload was planned.
        now: The files as they are.
        files: The dataset's.
        digests: What is known of the files' content.
    """
    ours = {file.name: file for file in files}
    found = []
    for name in sorted(before.keys() | now.keys()):
        if not name.startswith(AREAS) or before.get(name) == now.get(name):
            continue
        if name in ours and name in now:
            wanted = is_same(ours[name], now[name], digests)
        else:
            wanted = name not in ours and name not in now  # a stale one that is gone
        if not wanted:
            found.append(name)
    return found


def _is_hidden(name: str) -> bool:
    """As `datasets` looks for data files."""
    return any(part.startswith((".", "__")) for part in name.split("/"))
