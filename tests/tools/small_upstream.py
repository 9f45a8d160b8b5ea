"""Small upstreams that stand in for OpenPI: a git repository, a source distribution, and hosts that behave badly."""

from collections.abc import Iterator
import contextlib
import gzip
import hashlib
import io
import os
import pathlib
import socket
import subprocess
import tarfile
import threading

from tools.git import git
from tools.lock import Lock
from tools.lock import Mirror

FILES = {"src/openpi/__init__.py": b"X = 1\n", "README.md": b"# OpenPI\n", "scripts/run ü.sh": b"#!/bin/sh\n"}
_WHO = {f"GIT_{who}_{what}": "test" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def make_repo(path: pathlib.Path, *, days: tuple[str, ...] = ("2026-01-01", "2026-01-02")) -> list[str]:
    """Makes a repository with one commit a day on the branch main; returns the commits, oldest first."""
    path.mkdir(parents=True)
    git(path, "init", "--quiet", "--initial-branch=main")
    return [add_commit(path, day) for day in days]


def add_commit(path: pathlib.Path, day: str, **files: bytes) -> str:
    """Adds one commit of that day, with the files and one line that changes; returns it."""
    for name, content in (FILES | files | {"day.txt": day.encode()}).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    git(path, "add", "--all")
    when = {"GIT_AUTHOR_DATE": f"{day}T12:00:00+00:00", "GIT_COMMITTER_DATE": f"{day}T12:00:00+00:00"}
    git(path, "commit", "--quiet", "--message", day, extra_env=_WHO | when)
    return git(path, "rev-parse", "HEAD").decode().strip()


def make_sdist(folder: pathlib.Path, files: dict[str, bytes] = FILES) -> tuple[pathlib.Path, Mirror]:
    """Makes the archive of a package that pip can download, whose build would fail; returns it with its lock entry."""
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / "small_openpi-1.0.tar.gz"
    backend = b'[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    setup = b"raise SystemExit('code of the archive was run')\n"
    everything = files | {"pyproject.toml": backend, "setup.py": setup, "PKG-INFO": b"Name: small-openpi\n"}
    members = [file_member(f"small_openpi-1.0/{name}", content) for name, content in everything.items()]
    archive.write_bytes(pack(members))
    sha256 = hashlib.sha256(archive.read_bytes()).hexdigest()
    return archive, Mirror("small-openpi", "1.0", sha256, "a" * 40, "2025-12-02", ("One file is added.",))


def file_member(name: str, content: bytes = b"x\n", mode: int = 0o644, kind: bytes = tarfile.REGTYPE, link: str = ""):
    """One member of an archive, of any kind, with its content."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.type, member.linkname = len(content), mode, kind, link
    return member, content


def pack(members: list) -> bytes:
    """The members as the bytes of a .tar.gz."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(stream.getvalue(), mtime=0)


def make_lock(url: str, commit: str, mirror: Mirror, date: str = "2026-01-02") -> Lock:
    """A lock of such an upstream."""
    return Lock(url=url, commit=commit, date=date, mirror=mirror)


def lock_text(lock: Lock) -> str:
    """The lock as `upstream.lock` writes it."""
    mirror = lock.mirror
    return (
        f'url = "{lock.url}"\ncommit = "{lock.commit}"\ndate = "{lock.date}"\n[mirror]\npackage = "{mirror.package}"\n'
        f'version = "{mirror.version}"\nsha256 = "{mirror.sha256}"\ncommit = "{mirror.commit}"\ndate = "{mirror.date}"\n'
        f"differs = {list(mirror.differs)}\n"
    )


@contextlib.contextmanager
def host(repo: pathlib.Path | None, *, answers: int = 1000, then_close: bool = False) -> Iterator[str]:
    """A git host that serves branches only, and that after some answers accepts and then says nothing.

    Args:
        repo: What it serves; None for a host that never says anything.
        answers: How many connections it answers.
        then_close: Close every connection after those, in place of saying nothing.

    Yields:
        Its URL.
    """
    with socket.create_server(("127.0.0.1", 0)) as server, contextlib.ExitStack() as open_connections:

        def serve() -> None:
            for count in range(1000):
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                open_connections.enter_context(connection)
                if repo is not None and count < answers:
                    connection.recv(int(connection.recv(4), 16) - 4)  # the request, one packet
                    line = ["git", "-c", "safe.directory=*", "upload-pack", str(repo)]
                    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
                    subprocess.run(
                        line, stdin=connection, stdout=connection, stderr=subprocess.DEVNULL, env=env, check=False
                    )
                    connection.shutdown(socket.SHUT_RDWR)
                elif then_close:
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"git://127.0.0.1:{server.getsockname()[1]}/openpi"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
