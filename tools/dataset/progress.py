"""How far a command is, on standard error, once it takes more than two seconds."""

from collections.abc import Callable, Iterator
import contextlib
import sys
import threading
import time


class Progress:
    """A line that tells of something counted.

    Args:
        text: With {done} and {total} in it, such as "written {done:,} of {total:,} data files".
    """

    def __init__(self, text: str):
        self._text = text
        self._began = self._told = time.monotonic()
        self._on_terminal = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """Tells how many of how many are done, now and then."""
        now = time.monotonic()
        if now - self._began < 2 or now - self._told < (0.2 if self._on_terminal else 5):
            return
        self._told = now
        text = self._text.format(done=done, total=total)
        print(
            f"\r{text}" if self._on_terminal else text,
            end="" if self._on_terminal else "\n",
            file=sys.stderr,
            flush=True,
        )

    @contextlib.contextmanager
    def watching(self, done: Callable[[], int], total: int) -> Iterator[None]:
        """Tells, while the body is at work, of what is counted elsewhere, such as by other processes."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(0.2):
                self(done(), total)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            ended.set()
            watcher.join()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Clears the line."""
        if self._on_terminal and self._told != self._began:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
