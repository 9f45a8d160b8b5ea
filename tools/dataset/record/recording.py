"""The episode that is being recorded: a thread encodes its frames and appends them to the journal, in their order.

What waits for that thread is lost if the process is killed. So frames that wait are never further apart than LATEST_S: the
next one is taken when the first of them is younger, or in the journal.
"""

import collections
from collections.abc import Callable
import concurrent.futures
import pathlib
import threading
import time
from typing import Any, TypeVar

import numpy as np

from tools.dataset import jpeg
from tools.dataset.record.append_journal import AppendJournal

T = TypeVar("T")

# Of the oldest frame that waits, in seconds, when the next is taken.
LATEST_S = 0.1
# How many may wait, where frames come faster than from a robot: with two cameras of 640x480 about 110 MB.
BACKLOG = 60


class Recording:
    """One episode after the other, in one file.

    Args:
        path: Where the journal of an episode lies while there is one.
        quality: Of the JPEGs.

    Attributes:
        frames: How many frames of the episode were taken.
    """

    def __init__(self, path: pathlib.Path, quality: int):
        self.frames = 0
        self._path = path
        self._quality = quality
        self._thread = concurrent.futures.ThreadPoolExecutor(1, "recording")
        self._written = threading.Condition()
        self._waiting: collections.deque[float] = collections.deque()  # when each was taken, oldest first
        self._journal: AppendJournal | None = None
        self._failure: Exception | None = None

    def has_room(self) -> bool:
        """Whether the next frame can be appended."""
        with self._written:
            return self._has_room()

    def wait_for_room(self) -> None:
        """Returns when it can be."""
        with self._written:
            self._written.wait_for(self._has_room)

    def backlog(self) -> tuple[int, float]:
        """How many frames wait to be written, and for how many seconds the first of them has."""
        with self._written:
            return len(self._waiting), time.monotonic() - self._waiting[0] if self._waiting else 0.0

    def append(self, about: dict[str, Any], values: dict[str, bytes | np.ndarray], task: str) -> None:
        """Takes a frame, for which there is room.

        Args:
            about: What the journal says of the episode, if this is its first frame.
            values: By feature its bytes, or an image to be encoded.
            task: What the robot is doing.

        Raises:
            OSError: The journal cannot be begun.
        """
        self._journal = self._journal or AppendJournal(self._path, about)
        self.frames += 1
        with self._written:
            self._waiting.append(time.monotonic())
        self._thread.submit(self._append, self._journal, values, task)

    def raise_failure(self) -> None:
        """Raises what went wrong in the thread; nothing was appended after it."""
        if self._failure is not None:
            raise self._failure

    def after_the_last_frame(self, function: Callable[[], T]) -> T:
        """Runs something in the thread, when all frames are in the journal. A Ctrl-C does not end it half-way."""
        return self._thread.submit(function).result()

    def remove(self) -> None:
        """Removes the journal; the next frame begins another. To be run in the thread."""
        if self._journal is not None:
            self._journal.close()
        self._path.unlink(missing_ok=True)
        self.frames, self._journal, self._failure = 0, None, None

    def close(self) -> None:
        """Ends the thread when all frames are in the journal, which stays."""
        self._thread.shutdown()
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def _append(self, journal: AppendJournal, values: dict[str, bytes | np.ndarray], task: str) -> None:
        try:
            if self._failure is None:
                encoded = {
                    name: jpeg.encode(value, self._quality) if isinstance(value, np.ndarray) else value
                    for name, value in values.items()
                }
                journal.append({"task": task}, encoded)
        except Exception as e:  # whatever it is, the caller must learn that a frame is lost
            self._failure = e
        finally:
            with self._written:
                self._waiting.popleft()
                self._written.notify()

    def _has_room(self) -> bool:
        waiting = self._waiting
        return not waiting or (len(waiting) < BACKLOG and time.monotonic() - waiting[0] < LATEST_S)
