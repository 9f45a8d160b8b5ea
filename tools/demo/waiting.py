"""One line that says how far a stage is and for how long it runs: in place on a terminal, else a line a minute."""

from collections.abc import Iterator
import contextlib
import pathlib
import re
import shutil
import sys
import threading
import time

from tools.command import note

_TERMINAL_EVERY_S = 1.0
_ELSE_EVERY_S = 60.0
# What train.py's progress bar writes to a log, every ten seconds: `Progress on: 40.0it/150it rate:…`, at first `-/150`.
_STEP = re.compile(rb"Progress on: ?([\d.]+|-)(?:it)?/([\d.]+)(?:it)? ")


@contextlib.contextmanager
def shown(head: str, log: pathlib.Path) -> Iterator[None]:
    """Shows a stage at work for as long as the block runs.

    Args:
        head: What the line begins with.
        log: Where the stage's output will be; a step that it tells of from now on is shown.
    """
    in_place = sys.stderr.isatty()
    start, steps, done = time.monotonic(), _Steps(log), threading.Event()

    def line() -> str:
        minutes, seconds = divmod(int(time.monotonic() - start), 60)
        return ", ".join([f"{head} … {minutes}:{seconds:02}", *steps.read()])

    def show() -> None:
        while not done.wait(_TERMINAL_EVERY_S if in_place else _ELSE_EVERY_S):
            _over(line()) if in_place else note(line())

    _over(line()) if in_place else note(f"{head} …")
    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    whole = False
    try:
        yield
        whole = True
    finally:
        done.set()
        thread.join()
        if in_place:  # what comes next takes the place of the line; how far a stage came that failed stays to be seen
            _over("" if whole else line())
            print("\r" if whole else "\n", end="", file=sys.stderr, flush=True)


class _Steps:
    """The last step that a log tells of; what was there before is another run's."""

    def __init__(self, log: pathlib.Path):
        self._log = log
        self._read = log.stat().st_size if log.exists() else 0
        self._last: list[str] = []

    def read(self) -> list[str]:
        """Returns "step N of M", or nothing."""
        with contextlib.suppress(OSError), self._log.open("rb") as file:
            file.seek(self._read)
            lines = file.read().rpartition(b"\n")[0]  # the last one may not be whole yet
            self._read += len(lines)
            if found := _STEP.findall(lines):
                step, steps = (0 if number == b"-" else round(float(number)) for number in found[-1])
                self._last = [f"step {step} of {steps}"]
        return self._last


def _over(text: str) -> None:
    width = shutil.get_terminal_size().columns - 1  # a full line would begin another
    print(f"\r{text[:width]:<{width}}", end="", file=sys.stderr, flush=True)
