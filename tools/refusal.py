"""The one error that a user sees: where, what was expected, what was found, what to do."""

import functools
from typing import Any


class Refused(Exception):  # noqa: N818  (a refusal is an answer, not a fault of the program)
    """Stops a command with exit code 1 and one message of four parts; never shown as a traceback.

    Args:
        where: The file, option or place that is wrong.
        expected: What would have been right.
        found: What was there instead, with its value.
        todo: What the user can do now, as a command where there is one.
    """

    exit_code = 1

    def __init__(self, where: str, *, expected: str, found: str, todo: str):
        super().__init__(where)
        self.where = where
        self.expected = expected
        self.found = found
        self.todo = todo

    def __str__(self) -> str:
        parts = (("expected", self.expected), ("found", self.found), ("do", self.todo))
        indent = "\n" + " " * 12
        return "\n".join(
            [f"refused: {self.where}", *(f"  {k + ':':<9} {v.replace(chr(10), indent)}" for k, v in parts)]
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickles with all four parts, so that a refusal comes back whole from another process."""
        return functools.partial(type(self), self.where, expected=self.expected, found=self.found, todo=self.todo), ()

    def as_json(self) -> dict[str, str]:
        """The four parts as `--json` prints them."""
        return {"where": self.where, "expected": self.expected, "found": self.found, "do": self.todo}


class WrongUsage(Refused):
    """Like `Refused`, for a wrong command line: exit code 2."""

    exit_code = 2
