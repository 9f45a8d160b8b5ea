"""Runs git for plumbing: the same result whatever the user's git configuration says."""

from collections.abc import Sequence
import os
import pathlib
import subprocess

# A repository that we only read may belong to someone else or carry a hostile configuration: trust its owner for
# reading, and run nothing that it names (hooks, an fsmonitor).
_SAFE = ("-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")


class GitError(Exception):
    """git exited with an error; `str()` is what it said."""


def environment(*, network: bool = False) -> dict[str, str]:
    """The environment for git: none of the caller's GIT_* variables, and no prompt.

    Args:
        network: Keep the user's own configuration, which may hold a proxy or credentials.
    """
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    env |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}
    if network:
        del env["GIT_CONFIG_NOSYSTEM"]
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
    command: Sequence[str] = ("git", *_SAFE, *(("-C", str(repo)) if repo is not None else ()), *args)
    try:
        done = subprocess.run(
            command,
            input=b"" if stdin is None else stdin,
            capture_output=True,
            env=environment(network=network) | ceiling | (extra_env or {}),
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
