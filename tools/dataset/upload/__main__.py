"""`just upload-dataset PATH REPO_ID`: a dataset on the hub, whole and verified, before its tag `v2.1` leads to it."""

import contextlib
import pathlib
from typing import Annotated

from huggingface_hub import get_token
from huggingface_hub.errors import HFValidationError
from huggingface_hub.utils import validate_repo_id
import tyro

from tools.command import note
from tools.command import run
from tools.dataset.check_run import check_dataset
from tools.dataset.checks.version import version_of
from tools.dataset.dataset import VERSION
from tools.dataset.dataset import Dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.errors_refused import refusal_of_errors
from tools.dataset.plain import counted
from tools.dataset.plain import just
from tools.dataset.progress import Progress
from tools.dataset.record import append_journal
from tools.dataset.record import write_lock
from tools.dataset.upload.answer import show_done
from tools.dataset.upload.answer import show_plan
from tools.dataset.upload.card_for import card_for
from tools.dataset.upload.files import Digests
from tools.dataset.upload.files import LocalFile
from tools.dataset.upload.files import files_to_upload
from tools.dataset.upload.files import left_here
from tools.dataset.upload.foreign import refuse_foreign
from tools.dataset.upload.hub import Hub
from tools.dataset.upload.plan import Plan
from tools.dataset.upload.plan import plan_upload
from tools.dataset.upload.publish import publish
from tools.dataset.upload.refusals import FAILURES
from tools.dataset.upload.refusals import Secret
from tools.dataset.upload.refusals import refusal_of
from tools.dataset.upload.refusals import status_of
from tools.refusal import Refused
from tools.refusal import WrongUsage


def upload(
    path: Annotated[pathlib.Path, tyro.conf.Positional],
    repo_id: Annotated[str, tyro.conf.Positional, tyro.conf.arg(metavar="REPO_ID")], /, *,
    public: bool = False, replace: bool = False, shallow: bool = False,
    license: Annotated[str | None, tyro.conf.arg(metavar="NAME")] = None, dry_run: bool = False, json: bool = False,
) -> int:  # fmt: skip
    """Upload a dataset to the Hugging Face hub and set the tag v2.1, by which LeRobot finds it.

    It is checked first with every image, and refused with errors. The token comes from `hf auth login` or HF_TOKEN. Stopped
    in the middle, the same command goes on where it was. The tag moves last: who reads it finds the whole old dataset or
    the whole new one.

    Deleted on the hub: what data/ and videos/ hold there and the dataset has not; --dry-run names each, and the history keeps it.
    Refused: a repository in another format such as v3.0. Refused without --replace: files there that are no dataset, one
    of another robot_type, rate, features or tasks, and more than 5 episodes to delete.

    Example:
        just upload-dataset ~/datasets/my_name/my_dataset my_name/my_dataset
        just upload-dataset my_dataset my_name/my_dataset --public --license cc-by-4.0
        just upload-dataset my_dataset my_name/my_dataset --dry-run

    Args:
        path: The dataset's folder, which holds meta/ and data/.
        repo_id: Its name on the hub: my_name/my_dataset.
        public: Let everybody see it; without this a new repository is private, and one that is there stays as it is.
        replace: Let the dataset take the place of what the repository holds, all of it, where that would be refused.
        shallow: Check without decoding the images.
        license: For the dataset card, as the hub spells it: apache-2.0, cc-by-4.0, …
        dry_run: Say what would be uploaded and deleted; nothing is changed, and no token is needed.
        json: Print the result as JSON.
    """
    _refuse_name(repo_id)
    token = _token(needed=not dry_run)
    secret = Secret(token)
    secret.guard_library()
    hub = Hub(repo_id, token)
    who = None
    try:
        if not dry_run:
            who = _refuse_read_only(hub)
        dataset = _checked(path, shallow=shallow)
        files, digests = files_to_upload(dataset), Digests()
        if dry_run:
            plan, state = _dry_plan(hub, dataset, files, digests, license, secret, replace=replace)
            show_plan(hub, plan, state, left_here(dataset, files), as_json=json)
        else:
            done = publish(hub, dataset, files, digests, public=public, replace=replace, license_name=license)
            show_done(hub, done, left_here(dataset, files), as_json=json)
    except FAILURES as e:
        if isinstance(e, OSError) and e.filename is not None:  # a file here, and not the hub
            raise
        raise refusal_of(e, repo_id, secret, by=who) from None
    return 0


def _refuse_name(repo_id: str) -> None:
    try:
        validate_repo_id(repo_id)
        problem = None if "/" in repo_id else "no account's name in it"
    except HFValidationError as e:
        problem = str(e).partition(": '")[0]
    if problem:
        raise WrongUsage(
            f"REPO_ID {repo_id!r}",
            expected="an account and a name, of letters, digits, `-`, `_` and `.`: my_name/my_dataset",
            found=problem,
            todo="just upload-dataset PATH my_name/my_dataset",
        )


def _token(*, needed: bool) -> str | None:
    token = get_token()
    if token is None and needed:
        todo = "log in with `hf auth login`, or set HF_TOKEN; --dry-run needs neither"
        raise Refused("the hub's token", expected="one, to write to the hub", found="none", todo=todo)
    if token is not None and not (token.isascii() and token.isprintable() and " " not in token):
        found = "one with blanks or letters that no token has (not shown)"
        raise Refused("the hub's token", expected="hf_ and letters", found=found, todo="set it again: `hf auth login`")
    return token


def _refuse_read_only(hub: Hub) -> str | None:
    """Asks whose token it is; a token that only reads is refused before hours of checks."""
    about = hub.who()
    name = about.get("name")
    role = ((about.get("auth") or {}).get("accessToken") or {}).get("role")
    if role == "read":
        raise Refused(
            "the hub's token",
            expected="one that may write",
            found=f"a token of {name} that only reads",
            todo="make one with write access in the hub's settings, then `hf auth login`, or set HF_TOKEN",
        )
    return name


def _checked(path: pathlib.Path, *, shallow: bool) -> Dataset:
    """The dataset, where it has no errors and nobody is writing to it."""
    dataset = read_dataset(path)
    if version_of(dataset.info) not in (None, (2, 1)):  # one without a version is told with the other errors
        raise Refused(
            str(path),
            expected=f"a dataset in the format {VERSION}, whose tag it would get",
            found=f"{dataset.info['codebase_version']}",
            todo=just("convert-dataset", path),
        )
    if (dataset.root / write_lock.NAME).exists():
        with contextlib.suppress(OSError):  # a dataset that may only be read has no writer
            write_lock.take(dataset.root).close()
    if (dataset.root / append_journal.NAME).exists():
        note(
            f"{append_journal.NAME} holds frames that are not an episode yet and stay here: {just('recover-dataset', path)}"
        )
    with Progress("checked {done:,} of {total:,} episodes") as progress:
        report = check_dataset(path, deep=not shallow, progress=progress)
    again = just("check-dataset", path, *([] if shallow else ["--deep"]))
    if not report.ok:
        raise refusal_of_errors(path, [one for one in report.findings if one.severity == "error"], again)
    warned = f" but for {counted(report.warnings, 'warning')} ({again})" if report.warnings else ""
    unseen = "; the images were not looked at (--shallow)" if shallow else ""
    note(
        f"checked    {counted(report.episodes, 'episode')}, {counted(report.frames, 'frame')}: in order{warned}{unseen}"
    )
    return dataset


def _dry_plan(
    hub: Hub, dataset: Dataset, files: list[LocalFile], digests: Digests, license_name: str | None, secret: Secret, *,
    replace: bool,
) -> tuple[Plan, str]:  # fmt: skip
    """What would be done, and what is known of the hub; it is only read."""
    try:
        name = hub.name()
        if name not in (None, hub.repo_id):
            return plan_upload(files, {}, digests, None), f"it is called {name} now"
        if name is not None:
            remote = hub.read()
            refuse_foreign(hub, dataset, files, remote, digests, replace=replace)
            card, _ = card_for(hub, dataset, remote, license_name)
            return plan_upload(files, remote.files, digests, card), "private" if remote.private else "public"
        state = "would be made (or cannot be seen with this token)"
    except FAILURES as e:
        if isinstance(e, OSError) and e.filename is not None:
            raise
        refusal = refusal_of(e, hub.repo_id, secret)
        state = f"not known: {refusal.found}" if status_of(e) else "not known: it cannot be reached"
    card, _ = card_for(hub, dataset, None, license_name)
    return plan_upload(files, {}, digests, card), state


if __name__ == "__main__":
    run(upload, "just upload-dataset")
