"""Git objects of a repository that is only read, through one `git cat-file --batch` for any number of them."""

import pathlib
import subprocess

from tools import git as plumbing
from tools.upstream import trees


class Objects:
    """Reads blobs and trees; a tree object is parsed once, whatever number of commits share it.

    Use it as a context: the git process ends with it.
    """

    def __init__(self, repo: pathlib.Path):
        self.repo = repo
        self._trees: dict[str, dict[str, tuple[str, str]]] = {}
        self._process = subprocess.Popen(
            ["git", *plumbing.OPTIONS, "-C", str(repo), "cat-file", "--batch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=plumbing.environment(),
        )

    def __enter__(self) -> "Objects":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    def read(self, name: str) -> bytes:
        """The bytes of an object: a hash, or an expression such as "<commit>^{tree}".

        Raises:
            Refused: the repository does not have it.
        """
        self._process.stdin.write(f"{name}\n".encode())
        self._process.stdin.flush()
        head = self._process.stdout.readline().decode(errors="replace").split()
        if len(head) < 3 or not head[2].isdigit():
            raise trees.lacks_objects(self.repo, f"{name} missing")
        content = self._process.stdout.read(int(head[2]))
        self._process.stdout.read(1)
        return content

    def entries(self, tree: str) -> dict[str, tuple[str, str]]:
        """Every file below a tree, by path: its mode and its hash."""
        if tree not in self._trees:
            found: dict[str, tuple[str, str]] = {}
            for name, mode, child in _parse(self.read(tree)):
                if mode == "40000":
                    found |= {f"{name}/{path}": entry for path, entry in self.entries(child).items()}
                else:
                    found[name] = (mode, child)
            self._trees[tree] = found
        return self._trees[tree]


class ObjectTree:
    """The tree of one commit, as `trees.GitTree` shows it, out of an `Objects` that many commits share."""

    def __init__(self, objects: Objects, commit: str, date: str):
        self.repo = objects.repo
        self.commit = commit
        self.origin = trees.Origin("git", commit, date)
        self._objects = objects
        self._entries = objects.entries(f"{commit}^{{tree}}")

    def modes(self) -> dict[str, str]:
        """Every path of the tree with its mode."""
        return {path: mode for path, (mode, _) in self._entries.items()}

    def read(self, paths: list[str]) -> dict[str, bytes]:
        """The contents of some files; a path that is not a file of the tree is left out."""
        return {path: self._objects.read(self._entries[path][1]) for path in paths if self.blob(path)}

    def blob(self, path: str) -> str:
        """The hash of a file, "" where the tree has no file of that path."""
        mode, name = self._entries.get(path, (trees.SUBMODULE, ""))
        return "" if mode == trees.SUBMODULE else name


def _parse(raw: bytes) -> list[tuple[str, str, str]]:
    """The entries of a tree object: name, mode, hash."""
    found, at = [], 0
    while at < len(raw):
        middle = raw.index(b"\0", at)
        mode, _, name = raw[at:middle].partition(b" ")
        found.append((name.decode(errors="surrogateescape"), mode.decode(), raw[middle + 1 : middle + 21].hex()))
        at = middle + 21
    return found
