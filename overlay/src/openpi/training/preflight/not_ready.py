"""The answer when a script's needs are not met: one message in place of a traceback."""

import textwrap


class NotReady(Exception):  # noqa: N818  (an answer: the script has not failed, it has not started)
    """Something that a script needs is not there; the message has four parts.

    Args:
        where: The file, option or place.
        expected: What would have been right.
        found: What was there instead, with its value.
        todo: What to do, as a command where there is one.
    """

    exit_code = 1

    def __init__(self, where: str, *, expected: str, found: str, todo: str):
        parts = (("expected", expected), ("found", found), ("do", todo))
        super().__init__("\n".join([f"refused: {where}", *(f"  {k + ':':<9} {v}" for k, v in parts)]))


class WrongUsage(NotReady):
    """Like `NotReady`, for a command line that is wrong whatever lies on this machine."""

    exit_code = 2


def first_line(error: Exception) -> str:
    """The type of an error and the first line of what it says, at most 200 characters."""
    reason = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return _shortened(error, reason)


def one_line(error: Exception) -> str:
    """The type of an error and all that it says in one line, at most 200 characters."""
    return _shortened(error, str(error))


def _shortened(error: Exception, reason: str) -> str:
    return textwrap.shorten(f"{type(error).__name__}: {reason}", 200, placeholder=" ...")
