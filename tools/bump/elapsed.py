"""Lets whoever waits at a terminal see that something long still runs; a log gets nothing of it."""

from collections.abc import Iterator
import contextlib
import sys
import threading
import time

_EVERY_S = 2.0


@contextlib.contextmanager
def shown(what: str) -> Iterator[None]:
    """Rewrites one line of a terminal with the time that has passed, until the block ends, and takes it away then."""
    if not sys.stderr.isatty():
        yield
        return
    done, began = threading.Event(), time.monotonic()

    def tell() -> None:
        while not done.wait(_EVERY_S):
            minutes, seconds = divmod(int(time.monotonic() - began), 60)
            print(f"\r{what}: {minutes}:{seconds:02d}", end="", file=sys.stderr, flush=True)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
