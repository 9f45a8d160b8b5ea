"""Runs git for plumbing: the same result whatever the user's git configuration says."""

from collections.abc import Sequence
import os
import pathlib
import shlex
import subprocess

# A repository that we only read may belong to someone else or carry a hostile configuration: trust its owner for
# reading, and run nothing that it names. What no option switches off is kept away by other means: nothing is fetched
# but by name (`environment`), and files are compared with their blobs in Python (`work_tree`), since `git status` and
# `git diff` run them through the filters of the configuration.
_SAFE = (
    "safe.directory=*",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.alternateRefsCommand=:",
    "log.showSignature=false",
    "protocol.ext.allow=never",
)
OPTIONS = tuple(word for setting in _SAFE for word in ("-c", setting))

# Partial clones fetch what they lack when it is asked for, by commands of their configuration, and so are written to.
# Git before 2.39.4 does not know the first of these; for it no way of fetching is left.
_NO_FETCH = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
_FETCHES = {"clone", "fetch", "ls-remote"}

# The server side of git, which a fetch from a folder starts there, reads no option of ours, so they stand in its command.
SERVE = shlex.join(["env", *(f"{k}={v}" for k, v in _NO_FETCH.items()), "git", *OPTIONS, "upload-pack"])


class GitError(Exception):
    """git exited with an error; `str()` is what it said."""


def environment(*, network: bool = False) -> dict[str, str]:
    """The environment for git: none of the caller's GIT_* variables, no prompt, and nothing fetched that is missing.

    Args:
        network: Keep the user's own configuration, which may hold a proxy or credentials.
    """
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}
    env |= _NO_FETCH | {"GIT_NO_REPLACE_OBJECTS": "1"}  # what a hash names is what that hash is of
    if network:
        del env["GIT_CONFIG_NOSYSTEM"], env["GIT_ALLOW_PROTOCOL"]
        env["GIT_SSH_COMMAND"] = os.environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=10")
    else:
        env["GIT_CONFIG_GLOBAL"] = os.devnull
    return env


def git(
    repo: pathlib.Path | None,
    *args: str,
    stdin: bytes | None = None,
    network: bool = False,
    timeout_s: float | None = None,
    extra_env: dict[str, str] | None = None,
) -> bytes:
    """Runs one git command and returns its standard output.

    Args:
        repo: The repository or work tree to run in; None for none.
        args: The command and its arguments.
        stdin: What it reads from standard input; nothing when None.
        network: Use the user's own git configuration, as a fetch needs it.
        timeout_s: Seconds after which it is killed.
        extra_env: Variables laid over `environment()`, such as GIT_INDEX_FILE.

    Raises:
        GitError: git is not installed, ran out of time, or exited with an error.
    """
    # A repository that is damaged must not make git climb up and take the one that we stand in.
    ceiling = {"GIT_CEILING_DIRECTORIES": str(repo.resolve().parent)} if repo is not None else {}
    fetching = {"GIT_ALLOW_PROTOCOL": "file"} if _subcommand(args) in _FETCHES and not network else {}
    command: Sequence[str] = ("git", *OPTIONS, *(("-C", str(repo)) if repo is not None else ()), *args)
    try:
        done = subprocess.run(
            command,
            input=b"" if stdin is None else stdin,
            capture_output=True,
            env=environment(network=network) | ceiling | fetching | (extra_env or {}),
            timeout=timeout_s,
            check=False,
        )
    except FileNotFoundError as e:
        raise GitError("git is not installed, or not on PATH") from e
    except subprocess.TimeoutExpired as e:
        raise GitError(f"no answer within {timeout_s:g} s") from e
    if done.returncode != 0:
        raise GitError(done.stderr.decode(errors="replace").strip() or f"git {args[0]} exited with {done.returncode}")
    return done.stdout


def fetch_arguments(url: str, *refspecs: str, local: bool, options: Sequence[str] = ()) -> list[str]:
    """The arguments of a fetch that brings what is named, and neither tags nor submodules nor upkeep beside it.

    Args:
        url: Where from.
        refspecs: What to bring.
        local: It is a repository on this machine: it may belong to someone else, and is only read.
        options: More options of `git fetch`.
    """
    keep_off = ["--no-tags", "--no-prune", "--no-auto-maintenance", "--no-recurse-submodules", "--no-write-fetch-head"]
    return ["fetch", *keep_off, *options, *serve(local=local), "--", url, *refspecs]


def serve(*, local: bool) -> list[str]:
    """The option of `git fetch` and `git ls-remote` that makes a repository on this machine safe to read from."""
    return [f"--upload-pack={SERVE}"] if local else []


def _subcommand(args: Sequence[str]) -> str:
    words = (word for before, word in zip(("", *args), args, strict=False) if before != "-c" and word[:1] != "-")
    return next(words, "")
