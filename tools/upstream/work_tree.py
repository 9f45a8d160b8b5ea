"""What lies in a git work tree, asked without running anything that the repository's configuration names.

`git status` and `git diff` would hand the files to the filters that the configuration has. Here a file is as committed
when its bytes are those of its blob. Where a filter or a setting made the checkout differ from the commit (Git LFS,
core.autocrlf), the tree counts as edited.
"""

import dataclasses
import hashlib
import os
import pathlib
import stat

from tools.git import git

# File modes as git writes them: plain, executable, symbolic link, submodule.
PLAIN, EXECUTABLE, LINK, SUBMODULE = "100644", "100755", "120000", "160000"


@dataclasses.dataclass(frozen=True)
class Tracked:
    """One file in git's index: its mode, the hash of its blob, and whether it may be missing on disk (a sparse one)."""

    mode: str
    blob: str
    sparse: bool


@dataclasses.dataclass(frozen=True)
class WorkTree:
    """A folder with files, and the git directory that keeps track of them."""

    folder: pathlib.Path
    git_dir: pathlib.Path

    def tracked(self) -> dict[str, Tracked]:
        """Every file of the index by its path; of one in conflict no side, so that it differs from any commit."""
        found: dict[str, Tracked] = {}
        for row in self._list("-t", "--stage"):
            meta, _, path = row.partition("\t")
            tag, mode, blob, stage = meta.split(" ")
            found[path] = Tracked(mode, blob if stage == "0" else "", tag == "S")
        return found

    def untracked(self) -> list[str]:
        """The files and links that git neither tracks nor ignores."""
        return [path for path in self._list("--others", "--exclude-standard") if not path.endswith("/")]

    def is_edited(self, committed: dict[str, tuple[str, str]]) -> bool:
        """Is a tracked file other than in the commit, in the index or on disk?

        Args:
            committed: Mode and hash of every entry of the commit's tree, by path.
        """
        tracked = self.tracked()
        if {path: (entry.mode, entry.blob) for path, entry in tracked.items()} != committed:
            return True
        has_modes = (
            git(self.folder, "config", "--get", "--type=bool", "--default=true", "core.fileMode").strip() != b"false"
        )
        return any(self._differs(path, entry, has_modes) for path, entry in tracked.items())

    def _differs(self, path: str, entry: Tracked, has_modes: bool) -> bool:  # noqa: FBT001
        file = self.folder / path
        if entry.mode == SUBMODULE:
            return False
        try:
            bits = file.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return not entry.sparse
        if stat.S_ISLNK(bits):
            return entry.mode != LINK or _blob(os.fsencode(os.readlink(file)), entry.blob) != entry.blob
        if not stat.S_ISREG(bits) or entry.mode == LINK:
            return True
        if has_modes and bool(bits & stat.S_IXUSR) != (entry.mode == EXECUTABLE):
            return True
        return _blob(file.read_bytes(), entry.blob) != entry.blob

    def _list(self, *options: str) -> list[str]:
        # Named outright: the configuration may say that the work tree is elsewhere.
        where = (f"--git-dir={self.git_dir}", "--work-tree=.")
        return [os.fsdecode(row) for row in git(self.folder, *where, "ls-files", "-z", *options).split(b"\0") if row]


def _blob(content: bytes, like: str) -> str:
    """The name that git gives to a file's bytes, by the kind of hash that the repository has."""
    kind = hashlib.sha256 if len(like) == 64 else hashlib.sha1
    return kind(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()
