"""A history of upstream made from the mirrors and from mutations of them, for where there is no clone of the real one."""

import pathlib

from tools.git import git
from tools.upstream.store import Synced

_WHO = {f"GIT_{who}_{what}": "upstream@example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


class MadeHistory:
    """A repository with a work tree, whose commits are made without checking anything out."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.commits: list[str] = []
        git(None, "init", "--quiet", "--template=", "--initial-branch=main", str(path))

    def from_mirror(self, mirror: Synced, day: str, subject: str) -> str:
        """Commits the tree of a mirror."""
        git(self.path, "fetch", "--quiet", "--depth=1", mirror.repo.resolve().as_uri(), mirror.commit)
        (self.path / ".git" / "shallow").unlink()  # an imported distribution has no parents: nothing is cut off
        git(self.path, "read-tree", mirror.commit)
        return self._commit(day, subject)

    def change(self, day: str, subject: str, files: dict[str, str | None], *, ref: str = "refs/heads/main") -> str:
        """Commits the newest tree with some files changed, or removed where None, on main or on another reference."""
        git(self.path, "read-tree", "refs/heads/main")
        for name, text in files.items():
            if text is None:
                git(self.path, "rm", "--quiet", "--cached", "--", name)
            else:
                blob = git(self.path, "hash-object", "-w", "--stdin", stdin=text.encode()).decode().strip()
                git(self.path, "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}")
        return self._commit(day, subject, ref)

    def text(self, name: str) -> str:
        """A file as the newest commit of main has it."""
        return git(self.path, "cat-file", "blob", f"refs/heads/main:{name}").decode()

    def check_out(self) -> None:
        """Puts the files of the newest commit into the work tree."""
        git(self.path, "reset", "--quiet", "--hard", "refs/heads/main")

    def _commit(self, day: str, subject: str, ref: str = "refs/heads/main") -> str:
        tree = git(self.path, "write-tree").decode().strip()
        when = {f"GIT_{who}_DATE": f"{day}T12:00:00+00:00" for who in ("AUTHOR", "COMMITTER")}
        parents = ["-p", self.commits[-1]] if self.commits else []
        made = git(self.path, "commit-tree", tree, *parents, "-m", subject, extra_env=_WHO | when).decode().strip()
        git(self.path, "update-ref", ref, made)
        if ref == "refs/heads/main":
            self.commits.append(made)
        return made
