"""What a repository on the hub holds."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """A file on the hub.

    Attributes:
        size: In bytes.
        digest: The SHA-256 of a large file's content, git's hash of a small one.
        large: Which of the two it is.
    """

    size: int
    digest: str
    large: bool


@dataclasses.dataclass(frozen=True)
class Remote:
    """What a repository holds.

    Attributes:
        commit: The last one of its main branch.
        private: Whether only its owners see it.
        files: By path.
        tagged: The commit that the tag `v2.1` points to; None where there is no such tag.
        branches: The names of its branches.
    """

    commit: str
    private: bool
    files: dict[str, RemoteFile]
    tagged: str | None
    branches: tuple[str, ...]
