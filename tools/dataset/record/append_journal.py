"""Frames that were recorded and are not yet an episode: a file that only grows, so that a killed process loses the end.

What was handed to the kernel survives the process. A power cut may cost more: nothing here waits for the disk.

The file is a line that names the format, then records: length and CRC-32 of what follows, then a JSON object and, behind it,
the bytes that the object names with their lengths. The first record is about the episode, each other one is a frame.
"""

from collections.abc import Mapping
import dataclasses
import json
import mmap
import os
import pathlib
import struct
from typing import Any, Self
import zlib

from tools.dataset.jsonl import to_json

NAME = ".recording.journal"  # in the dataset's folder, hidden, so that LeRobot and an upload pass over it
_MAGIC = b"openpi-overlay journal 1\n"
_HEAD = struct.Struct("<III")  # bytes of JSON, bytes behind it, CRC-32


class AppendJournal:
    """A journal that is being written.

    Args:
        path: Where; nothing may be there.
        about: What the reader must know of the episode, as JSON.
    """

    def __init__(self, path: pathlib.Path, about: dict[str, Any]):
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._end = 0
        try:
            self._write(_MAGIC + _record(about, {}))
        except OSError:
            self.close()
            path.unlink()
            raise

    def append(self, about: dict[str, Any], blobs: Mapping[str, bytes]) -> None:
        """Appends a frame, all of it or nothing.

        Args:
            about: Small facts of the frame, as JSON.
            blobs: Its values, by name.

        Raises:
            OSError: The disk is full, or failed.
        """
        self._write(_record(about, blobs))

    def close(self) -> None:
        """Closes the file, which stays."""
        os.close(self._file)

    def _write(self, data: bytes) -> None:
        at = 0
        try:
            while at < len(data):
                at += os.write(self._file, memoryview(data)[at:])
        except OSError:
            os.ftruncate(self._file, self._end)  # half a record would hide those that come after it
            raise
        self._end += len(data)


@dataclasses.dataclass(frozen=True)
class Journal:
    """What a journal holds, up to the first record that is not whole.

    Attributes:
        path: The file.
        about: What was said of the episode; {} where the process died before it was written.
        end: How many bytes are whole.
        torn: How many bytes after that are not.
    """

    path: pathlib.Path
    about: dict[str, Any]
    end: int
    torn: int
    _data: mmap.mmap | bytes
    _starts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, frame: int) -> tuple[dict[str, Any], dict[str, bytes]]:
        """A frame's facts and values; its checksum is asked again."""
        about, blobs, _ = _read(self._data, self._starts[frame])
        return about, blobs

    def size_of(self, frame: int) -> int:
        """How many bytes a frame's record has."""
        after = self._starts[frame + 1] if frame + 1 < len(self) else self.end
        return after - self._starts[frame]

    @classmethod
    def read(cls, path: pathlib.Path) -> Self:
        """Reads a journal; the frames themselves stay on disk until they are asked for.

        Raises:
            ValueError: It is not a journal, though it is long enough to be one.
        """
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        if data[: len(_MAGIC)] != _MAGIC[:size]:
            raise ValueError("not a journal of this version")
        about, end, starts = {}, min(size, len(_MAGIC)), []
        try:
            about, _, end = _read(data, end)
            while end < size:
                after = _read(data, end)[2]
                starts.append(end)
                end = after
        except _TornError:
            pass
        return cls(path, about, end, size - end, data, tuple(starts))


class _TornError(Exception):
    """A record is not whole."""


def _record(about: dict[str, Any], blobs: Mapping[str, bytes]) -> bytes:
    sizes = {name: len(blob) for name, blob in blobs.items()}
    text = to_json({"about": about, "sizes": sizes})
    body = b"".join((text, *blobs.values()))
    return _HEAD.pack(len(text), len(body) - len(text), _checksum(len(text), body)) + body


def _read(data: mmap.mmap | bytes, start: int) -> tuple[dict[str, Any], dict[str, bytes], int]:
    """The record at a place: its facts, its values, and where it ends."""
    at = start + _HEAD.size
    if at > len(data):
        raise _TornError
    text, blobs, crc = _HEAD.unpack(data[start:at])
    end = at + text + blobs
    # A record of nothing but zeros is what some disks leave after a power cut.
    if end > len(data) or text == 0 or _checksum(text, body := data[at:end]) != crc:
        raise _TornError
    head = json.loads(body[:text])
    found, at = {}, text
    for name, size in head["sizes"].items():
        found[name] = body[at : at + size]
        at += size
    return head["about"], found, end


def _checksum(text: int, body: bytes) -> int:
    return zlib.crc32(body, text)  # where the JSON ends is as dear as the rest
