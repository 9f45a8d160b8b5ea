"""Reads episode numbers as a user names them."""

from collections.abc import Iterable
import re
from typing import Annotated

import tyro

from tools.refusal import WrongUsage

# In one range; a dataset may claim any number of episodes.
_MOST = 1_000_000
# All words after the option.
EpisodeNames = Annotated[
    tuple[str, ...],
    tyro.constructors.PrimitiveConstructorSpec(
        nargs="+",
        metavar="N|N-M ...",
        instance_from_str=tuple,
        is_instance=lambda value: isinstance(value, tuple),
        str_from_instance=list,
    ),
]


def numbers_of(names: Iterable[str], last: int) -> set[int]:
    """The numbers that "3", "7-9" or "3,7-9" mean.

    Args:
        names: As given.
        last: The highest that there is.

    Raises:
        WrongUsage: One is not a number or a range of them, or there is no such episode.
    """
    found = set()
    for name in (part for given in names for part in given.split(",")):
        match = re.fullmatch(r"(\d+)(?:-(\d+))?", name.strip())
        first, end = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if not first <= end <= last or end - first >= _MOST:
            raise WrongUsage(
                "--episodes",
                expected=f"numbers from 0 to {last}, or ranges such as 7-9 (of a million at most)",
                found=repr(name),
                todo="see which there are: just check-dataset PATH, meta/episodes.jsonl",
            )
        found |= set(range(first, end + 1))
    return found
