"""Upstream's policy server for as long as something asks it, and not a moment longer."""

from collections.abc import Iterator
import contextlib
import socket
import subprocess
import time

from tools.demo.chain import Chain

# Loading the checkpoint and importing JAX take most of it.
_START_S = 300
# What it may take to end, before it is killed.
_END_S = 10


@contextlib.contextmanager
def serving(chain: Chain) -> Iterator[int]:
    """Serves the last checkpoint of a chain on a free port and yields the port; the server is gone afterwards.

    Raises:
        Refused: It ended before it listened, or did not listen in time.
    """
    port = free_port()
    command = chain.script(
        "serve_policy.py",
        f"--port={port}",
        "policy:checkpoint",
        f"--policy.config={chain.config}",
        f"--policy.dir={chain.last}",
    )
    chain.log("serve").parent.mkdir(parents=True, exist_ok=True)
    with chain.log("serve").open("wb") as log:
        server = chain.start(command, log)
        try:
            _wait(chain, server, port)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(_END_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(chain: Chain, server: subprocess.Popen, port: int) -> None:
    for _ in range(_START_S * 4):
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.25)
    raise chain.failed("serve", chain.log("serve").read_text(errors="replace"))
