"""The history of an upstream: its newest commit, the first-parent line of a range, the heads of pull requests."""

import dataclasses
import pathlib
import re

from tools.git import GitError
from tools.git import git
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream.trees import is_partial

_FORMAT = "--format=%H%x00%as%x00%s%x00"


@dataclasses.dataclass(frozen=True)
class Commit:
    """One commit: its hash, the author's day as 2026-06-15, its subject, and the reference that it is the head of."""

    id: str
    date: str
    subject: str
    ref: str = ""


@dataclasses.dataclass(frozen=True)
class History:
    """A repository of upstream that is only read.

    Attributes:
        repo: A clone with or without a work tree.
        shallow: Its history is cut off.
        partial: It may lack files or trees of older commits.
    """

    repo: pathlib.Path
    shallow: bool
    partial: bool

    def resolve(self, name: str) -> str:
        """The commit that a name stands for.

        Raises:
            WrongUsage: there is no such commit here; in a shallow clone it says that this may be why.
        """
        # An annotated tag is followed; a name that begins with "-" is no option.
        for candidate in (name, f"refs/remotes/origin/{name}"):
            try:
                answer = git(
                    self.repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{candidate}^{{commit}}"
                )
                return answer.decode().split()[-1]
            except GitError:
                continue
        cut = " (it is shallow: older commits are missing)" if self.shallow else ""
        todo = "complete it: git fetch --unshallow" if self.shallow else "check the name, or fetch it into the clone"
        raise WrongUsage(name, expected=f"a commit, a branch or a tag of {self.repo}", found=f"none{cut}", todo=todo)

    def newest(self) -> str:
        """The newest commit of upstream: HEAD, or what HEAD's remote has beyond it."""
        head = self.resolve("HEAD")
        for name in ("refs/remotes/origin/HEAD", "refs/remotes/origin/main"):
            try:
                remote = git(self.repo, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").decode().strip()
            except GitError:
                continue
            return remote if self.is_ancestor(head, remote) else head
        return head

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Does one commit descend from the other, or is it the same?"""
        if older == newer:
            return True
        try:
            git(self.repo, "merge-base", "--is-ancestor", older, newer)
        except GitError:
            return False
        return True

    def merge_base(self, one: str, other: str) -> str:
        """The newest commit that two commits both descend from; "" where there is none."""
        try:
            return git(self.repo, "merge-base", one, other).decode().split()[0]
        except (GitError, IndexError):
            return ""

    def line(self, newest: str, *, after: str = "") -> list[Commit]:
        """The first-parent line up to a commit, oldest first; `after` is the last one that is left out.

        Raises:
            Refused: the clone is shallow, and the line is cut off before it reaches `after`.
        """
        limit = [f"^{after}"] if after else []
        found = _commits(git(self.repo, "log", "--first-parent", "--reverse", _FORMAT, newest, *limit, "--"))
        if self.shallow and found:
            cut = set((self._git_path("shallow")).read_text().split())
            if any(commit.id in cut for commit in found):
                raise Refused(
                    str(self.repo),
                    expected="the whole history of that range",
                    found=f"a shallow clone, whose oldest commit is {found[0].id[:12]} of {found[0].date}",
                    todo="complete it: git fetch --unshallow; or name a shorter range with --range",
                )
        return found

    def commit(self, name: str) -> Commit:
        """One commit with its day and subject."""
        return _commits(git(self.repo, "log", "-1", _FORMAT, name, "--"))[0]

    def parents(self, commits: list[str]) -> dict[str, str]:
        """The first parent of each commit that has one here."""
        names = "".join(f"{name}\n" for name in commits).encode()
        answer = git(self.repo, "rev-list", "--no-walk=unsorted", "--parents", "--stdin", stdin=names).decode()
        rows = (row.split() for row in answer.splitlines())
        return {row[0]: row[1] for row in rows if len(row) > 1}

    def heads(self) -> list[Commit]:
        """The heads of pull requests and branches, newest first, each commit once."""
        names = ["refs/pull/*/head", "refs/heads", "refs/remotes"]
        form = "--format=%(objecttype)%00%(objectname)%00%(authordate:short)%00%(subject)%00%(refname)"
        rows = git(self.repo, "for-each-ref", "--sort=-authordate", form, *names).decode(errors="replace").splitlines()
        found: dict[str, Commit] = {}
        for kind, *rest in (row.split("\0") for row in rows):
            if kind == "commit" and not rest[-1].endswith("/HEAD"):
                found.setdefault(rest[0], Commit(*rest))
        return list(found.values())

    def log_of(self, paths: list[str], older: str, newer: str) -> list[Commit]:
        """The first-parent commits between two that change some files, newest first."""
        names = ["--", *paths]
        return _commits(git(self.repo, "log", "--first-parent", "-m", _FORMAT, newer, f"^{older}", *names))

    def _git_path(self, name: str) -> pathlib.Path:
        path = pathlib.Path(git(self.repo, "rev-parse", "--git-path", name).decode().rstrip("\n"))
        return path if path.is_absolute() else self.repo / path


def open_history(repo: pathlib.Path) -> History:
    """Opens a clone to read its history.

    Raises:
        WrongUsage: it is no git repository, or has no commit.
    """
    todo = "name a clone of OpenPI, or a URL"
    if not repo.is_dir():
        found = "a file" if repo.exists() else "nothing there"
        raise WrongUsage(str(repo), expected="a clone of OpenPI", found=found, todo=todo)
    try:
        answer = git(repo, "rev-parse", "--is-shallow-repository", "--show-prefix").decode().splitlines()
        if len(answer) > 1 and answer[1]:
            raise GitError("a folder inside another repository")
        git(repo, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except GitError as e:
        raise WrongUsage(
            str(repo), expected="a git repository with commits in it", found=str(e).splitlines()[0], todo=todo
        ) from None
    return History(repo, answer[0] == "true", is_partial(repo))


def refuse_what_is_missing(history: History, commits: list[Commit]) -> None:
    """Refuses a partial clone that lacks objects of some commits, before git would fetch them one by one."""
    if not history.partial or not commits:
        return
    names = "".join(f"{commit.id}\n" for commit in commits).encode()
    listing = git(history.repo, "rev-list", "--objects", "--no-walk", "--missing=print", "--stdin", stdin=names)
    missing = re.findall(rb"^\?", listing, re.MULTILINE)
    if missing:
        raise Refused(
            str(history.repo),
            expected="a clone with the files of every commit in the range",
            found=f"a partial clone that lacks {len(missing)} objects of these {len(commits)} commits",
            todo="make it whole: git fetch --refetch --no-filter, or name the URL in its place",
        )


def _commits(answer: bytes) -> list[Commit]:
    fields = answer.decode(errors="replace").split("\0")
    rows = [fields[i : i + 3] for i in range(0, len(fields) - 1, 3)]
    return [Commit(name.strip(), date, subject) for name, date, subject in rows]
