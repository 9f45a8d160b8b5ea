"""Text from a dataset as it can be printed anywhere, and commands that can be pasted."""

from collections.abc import Iterable
import shlex
import sys

_LONGEST = 400


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


def just(command: str, *arguments: object) -> str:
    """A command of ours as it can be pasted into a shell, such as `just check-dataset 'my data'`.

    Args:
        command: Such as "check-dataset" or "edit-dataset delete".
        arguments: Paths and options, each one word.
    """
    return " ".join(["just", command, *(shlex.quote(str(one)) for one in arguments)])
