"""Runs git against a repository that may never answer, or stop in the middle."""

from collections.abc import Sequence
import contextlib
import os
import re
import selectors
import signal
import subprocess
import sys
import time

from tools.git import OPTIONS
from tools.git import GitError
from tools.git import environment

_SHOW_AFTER_S = 2


class Unreachable(GitError):  # noqa: N818  (an answer: there may be another source)
    """The repository did not answer, or stopped in the middle; `str()` is why."""


def run(
    arguments: Sequence[str], *, local: bool, limit_s: float = 1e6, quiet_s: float = 1e6, held: tuple[int, ...] = ()
) -> bytes:
    """Runs git over the network and shows its progress.

    Args:
        arguments: The command and its arguments.
        local: It talks to a folder on this machine, and to nothing else.
        limit_s: How long it may take in all, in seconds.
        quiet_s: How long it may say nothing, in seconds.
        held: Open files that git keeps open too.

    Returns:
        Its standard output.

    Raises:
        Unreachable: It ran out of time, or lost the other side.
        GitError: It exited with another error.
    """
    protocol = {"GIT_ALLOW_PROTOCOL": "file"} if local else {}
    try:
        process = subprocess.Popen(
            ["git", *OPTIONS, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(network=not local) | protocol,
            process_group=0,  # git's own helpers hold the connection, and must end with it
            pass_fds=held,
        )
    except FileNotFoundError:
        raise GitError("git is not installed, or not on PATH") from None
    try:
        out, err = _listen(process, limit_s, quiet_s)
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        # Progress ends in \r and is written over; a message may follow it on the same line.
        lines = [line.rpartition("\r")[2].strip() for line in err.decode(errors="replace").split("\n")]
        said = [line for line in lines if line and not re.match(r"(remote: )?\w+ (objects|deltas): ", line)]
        text = "\n".join(said) or f"git {arguments[0]} exited with {process.returncode}"
        lost = re.search(
            r"resolve host|unable to access|early EOF|RPC failed|hung up|timed out|[Cc]onnection|Broken pipe", text
        )
        raise (Unreachable if lost and not local else GitError)(text)
    return out


def _listen(process: subprocess.Popen[bytes], limit_s: float, quiet_s: float) -> tuple[bytes, bytes]:
    out, err = bytearray(), bytearray()
    began = heard = time.monotonic()
    with selectors.DefaultSelector() as both:
        for stream, kept in ((process.stdout, out), (process.stderr, err)):
            both.register(stream, selectors.EVENT_READ, kept)
        while both.get_map():
            left_s = min(began + limit_s, heard + quiet_s) - time.monotonic()
            ready = both.select(max(0.0, left_s))
            if not ready:
                raise Unreachable(f"no answer within {min(limit_s, quiet_s):g} s")
            for key, _ in ready:
                chunk = os.read(key.fd, 65536)
                heard = time.monotonic()
                key.data.extend(chunk)
                if not chunk:
                    both.unregister(key.fileobj)
                elif key.data is err and heard - began > _SHOW_AFTER_S and sys.stderr.isatty():
                    sys.stderr.write(chunk.decode(errors="replace"))
                    sys.stderr.flush()
    process.wait()
    return bytes(out), bytes(err)
