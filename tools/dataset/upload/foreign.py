"""Refuses an upload that would take the place of something else on the hub: what is deleted there nobody has here."""

from collections.abc import Iterable, Iterator
import json
import pathlib
from typing import Any

from tools.dataset.checks.version import version_of
from tools.dataset.dataset import VERSION
from tools.dataset.dataset import Dataset
from tools.dataset.features import Feature
from tools.dataset.features import features_of
from tools.dataset.upload.files import Digests
from tools.dataset.upload.files import LocalFile
from tools.dataset.upload.hub import Hub
from tools.dataset.upload.plan import plan_upload
from tools.dataset.upload.remote import Remote
from tools.refusal import Refused

# So many episodes may go without a question: those that a look at the dataset has thrown out.
FEW_EPISODES = 5
_INFO = "meta/info.json"
_TASKS = "meta/tasks.jsonl"


def refuse_foreign(
    hub: Hub, dataset: Dataset, files: list[LocalFile], remote: Remote, digests: Digests, *, replace: bool
) -> None:
    """Refuses a repository in which the dataset would take the place of something else.

    Args:
        hub: The repository.
        dataset: The one to upload.
        files: Its files.
        remote: What the repository holds.
        digests: What is known of the files' content.
        replace: The user has asked for it; a dataset in another format is not replaced even so.

    Raises:
        Refused: A branch has the tag's name; or the repository holds another format, files that are of no dataset of
            LeRobot's, another robot's dataset, or many episodes that the dataset has not.
    """
    if VERSION in remote.branches:
        raise Refused(
            hub.repo_id,
            expected=f"a tag {VERSION}, which LeRobot reads",
            found="a branch of that name",
            todo=f"hf repos branch delete {hub.repo_id} {VERSION} --type dataset",
        )
    info = _object(hub.content(_INFO, remote.commit)) if _INFO in remote.files else {}
    version = version_of(info)
    if version is not None and version[0] != 2:
        raise Refused(
            hub.repo_id,
            expected="an empty repository, or a dataset in LeRobot's v2 format",
            found=f"a dataset in the format {info['codebase_version']}, whose files would be deleted",
            todo=f"name another repository for the {VERSION} format",
        )
    if replace:
        return
    if version is not None and (other := [*_differences(dataset, info), *_other_tasks(hub, dataset, remote)]):
        raise _asks(hub, f"the dataset that is to be updated: {_one_of(dataset.info)}", "\n".join(other))
    plan = plan_upload(files, remote.files, digests, None)
    lost = [*plan.delete, *(name for name in plan.overwritten if name.startswith(("data/", "videos/")))]
    if version is None and lost:
        why = f"no {_INFO} of a version" if _INFO in remote.files else f"no {_INFO}"
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        found = f"{why}, and files that would be deleted or written over: {', '.join(lost[:3])}{more}"
        raise _asks(hub, "an empty repository, or a dataset in LeRobot's v2 format", found)
    gone = _episodes(plan.delete)
    if len(gone) > FEW_EPISODES:
        found = f"{len(gone)} episodes that are not here and would be deleted: {', '.join(gone[:3])}, …"
        raise _asks(hub, f"{FEW_EPISODES} episodes at most that the dataset no longer has", found)


def _asks(hub: Hub, expected: str, found: str) -> Refused:
    return Refused(
        hub.repo_id,
        expected=expected,
        found=found,
        todo="name another repository; or, where this dataset is to take its place, give --replace too\n"
        "(first with --dry-run, which names what would be deleted; the old files stay in the history)",
    )


def _differences(dataset: Dataset, there: dict[str, Any]) -> Iterator[str]:
    """What says that the one on the hub is of another robot, a line each."""
    for key in ("robot_type", "fps"):
        if dataset.info.get(key) != there.get(key):
            yield f"{key} {there.get(key)!r}, and here {dataset.info.get(key)!r}"
    ours, theirs = dataset.features, features_of(there)
    changed = [name for name in [*ours, *(theirs.keys() - ours)] if ours.get(name) != theirs.get(name)]
    for name in changed[:3]:
        yield f"features: {name} {_shown(theirs.get(name))}, and here {_shown(ours.get(name))}"
    if len(changed) > 3:
        yield f"features: {len(changed) - 3} more differ"


def _other_tasks(hub: Hub, dataset: Dataset, remote: Remote) -> Iterator[str]:
    """Says so where not one task is the same."""
    if _TASKS not in remote.files:
        return
    theirs = {_object(line).get("task") for line in (hub.content(_TASKS, remote.commit) or b"").splitlines()} - {None}
    ours = {one.get("task") for one in dataset.tasks.values} - {None}
    if theirs and ours and not theirs & ours:
        yield f"none of these tasks, but {next(iter(sorted(map(repr, theirs))))}"


def _shown(feature: Feature | None) -> str:
    if feature is None:
        return "is not"
    names = f" {json.dumps(feature.names, ensure_ascii=False)}" if feature.names else ""
    return f"is {feature.dtype} {list(feature.shape)}{names}"


def _one_of(info: dict[str, Any]) -> str:
    return f"robot_type {info.get('robot_type')!r}, {info.get('fps')} Hz, the same features and tasks"


def _episodes(names: Iterable[str]) -> list[str]:
    """The names of episodes, each once: it may have a data file and a video of each camera."""
    return sorted({pathlib.PurePosixPath(name).stem for name in names})


def _object(content: bytes | None) -> dict[str, Any]:
    """A JSON object; {} where it is none."""
    try:
        value = json.loads(content or b"")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
