"""Holds what the hub has against what is here: the files at a commit, and the tag that leads there."""

from tools.dataset.dataset import VERSION
from tools.dataset.dataset import Dataset
from tools.dataset.upload.files import Digests
from tools.dataset.upload.files import LocalFile
from tools.dataset.upload.hub import Hub
from tools.dataset.upload.plan import is_same
from tools.dataset.upload.plan import stale_files
from tools.refusal import Refused

_INFO = "meta/info.json"


def refuse_changed(files: list[LocalFile]) -> None:
    """Says no where a file here is not what was uploaded any more.

    Raises:
        Refused: The message names the first.
    """
    changed = [file.name for file in files if not file.is_as_it_was()]
    if changed:
        raise Refused(
            changed[0],
            expected="a dataset that nobody writes to while it is uploaded",
            found=f"{len(changed)} of its files were changed or taken away meanwhile",
            todo=f"let the writer finish, then run the same command again; {VERSION} leads where it led",
        )


def verify_files(hub: Hub, files: list[LocalFile], digests: Digests, head: str) -> None:
    """Compares every file at the new commit with the one here, by size and hash.

    Raises:
        Refused: One differs, is missing there, or is there too many.
    """
    there = hub.files_at(head)
    digests.ahead([(file, there[file.name].large) for file in files if file.name in there])
    wrong = [file.name for file in files if file.name not in there or not is_same(file, there[file.name], digests)]
    wrong += stale_files(files, there)
    if wrong:
        ignored = "; a .gitignore on the hub may leave them out" if ".gitignore" in there else ""
        raise Refused(
            hub.repo_id,
            expected="on the hub exactly the files that are here",
            found=f"{len(wrong)} others, such as {wrong[0]}{ignored}",
            todo=f"run the same command again; {VERSION} leads where it led",
        )


def verify_tag(hub: Hub, dataset: Dataset, head: str) -> None:
    """Reads back through the tag, as LeRobot will.

    Raises:
        Refused: It leads to another commit, or to another dataset.
    """
    at = hub.commit_of(VERSION)
    same = at == head and hub.content(_INFO, VERSION) == (dataset.root / _INFO).read_bytes()
    if not same:
        raise Refused(
            f"{hub.repo_id}, tag {VERSION}",
            expected=f"the commit {head} and this dataset's {_INFO}",
            found=f"the commit {at}" if at != head else f"another {_INFO}",
            todo="see whether someone else uploads to it, then run the same command again",
        )
