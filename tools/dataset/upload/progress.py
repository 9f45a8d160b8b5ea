"""How far an upload is, in bytes and at which rate, on standard error."""

import sys
import time

import rich.console
import rich.progress

from tools.command import note

# Where nobody watches, a line this often, in seconds.
_EVERY_S = 10.0


class UploadProgress:
    """Tells of an upload; a bar in a terminal, else a line now and then.

    Args:
        files: How many there are to send.
        size: Their bytes.
    """

    def __init__(self, files: int, size: int):
        self._files, self._size = files, size
        self._sent_files = self._sent = 0
        self._began = self._told = time.monotonic()
        self._bar = _bar() if sys.stderr.isatty() and size else None
        if self._bar:
            self._bar.start()
            self._task = self._bar.add_task("uploading", total=size)

    def sent(self, files: int, size: int) -> None:
        """Counts files that the hub has now."""
        self._sent_files += files
        self._sent += size
        if self._bar:
            self._bar.update(self._task, completed=self._sent)
        elif time.monotonic() - self._told > _EVERY_S and self._sent < self._size:
            self._told = time.monotonic()
            note(f"uploading  {self}")

    def done(self) -> None:
        """Takes the bar away and says what was sent."""
        if self._bar:
            self._bar.stop()
        if self._size:
            note(f"uploading  {self}")

    def __str__(self) -> str:
        rate = self._sent / max(time.monotonic() - self._began, 1e-6)
        sent = in_bytes(self._sent)
        return f"{sent} of {in_bytes(self._size)}, {self._sent_files} of {self._files} files, {in_bytes(rate)}/s"


def in_bytes(count: float) -> str:
    """A number of bytes for people."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def _bar() -> rich.progress.Progress:
    return rich.progress.Progress(
        rich.progress.SpinnerColumn(),
        rich.progress.TextColumn("{task.description}"),
        rich.progress.BarColumn(),
        rich.progress.DownloadColumn(),
        rich.progress.TransferSpeedColumn(),
        rich.progress.TimeRemainingColumn(),
        console=rich.console.Console(file=sys.stderr),
        transient=True,
    )
