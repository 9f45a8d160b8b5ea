"""A place to try a text patch on one commit after another, with no checkout of upstream."""

import os
import pathlib
import shutil
import subprocess

from tools.git import environment
from tools.git import git
from tools.upstream.history import History


class Scratch:
    """A repository of its own that borrows upstream's objects and checks out only the files of the patches."""

    def __init__(self, folder: pathlib.Path, history: History, paths: list[str]):
        self.paths = paths
        self._work = folder / "work"
        self._patch = folder / "series.patch"
        git(None, "init", "--quiet", "--template=", str(self._work))
        lent = git(history.repo, "rev-parse", "--path-format=absolute", "--git-path", "objects").decode().rstrip("\n")
        info = self._work / ".git" / "objects" / "info"
        info.mkdir(exist_ok=True)
        (info / "alternates").write_text(f"{lent}\n")

    def make_patch(self, commit: str, files: dict[str, bytes]) -> None:
        """Writes the diff from a commit to these files."""
        self._check_out(commit)
        for path, text in files.items():
            (self._work / path).write_bytes(text)
        self._patch.write_bytes(git(self._work, "diff", "--full-index", "--no-renames", "--", *files))

    def apply(self, commit: str, command: tuple[str, ...]) -> str:
        """Tries the patch on a commit; returns what the command said when it failed, else ""."""
        self._check_out(commit)
        env = environment() | {"PATH": os.environ.get("PATH", os.defpath)}
        line = [*command, str(self._patch)]
        done = subprocess.run(
            line, cwd=self._work, env=env, capture_output=True, text=True, errors="replace", check=False
        )
        said = (done.stderr or done.stdout).strip().splitlines()
        return "" if done.returncode == 0 else (said or [f"{command[0]} exited with {done.returncode}"])[0]

    def read(self) -> dict[str, bytes]:
        """The files as they are now; one that is gone is left out."""
        there = [path for path in self.paths if (self._work / path).is_file()]
        return {path: (self._work / path).read_bytes() for path in there}

    def _check_out(self, commit: str) -> None:
        for entry in self._work.iterdir():
            if entry.name != ".git":
                shutil.rmtree(entry)
        git(self._work, "read-tree", "--reset", commit)
        have = git(self._work, "ls-files", "-z", "--", *self.paths).decode(errors="surrogateescape").split("\0")
        if wanted := [path for path in have if path]:
            git(self._work, "checkout-index", "--force", "--index", "--", *wanted)
