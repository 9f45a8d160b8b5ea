"""A git repository to fetch from: a URL that may never answer, or a local clone that is never written to."""

import contextlib
import dataclasses
import pathlib
import re
import urllib.parse

from tools import command
from tools.git import GitError
from tools.git import fetch_arguments
from tools.git import git
from tools.git import serve
from tools.refusal import Refused
from tools.refusal import WrongUsage
from tools.upstream import store
from tools.upstream.remote_run import Unreachable
from tools.upstream.remote_run import run

_QUIET_S = 60  # a fetch reports its progress every second; a server that gathers objects may take a while to begin


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
        WrongUsage: It is neither.
    """
    path = pathlib.Path(urllib.parse.unquote(text.removeprefix("file://")) if text.startswith("file://") else text)
    with contextlib.suppress(RuntimeError):  # "~nobody"
        path = path.expanduser()
    if path.is_dir():
        return Remote(path.resolve().as_uri(), path.resolve())
    if (
        not path.exists()
        and not text.startswith(("-", "file://"))
        and ("://" in text or re.match(r"[\w.@-]+:[^:]", text))
    ):
        return Remote(text)
    todo = "name a clone of OpenPI, or a URL such as https://…"
    found = f"{'a file' if path.exists() else 'nothing'} at {path.absolute()}"
    raise WrongUsage(f"--url {text}", expected="a URL or a folder", found=found, todo=todo)


def list_refs(source: Remote, *, wait_s: float, also: str = "") -> dict[str, str]:
    """Asks for the branches and tags; a tag gives the commit it stands for.

    Args:
        source: Where.
        wait_s: How long a host may take to answer, in seconds.
        also: One more reference to ask for by its full name, such as "refs/pull/7/head".

    Returns:
        A hash for each full name.

    Raises:
        Unreachable: No answer, or not that of a git repository.
    """
    names = ["HEAD", "refs/heads/*", "refs/tags/*", *(["refs/remotes/*"] if source.path else [])]
    names += [also] if also.startswith("refs/") else []
    local = source.path is not None
    safely = serve(local=local)
    try:
        limit = {} if local else {"limit_s": wait_s}  # a folder answers or fails, however busy the machine is
        answer = run(["ls-remote", "--quiet", *safely, "--", source.url, *names], local=local, **limit)
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
    try:
        answer = git(repo, "rev-parse", "--verify", "--quiet", f"{digits}^{{commit}}")
    except GitError:
        return None
    return answer.decode().strip()


def _fetch(source: Remote, repo: pathlib.Path, refspec: str, *options: str, wait_s: float, held: int) -> None:
    stall_s = max(1, round(wait_s))
    quiet = ["-c", "http.lowSpeedLimit=1", "-c", f"http.lowSpeedTime={stall_s}", "-c", "fetch.writeCommitGraph=false"]
    local = source.path is not None
    arguments = fetch_arguments(source.url, refspec, local=local, options=("--progress", *options))
    run([*quiet, f"--git-dir={repo}", *arguments], local=local, quiet_s=_QUIET_S, held=(held,))
