"""What became of the files of a draft."""

import dataclasses


class NothingChangedError(Exception):
    """A draft has come to what its source is already."""


@dataclasses.dataclass
class Written:
    """What became of the files.

    Attributes:
        rewritten: How many data files were written again.
        kept: How many were carried over as they are.
        unreadable: Episodes whose file could not be read, and why; the file was carried over as it is.
        left_out: Files in data/ that the new dataset has not.
        changed: Whether anything in data, meta and videos is not what and where it was.
    """

    rewritten: int = 0
    kept: int = 0
    unreadable: dict[int, str] = dataclasses.field(default_factory=dict)
    left_out: list[str] = dataclasses.field(default_factory=list)
    changed: bool = False

    def refuse_unchanged(self) -> None:
        """Says so where the new dataset is the old one again.

        Raises:
            NothingChangedError: It is.
        """
        if not self.changed:
            raise NothingChangedError
