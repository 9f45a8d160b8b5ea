"""A git repository to fetch from: a URL that may never answer, or a local clone that is never written to."""

from collections.abc import Sequence
import contextlib
import dataclasses
import os
import pathlib
import re
import selectors
import signal
import subprocess
import sys
import time
import urllib.parse

from tools import command
from tools import store
from tools.git import GitError
from tools.git import environment
from tools.git import git
from tools.refusal import Refused

# A local clone may belong to someone else. The server side of git reads no option of ours, so it stands in its command.
_SERVE = "git -c 'safe.directory=*' upload-pack"
_QUIET_S = 60  # a fetch reports its progress every second; a server that gathers objects may take a while to begin
_SHOW_AFTER_S = 2


class Unreachable(GitError):  # noqa: N818  (an answer: there may be another source)
    """The repository did not answer, or stopped in the middle; `str()` is why."""


@dataclasses.dataclass(frozen=True)
class Remote:
    """Where to fetch from.

    Attributes:
        url: As git takes it.
        path: The folder, of a repository on this machine.
    """

    url: str
    path: pathlib.Path | None = None


def remote(text: str) -> Remote:
    """Takes a URL, or the path of a local clone, absolute or from where the user stands.

    Raises:
        Refused: It is neither.
    """
    path = pathlib.Path(urllib.parse.unquote(text.removeprefix("file://")) if text.startswith("file://") else text)
    with contextlib.suppress(RuntimeError):  # "~nobody"
        path = path.expanduser()
    if path.exists():
        return Remote(path.resolve().as_uri(), path.resolve())
    if not text.startswith(("-", "file://")) and ("://" in text or re.match(r"[\w.@-]+:[^:]", text)):
        return Remote(text)
    todo = "name a clone of OpenPI, or a URL such as https://…"
    raise Refused(f"--url {text}", expected="a URL or a folder", found=f"nothing at {path.absolute()}", todo=todo)


def list_refs(source: Remote, *, wait_s: float, also: str = "") -> dict[str, str]:
    """Asks for the branches and tags; a tag gives the commit it stands for.

    Args:
        source: Where.
        wait_s: How long it may take to answer, in seconds.
        also: One more reference to ask for by its full name, such as "refs/pull/7/head".

    Returns:
        A hash for each full name.

    Raises:
        Unreachable: No answer, or not that of a git repository.
    """
    names = ["HEAD", "refs/heads/*", "refs/tags/*", *(["refs/remotes/*"] if source.path else [])]
    names += [also] if also.startswith("refs/") else []
    serve = [f"--upload-pack={_SERVE}"] if source.path else []
    try:
        answer = _run(["ls-remote", "--quiet", *serve, "--", source.url, *names], source, limit_s=wait_s)
    except GitError as e:
        raise Unreachable(str(e)) from None
    rows = (line.split("\t") for line in answer.decode(errors="replace").splitlines())
    refs: dict[str, str] = {name: commit for commit, name in rows}
    return {name: refs.get(f"{name}^{{}}", commit) for name, commit in refs.items() if not name.endswith("^{}")}


def resolve(refs: dict[str, str], name: str) -> str | None:
    """The commit that a branch, a tag or a full name stands for; None when there is none.

    Raises:
        Refused: A tag and a branch of that name stand for two commits.
    """
    found = {full: refs[full] for full in (name, f"refs/tags/{name}", f"refs/heads/{name}") if full in refs}
    if not found and f"refs/remotes/{name}" in refs:
        return refs[f"refs/remotes/{name}"]
    if len(set(found.values())) > 1:
        listed = ", ".join(f"{full} is {commit}" for full, commit in found.items())
        raise Refused(f"--ref {name}", expected="one commit", found=listed, todo="give the full name, refs/heads/…")
    return next(iter(found.values()), None)


def fetch(source: Remote, path: pathlib.Path, commit: str, *, wait_s: float, held: int) -> str | None:
    """Brings one commit, without its history, into the store.

    Args:
        source: Where from.
        path: The store.
        commit: Its hash; the first digits do, at the price of fetching every branch to look for it.
        wait_s: How long the server may send nothing, in seconds.
        held: The open lock file of the store.

    Returns:
        The whole hash; None when the repository does not have that commit on any branch or tag.

    Raises:
        Unreachable: The server stopped answering.
        GitError: Anything else, such as a full disk.
    """
    if source.path is not None:
        known = _whole_hash(source.path, commit)
        if known is None:
            return None
        commit = known
    if len(commit) == 40:
        try:
            _fetch(source, path, f"+{commit}:{store.git_ref(commit)}", "--depth=1", wait_s=wait_s, held=held)
            return commit
        except Unreachable:
            raise
        except GitError as e:
            if not re.search(r"not our ref|unadvertised object|not valid|dumb http|shallow", str(e)):
                raise
    # A server may serve only what a branch or a tag points at: look for the commit in the history of all of them.
    with store.scratch(path) as folder:
        every = folder / "every-branch"
        store.make_bare(every)
        command.note(f"{source.url} does not serve {commit} by its hash: fetching every branch to look for it")
        for refs in ("refs/heads/*", "refs/tags/*"):
            _fetch(source, every, f"+{refs}:{refs}", wait_s=wait_s, held=held)
        whole = _whole_hash(every, commit)
        if whole is None:
            return None
        here = Remote(every.resolve().as_uri(), every)
        _fetch(here, path, f"+{whole}:{store.git_ref(whole)}", "--depth=1", wait_s=wait_s, held=held)
        return whole


def _whole_hash(repo: pathlib.Path, digits: str) -> str | None:
    """The commit that these first digits, or all of them, name in a repository on this machine."""
    only_read = {"GIT_NO_LAZY_FETCH": "1"}  # a partial clone would fetch, and so write, what it lacks
    try:
        answer = git(repo, "rev-parse", "--verify", "--quiet", f"{digits}^{{commit}}", extra_env=only_read)
    except GitError:
        return None
    return answer.decode().strip()


def _fetch(source: Remote, repo: pathlib.Path, refspec: str, *options: str, wait_s: float, held: int) -> None:
    serve = [f"--upload-pack={_SERVE}"] if source.path else []
    stall_s = max(1, round(wait_s))
    quiet = ["-c", "http.lowSpeedLimit=1", "-c", f"http.lowSpeedTime={stall_s}", "-c", "fetch.writeCommitGraph=false"]
    keep_off = ["--no-tags", "--no-prune", "--no-auto-maintenance", "--no-recurse-submodules", "--no-write-fetch-head"]
    arguments = ["fetch", "--progress", *keep_off, *options, *serve, "--", source.url, refspec]
    _run([*quiet, f"--git-dir={repo}", *arguments], source, quiet_s=_QUIET_S, held=(held,))


def _run(
    arguments: Sequence[str], source: Remote, *, limit_s: float = 1e9, quiet_s: float = 1e9, held: tuple[int, ...] = ()
) -> bytes:
    """Runs git over the network, for `limit_s` in all and `quiet_s` without a word from it; shows its progress."""
    safe = ["-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null"]
    try:
        process = subprocess.Popen(
            ["git", *safe, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(network=source.path is None),
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
        raise (Unreachable if lost and not source.path else GitError)(text)
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
