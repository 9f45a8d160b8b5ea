"""What every command shares: the command line from a typed function, its exit code, and refusals without a traceback."""

from collections.abc import Callable
import errno
import gc
import inspect
import json
import os
import pathlib
import signal
import sys
import threading
import types

import tyro

from tools.git import GitError
from tools.plain_help import with_plain_help
from tools.refusal import Refused

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Failures of the machine that a user can mend: what each one means, and what to do.
_MACHINE = {
    errno.ENOSPC: ("room on the disk", "free some space, then run the command again; nothing was left half-written"),
    errno.EDQUOT: ("room within the disk quota", "free some space, then run it again; nothing was left half-written"),
    errno.EFBIG: ("a disk that takes files of that size", "raise the limit (ulimit -f), then run it again"),
    errno.EROFS: ("a disk that can be written to", "mount it read-write, or name another place"),
    errno.EACCES: ("permission to use it", "give yourself the permission, or name another place"),
    errno.EPERM: ("permission to use it", "give yourself the permission, or name another place"),
    errno.ENOTDIR: ("a folder", "name a folder, or move the file that is in the way"),
    errno.EISDIR: ("a file", "name a file, or move the folder that is in the way"),
}

# Where an OpenPI is: of one that is laid over or looked at, and of one that is fetched from.
_ALIKE = {"--url": "--upstream", "--upstream": "--url"}


def run(function: Callable[..., int], name: str) -> None:
    """Runs a command function on `sys.argv` and exits with its code; never returns.

    The function's signature is the command line and its docstring the help. Exit codes: what the function returns
    (0 done or in order, 1 refused or found wrong), 1 for a `Refused`, 2 for wrong usage.

    Args:
        function: A typed function whose keyword `json`, where it has one, asks for JSON on standard output.
        name: What the user types, such as "just apply".
    """
    as_json = "--json" in sys.argv[1:]
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)
    if os.environ.get("NO_COLOR") or not sys.stderr.isatty():
        os.environ.setdefault("TYRO_NO_COLOR", "1")
    try:
        code = tyro.cli(
            with_plain_help(function),
            prog=name,
            description=(inspect.getdoc(function) or "").partition("\n\nArgs:")[0],  # the `Example:` part too
            config=(tyro.conf.FlagCreatePairsOff, tyro.conf.UseAppendAction),
        )
        sys.stdout.flush()
    except Refused as refusal:
        code = show(refusal, as_json=as_json)
    except GitError as e:
        full = "No space left" in str(e) or "Out of diskspace" in str(e)
        todo = _MACHINE[errno.ENOSPC][1] if full else "mend what git names, then run the command again"
        code = show(Refused("git", expected="git to do its part", found=str(e), todo=todo), as_json=as_json)
    except OSError as e:
        if e.errno == errno.EPIPE:  # `just diff | head`: the reader has what it wants
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(0)
        expected, todo = _MACHINE.get(e.errno, ("a file or folder that can be used", "see to it, then run it again"))
        where = " -> ".join(os.fsdecode(part) for part in (e.filename, e.filename2) if part) or name
        code = show(Refused(where, expected=expected, found=e.strerror or str(e), todo=todo), as_json=as_json)
    except SystemExit as e:  # tyro has said what is wrong with the command line, or shown the help
        if e.code == 2 and (hint := _other_name(function)):
            note(hint)
        raise
    except KeyboardInterrupt as e:
        by = "SIGTERM" if isinstance(e, _Terminated) else "you"
        print(f"{name}: stopped by {by}; nothing was left half-written", file=sys.stderr)
        code = 143 if isinstance(e, _Terminated) else 130
    gc.freeze()  # spares the interpreter one last collection on its way out, which takes 0.2 s after an apply
    sys.exit(code)


class _Terminated(KeyboardInterrupt):
    """The system, or another program, asks to end: all that Ctrl-C puts right is put right then too."""


def _stop(_signal: int, _frame: types.FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: what is being put right is not to be interrupted
    raise _Terminated


def _other_name(function: Callable[..., int]) -> str:
    """What an option that this command does not have is called here, where another command has it; "" for nothing.

    One that is only spelt wrong tyro names itself.
    """
    given = {word.partition("=")[0] for word in sys.argv[1:]}
    has = {f"--{name.replace('_', '-')}" for name in inspect.signature(function).parameters}
    found = [other for name, other in _ALIKE.items() if name in given - has and other in has]
    return f"perhaps {found[0]}" if found else ""


def show(refusal: Refused, *, as_json: bool) -> int:
    """Prints a refusal, for people on standard error or as JSON on standard output; returns its exit code."""
    if as_json:
        print(json.dumps({"ok": False, "error": refusal.as_json()}, indent=2))
    else:
        print(refusal, file=sys.stderr)
    return refusal.exit_code


def note(text: str) -> None:
    """Prints one line of progress to standard error; standard output carries only the answer."""
    print(text, file=sys.stderr, flush=True)
