"""Makes a repository hold a dataset: sent, verified at its commit, and only then found under the tag `v2.1`."""

import dataclasses
from typing import Any

from tools.command import note
from tools.dataset.dataset import VERSION
from tools.dataset.dataset import Dataset
from tools.dataset.upload.card_for import card_for
from tools.dataset.upload.files import Digests
from tools.dataset.upload.files import LocalFile
from tools.dataset.upload.foreign import refuse_foreign
from tools.dataset.upload.hub import Hub
from tools.dataset.upload.hub import MovedError
from tools.dataset.upload.hub import use_xet
from tools.dataset.upload.plan import Plan
from tools.dataset.upload.plan import changed_by_others
from tools.dataset.upload.plan import plan_upload
from tools.dataset.upload.remote import Remote
from tools.dataset.upload.send import send_plan
from tools.dataset.upload.verify import refuse_changed
from tools.dataset.upload.verify import verify_files
from tools.dataset.upload.verify import verify_tag
from tools.refusal import Refused

# How often someone else may edit the card or the like while we upload, before we ask for peace.
_TRIES = 5


@dataclasses.dataclass(frozen=True)
class Published:
    """What an upload did.

    Attributes:
        created: The repository is new.
        private: Only its owners see it.
        commit: Where main and the tag are now.
        tag_was: Where the tag was before; None where there was none.
        commits: How many were made.
        files: How many were sent.
        size: Their bytes.
        unchanged: How many were there already.
        deleted: What the hub had and the dataset has not.
        card: What became of the dataset card, in words.
    """

    created: bool
    private: bool
    commit: str
    tag_was: str | None
    commits: int
    files: int
    size: int
    unchanged: int
    deleted: tuple[str, ...]
    card: str

    def as_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        answer = dataclasses.asdict(self)
        answer["bytes"] = answer.pop("size")
        return answer | {"deleted": list(self.deleted)}


def publish(
    hub: Hub, dataset: Dataset, files: list[LocalFile], digests: Digests, *,
    public: bool, replace: bool, license_name: str | None,
) -> Published:  # fmt: skip
    """Uploads a dataset without errors, verifies it and moves the tag.

    Raises:
        Refused: The repository is not what the user asked for, someone else writes to it, or what is read back differs.
    """
    created = _create_or_join(hub, public=public)
    remote = first = hub.read()
    _refuse_visibility(hub, remote, public=public, created=created)
    refuse_foreign(hub, dataset, files, remote, digests, replace=replace)
    use_xet(use=hub.takes_xet())
    commits, sent, deleted = 0, {}, set()
    for _ in range(_TRIES):
        card, card_state = card_for(hub, dataset, remote, license_name)
        plan = plan_upload(files, remote.files, digests, card)
        sent |= {file.name: file.size for file in plan.send}
        deleted |= set(plan.delete)
        _tell(hub, plan)
        try:
            head, made = send_plan(hub, plan, remote.commit, digests)
        except MovedError:
            remote = _after_others(hub, remote, files, digests)
            continue
        break
    else:
        raise _disturbed(hub, f"{_TRIES} times someone else made a commit in between")
    commits += made
    refuse_changed(files)
    verify_files(hub, files, digests, head)
    if first.tagged != head:
        hub.move_tag(head, there=first.tagged is not None)
    verify_tag(hub, dataset, head)
    return Published(
        created, remote.private, head, first.tagged, commits, len(sent), sum(sent.values()), len(files) - len(sent),
        tuple(sorted(deleted)), card_state,
    )  # fmt: skip


def _create_or_join(hub: Hub, *, public: bool) -> bool:
    name = hub.name()
    if name is None:
        hub.create(public=public)
        note(f"repository {hub.url}: made, {'public' if public else 'private'}")
        return True
    if name != hub.repo_id:
        raise Refused(
            hub.repo_id,
            expected="the repository's name on the hub",
            found=f"it is called {name} now",
            todo=f"give that name instead: just upload-dataset PATH {name}",
        )
    return False


def _refuse_visibility(hub: Hub, remote: Remote, *, public: bool, created: bool) -> None:
    if created:
        return
    if public and remote.private:
        raise Refused(
            f"{hub.repo_id} --public",
            expected="a new repository, or one that is public",
            found="a private one, which an upload does not open to everybody",
            todo=f"hf repos settings {hub.repo_id} --type dataset --public, then run it again; or leave --public out",
        )
    note(f"repository {hub.url}: there already, {'private' if remote.private else 'public'}, and stays so")


def _tell(hub: Hub, plan: Plan) -> None:
    for name in plan.delete[:5]:
        note(f"deleting   {name}: the dataset has it not, and LeRobot would read it")
    if len(plan.delete) > 5:
        note(f"deleting   and {len(plan.delete) - 5} more")
    if plan.overwritten:
        note(f"replacing  {len(plan.overwritten)} files that the hub has with other content")
    if plan.send and plan.there:
        note(f"going on   {len(plan.there)} files are there already")


def _after_others(hub: Hub, before: Remote, files: list[LocalFile], digests: Digests) -> Remote:
    """The repository after someone's commit, where that has not touched the dataset; ours may be among them."""
    now = hub.read()
    if others := changed_by_others(before.files, now.files, files, digests):
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        raise _disturbed(hub, f"someone else has changed {', '.join(others[:3])}{more} since this upload began")
    return now


def _disturbed(hub: Hub, found: str) -> Refused:
    return Refused(
        hub.repo_id,
        expected="nobody else to write to the dataset during the upload",
        found=found,
        todo=f"let the other one finish, then run the same command again; {VERSION} leads where it led",
    )
