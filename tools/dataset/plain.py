"""Text from a dataset as it can be printed anywhere, and commands that can be pasted."""

from collections.abc import Iterable
import shlex
import sys

_LONGEST = 400
# So many ranges of episodes are named in a line.
_MOVES = 12


def plain(text: str, longest: int | None = _LONGEST) -> str:
    """A text from a dataset that can be printed anywhere: on one line, no control character, not endless.

    Args:
        text: May hold halves of characters, as JSON can name them and names of files that are no UTF-8 do.
        longest: How many characters are left of it at most; None for all.
    """
    text = text if longest is None or len(text) <= longest else f"{text[: longest - 3]}..."
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def say(text: str) -> None:
    """Prints what a command has to say, whatever is in it and whatever letters the terminal has."""
    encoding = sys.stdout.encoding or "utf-8"
    lines = "\n".join(plain(line, None) for line in text.split("\n"))
    print(lines.encode(encoding, "backslashreplace").decode(encoding))


def counted(number: int, thing: str) -> str:
    """Such as "1 file", "2,000 files"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def ranges(numbers: Iterable[int]) -> list[str]:
    """Numbers in their order as 3, 7-9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]


def moves(episodes: Iterable[int]) -> str:
    """Which episode of a dataset becomes which of another one, such as `0-2, 4-9 as 3-8`: they are counted from 0 there.

    Args:
        episodes: Those that are taken, in their order.
    """
    said, first = [], 0
    for one in ranges(episodes):
        begin, _, end = one.partition("-")
        many = int(end or begin) - int(begin) + 1
        now = f"{first}-{first + many - 1}" if many > 1 else str(first)
        said.append(one if one == now else f"{one} as {now}")
        first += many
    return first_of(said)


def first_of(said: list[str]) -> str:
    """The first few ranges of episodes, and how many there are besides."""
    more = len(said) - _MOVES
    return ", ".join([*said[:_MOVES], *([f"and {more:,} more ranges"] if more > 0 else [])])


def just(command: str, *arguments: object) -> str:
    """A command of ours as it can be pasted into a shell, such as `just check-dataset 'my data'`.

    Args:
        command: Such as "check-dataset" or "edit-dataset delete".
        arguments: Paths and options, each one word.
    """
    return " ".join(["just", command, *(shlex.quote(str(one)) for one in arguments)])
