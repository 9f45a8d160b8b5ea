"""Waits for a process that was started, so that it alone decides what a Ctrl-C ends and how."""

import signal
import subprocess


def wait_for(child: subprocess.Popen) -> int:
    """Waits until a child has ended, whatever is pressed meanwhile, and returns its exit code as a shell gives it.

    A Ctrl-C in a terminal reaches the child too, which may be in the middle of a checkpoint; `subprocess.run` would kill it
    a quarter of a second later. A SIGTERM reaches only this process, and is handed on.

    Raises:
        KeyboardInterrupt: There was a Ctrl-C; the child has ended.
    """
    interrupted = False
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        while child.returncode is None:
            try:
                child.wait()
            except KeyboardInterrupt:
                interrupted = True
    finally:
        signal.signal(signal.SIGTERM, before)
    if interrupted:
        raise KeyboardInterrupt
    return as_shell(child.returncode)


def as_shell(code: int) -> int:
    """128 and the signal's number, for a process that a signal ended."""
    return code if code >= 0 else 128 - code


def by_signal(code: int) -> str | None:
    """Which signal ended a process, by its exit code as a shell gives it; None where it ended by itself."""
    try:
        return signal.Signals(code - 128).name if code > 128 else None
    except ValueError:
        return None
