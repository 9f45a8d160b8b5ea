"""Sends what a plan names, in groups and commits, so that a second run goes on where the first was stopped.

Nothing is remembered here: what the hub holds says what is left to do. Content that was sent and not yet committed the hub
knows by its hash and does not take twice. Each commit names the one it follows, so that two uploads at once are noticed.
"""

from collections.abc import Iterable, Iterator
import time

from huggingface_hub import CommitOperationAdd
from huggingface_hub import CommitOperationDelete

from tools.command import note
from tools.dataset.upload.files import CARD
from tools.dataset.upload.files import Digests
from tools.dataset.upload.files import LocalFile
from tools.dataset.upload.hub import Hub
from tools.dataset.upload.plan import FILES_A_COMMIT
from tools.dataset.upload.plan import Plan
from tools.dataset.upload.progress import UploadProgress
from tools.dataset.upload.refusals import FAILURES
from tools.dataset.upload.refusals import status_of

# What is sent at once, in bytes, and how long that should take, in seconds: long enough for the hub's library to work on
# many files together, short enough for the progress to move.
_FIRST_GROUP = 32 << 20
_LARGEST_GROUP = 512 << 20
_GROUP_S = 6.0
_GROUP_FILES = 200
# A commit that the hub gives up on is cut in half, down to this many files.
_FEWEST_A_COMMIT = 20
_TOO_MUCH = (413, 500, 502, 503, 504)


def send_plan(hub: Hub, plan: Plan, head: str, digests: Digests) -> tuple[str, int]:
    """Makes the hub's main branch what the plan says.

    Episodes go first, then deletions, and what describes the episodes last: in one commit where the files are few.

    Args:
        hub: The repository.
        plan: What to do.
        head: The commit that the plan was made for.
        digests: Learns the hashes of what was sent.

    Returns:
        The last commit, and how many were made.

    Raises:
        MovedError: Someone else has made a commit since.
    """
    data = [file for file in plan.send if file.is_data]
    described = [file for file in plan.send if not file.is_data]
    progress = UploadProgress(len(plan.send), plan.bytes_to_send)
    waiting: list[CommitOperationAdd | CommitOperationDelete] = []
    made = 0
    try:
        for group in _groups(data):
            waiting += _send_group(hub, group, digests)
            progress.sent(len(group), sum(file.size for file in group))
            while len(waiting) > FILES_A_COMMIT:  # the last ones wait for what describes them
                head, number = _commit(hub, waiting[:FILES_A_COMMIT], head)
                waiting, made = waiting[FILES_A_COMMIT:], made + number
        waiting += [CommitOperationDelete(name, is_folder=False) for name in plan.delete]
        last: list[CommitOperationAdd | CommitOperationDelete] = _send_group(hub, described, digests)
        if plan.card is not None:
            last.append(CommitOperationAdd(CARD, plan.card))
        progress.sent(len(described), sum(file.size for file in described))
    finally:
        progress.done()
    while len(waiting) + len(last) > FILES_A_COMMIT and waiting:
        head, number = _commit(hub, waiting[:FILES_A_COMMIT], head)
        waiting, made = waiting[FILES_A_COMMIT:], made + number
    if waiting or last:
        head, number = _commit(hub, waiting + last, head)
        made += number
    return head, made


def _groups(files: Iterable[LocalFile]) -> Iterator[list[LocalFile]]:
    """Files to send at once; as many as the last ones' time suggests."""
    aim, group, size = _FIRST_GROUP, [], 0
    for file in files:
        if group and (size + file.size > aim or len(group) == _GROUP_FILES):
            began = time.monotonic()
            yield group
            took_s = time.monotonic() - began
            if size > aim / 2 and took_s < _GROUP_S / 2:
                aim = min(2 * aim, _LARGEST_GROUP)
            elif took_s > 2 * _GROUP_S:
                aim = max(aim // 2, _FIRST_GROUP)
            group, size = [], 0
        group.append(file)
        size += file.size
    if group:
        yield group


def _send_group(hub: Hub, files: list[LocalFile], digests: Digests) -> list[CommitOperationAdd]:
    additions = [CommitOperationAdd(file.name, file.path) for file in files]
    if additions:
        hub.send(additions)
    for file, addition in zip(files, additions, strict=True):
        if addition.upload_info.is_hashed:
            digests.put(file, addition.upload_info.sha256.hex())
    return additions


def _commit(hub: Hub, operations: list, head: str) -> tuple[str, int]:
    """Makes a commit, or several smaller ones where the hub gives up on it."""
    try:
        return hub.commit(operations, _title(operations), head), 1
    except FAILURES as e:
        if status_of(e) not in _TOO_MUCH or len(operations) <= _FEWEST_A_COMMIT:
            raise
        note(f"making a commit of {len(operations)} files: the hub answered {status_of(e)}; making it in two parts")
    half = len(operations) // 2
    head, first = _commit(hub, operations[:half], head)
    head, second = _commit(hub, operations[half:], head)
    return head, first + second


def _title(operations: list) -> str:
    added = sum(isinstance(one, CommitOperationAdd) for one in operations)
    gone = len(operations) - added
    parts = [f"upload {added} file{'s' * (added != 1)}"] * bool(added)
    parts += [f"delete {gone} stale file{'s' * (gone != 1)}"] * bool(gone)
    return "just upload-dataset: " + ", ".join(parts)
