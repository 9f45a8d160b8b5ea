"""A dataset's repository on the hub: what is there, and the few changes that an upload makes to it."""

from collections.abc import Iterable
import pathlib
import tempfile

import httpx2
from huggingface_hub import CommitOperationAdd
from huggingface_hub import CommitOperationDelete
from huggingface_hub import HfApi
from huggingface_hub import constants
from huggingface_hub import set_client_factory
from huggingface_hub.errors import EntryNotFoundError
from huggingface_hub.errors import RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import disable_progress_bars
from huggingface_hub.utils import get_session
from huggingface_hub.utils import hf_raise_for_status
from huggingface_hub.utils._http import default_client_factory

from tools.command import note
from tools.dataset.dataset import VERSION
from tools.dataset.upload.refusals import FAILURES
from tools.dataset.upload.refusals import patiently
from tools.dataset.upload.refusals import status_of
from tools.dataset.upload.remote import Remote
from tools.dataset.upload.remote import RemoteFile

_KIND = "dataset"
# A line that is silent for this long is taken for broken, in seconds; the library itself waits without end.
_SILENCE_S = 180.0


class MovedError(Exception):
    """Someone else has changed the branch since it was read."""


class Hub:
    """One repository, seen through one token.

    Args:
        repo_id: Such as "name/dataset".
        token: Of whoever asks; None asks as anybody.
    """

    def __init__(self, repo_id: str, token: str | None):
        disable_progress_bars()  # ours tells of the whole upload
        set_client_factory(_client)
        self.repo_id = repo_id
        self.url = f"{constants.ENDPOINT}/datasets/{repo_id}"
        self._token = token or False  # False: the library does not look for one itself
        self._api = HfApi(endpoint=constants.ENDPOINT, token=self._token)

    def who(self) -> dict:
        """Whose token it is, as the hub tells it."""
        return patiently(self._api.whoami, "asking whose token it is")

    def name(self) -> str | None:
        """The repository's own name, which differs after it was renamed; None where there is none."""
        try:
            return patiently(lambda: self._api.dataset_info(self.repo_id), "asking for the repository").id
        except RepositoryNotFoundError:
            return None

    def read(self) -> Remote:
        """All that an upload asks of the repository."""
        info = patiently(lambda: self._api.dataset_info(self.repo_id), "asking for the repository")
        refs = patiently(lambda: self._api.list_repo_refs(self.repo_id, repo_type=_KIND), "asking for its tags")
        tagged = self.commit_of(VERSION) if any(tag.name == VERSION for tag in refs.tags) else None
        files = self.files_at(info.sha)
        return Remote(info.sha, bool(info.private), files, tagged, tuple(branch.name for branch in refs.branches))

    def commit_of(self, revision: str) -> str:
        """The commit that a branch or a tag leads to."""
        return patiently(lambda: self._api.dataset_info(self.repo_id, revision=revision), f"asking for {revision}").sha

    def files_at(self, revision: str) -> dict[str, RemoteFile]:
        """All files of one revision."""

        def asked() -> list:
            return list(self._api.list_repo_tree(self.repo_id, recursive=True, revision=revision, repo_type=_KIND))

        return {
            one.path: RemoteFile(one.size, one.lfs.sha256 if one.lfs else one.blob_id, bool(one.lfs))
            for one in patiently(asked, "asking for its files")
            if isinstance(one, RepoFile)
        }

    def content(self, name: str, revision: str) -> bytes | None:
        """The bytes of a file as everybody downloads them; None where there is none."""
        with tempfile.TemporaryDirectory() as folder:

            def asked() -> bytes:
                at = self._api.hf_hub_download(
                    self.repo_id, name, repo_type=_KIND, revision=revision, cache_dir=folder, force_download=True
                )
                return pathlib.Path(at).read_bytes()

            try:
                return patiently(asked, f"reading {name} back")
            except EntryNotFoundError:
                return None

    def create(self, *, public: bool) -> None:
        """Makes the repository."""

        def made() -> None:
            self._api.create_repo(self.repo_id, repo_type=_KIND, private=not public)

        try:
            patiently(made, "making the repository")
        except (httpx2.HTTPError, OSError) as e:
            if status_of(e) != 409 or self.name() is None:  # a first try whose answer was lost may have made it
                raise

    def takes_xet(self) -> bool:
        """Whether the hub stores large files by chunks (xet); other servers that speak its API do not."""
        url = f"{constants.ENDPOINT}/api/datasets/{self.repo_id}/xet-write-token/main"

        def asked() -> None:
            hf_raise_for_status(get_session().get(url, headers={"authorization": f"Bearer {self._token}"}))

        try:
            patiently(asked, "asking how it stores files")
        except (httpx2.HTTPError, OSError) as e:
            if status_of(e) in (404, 405, 501):
                return False
            raise
        return True

    def send(self, additions: list[CommitOperationAdd]) -> None:
        """Uploads the content of large files; they are in the repository only once a commit names them."""

        def sent() -> None:
            self._api.preupload_lfs_files(self.repo_id, additions, repo_type=_KIND, revision="main", free_memory=False)

        patiently(sent, "uploading")

    def commit(
        self, operations: Iterable[CommitOperationAdd | CommitOperationDelete], message: str, parent: str
    ) -> str:
        """Makes one commit on the main branch.

        Args:
            operations: Files to add and to delete.
            message: Its title.
            parent: The commit that it must follow.

        Returns:
            Its id.

        Raises:
            MovedError: The branch is not at `parent` any more, perhaps by a commit of ours whose answer was lost.
        """

        def made() -> str:
            return self._api.create_commit(
                self.repo_id, operations, commit_message=message, repo_type=_KIND, revision="main", parent_commit=parent
            ).oid

        try:
            return patiently(made, "making a commit")
        except (httpx2.HTTPError, OSError) as e:
            if status_of(e) == 412:
                raise MovedError from e
            raise

    def move_tag(self, commit: str, *, there: bool) -> None:
        """Has the tag `v2.1` point to a commit.

        The hub cannot move a tag: it is deleted and made again, one right after the other. Whoever asks in that moment
        is told that there is no such version, and never reads half of one.
        """
        try:
            if there:
                patiently(self._drop_tag, "moving the tag")
            self._make_tag(commit)
        except KeyboardInterrupt:  # not between the two
            self._make_tag(commit)
            raise
        except FAILURES:
            note(f"the tag {VERSION} may lead nowhere now: run the same command again, which sets it")
            raise

    def _make_tag(self, commit: str) -> None:

        def made() -> None:
            self._api.create_tag(self.repo_id, tag=VERSION, revision=commit, repo_type=_KIND, exist_ok=True)

        patiently(made, "setting the tag")

    def _drop_tag(self) -> None:
        try:
            self._api.delete_tag(self.repo_id, tag=VERSION, repo_type=_KIND)
        except (httpx2.HTTPError, OSError) as e:
            if status_of(e) != 404:  # a first try may have done it, and its answer been lost
                raise


def use_xet(*, use: bool) -> None:
    """Leaves the library's chunked upload on, or has it send whole files."""
    if not use:
        constants.HF_HUB_DISABLE_XET = True


def _client() -> httpx2.Client:
    client = default_client_factory()
    client.timeout = httpx2.Timeout(_SILENCE_S, connect=30.0)
    return client
