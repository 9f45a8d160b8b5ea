"""Files of one JSON object a line, read so that what is wrong in them is kept and can be told."""

from collections.abc import Iterable
import dataclasses
import json
import pathlib
from typing import Any


@dataclasses.dataclass(frozen=True)
class BadLine:
    """A line that LeRobot refuses.

    Attributes:
        number: Which line of the file, from 1.
        why: What is wrong with it: "blank", "not JSON: …", "not an object".
    """

    number: int
    why: str


@dataclasses.dataclass(frozen=True)
class Jsonl:
    """The content of such a file.

    Attributes:
        path: The file.
        objects: The objects of its good lines, by line number, in the file's order.
        bad: Its other lines.
        problem: Why it could not be read at all, None where it could.
    """

    path: pathlib.Path
    objects: dict[int, dict[str, Any]]
    bad: tuple[BadLine, ...] = ()
    problem: str | None = None

    @property
    def values(self) -> list[dict[str, Any]]:
        """The objects, in the file's order."""
        return list(self.objects.values())


def read_jsonl(path: pathlib.Path) -> Jsonl:
    """Reads a file of JSON lines; never raises for what is in it, nor for its absence."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return Jsonl(path, {}, problem="missing")
    except OSError as e:
        return Jsonl(path, {}, problem=e.strerror or str(e))
    except UnicodeDecodeError as e:
        return Jsonl(path, {}, problem=f"not UTF-8: {e.reason} at byte {e.start}")
    objects, bad = {}, []
    # As LeRobot's reader opens it: without one byte order mark, and with the line ends of all systems.
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            bad.append(BadLine(number, "blank"))
            continue
        try:
            value = json.loads(line.removeprefix("\ufeff"))  # the reader skips another one in each line
        except (ValueError, RecursionError) as e:
            bad.append(BadLine(number, f"not JSON: {e}"))
            continue
        if isinstance(value, dict):
            objects[number] = value
        else:
            bad.append(BadLine(number, "not an object"))
    return Jsonl(path, objects, tuple(bad))


def to_jsonl(objects: Iterable[dict[str, Any]]) -> bytes:
    """The bytes of such a file.

    Raises:
        ValueError: A number is NaN or infinite, which is not JSON.
    """
    return b"".join(to_json(one, allow_nan=False) + b"\n" for one in objects)


def to_json(value: Any, *, indent: int | None = None, allow_nan: bool = True) -> bytes:
    """A value as JSON in UTF-8, with letters as they are; halves of characters, which only JSON can name, stay named.

    Args:
        value: What to write.
        indent: By how many blanks a level, on lines of its own; None for one line.
        allow_nan: Write a NaN that is there, which is not JSON.

    Raises:
        ValueError: A number is NaN or infinite, and shall not be.
    """
    try:
        return json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=allow_nan).encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent, allow_nan=allow_nan).encode()
