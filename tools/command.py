"""What every command shares: the command line from a typed function, its exit code, and refusals without a traceback."""

from collections.abc import Callable
import dataclasses
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
import typing
from typing import Annotated, Any, Literal

import tyro

from tools.git import GitError
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
            _with_plain_help(function),
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


# What an option takes, in the help.
_METAVARS = {pathlib.Path: "PATH", str: "TEXT", int: "N", float: "NUMBER"}


def _with_plain_help(function: Callable[..., int]) -> Callable[..., int]:
    """Lets the help say `--html PATH` for an option that may be left out, and not `--html {None}|PATH` (default: None)."""
    for name, one in inspect.signature(function).parameters.items():
        function.__annotations__[name] = _plain(name, one.annotation, one.default)
        for verb in typing.get_args(_bare(one.annotation)[0]):
            if dataclasses.is_dataclass(_bare(verb)[0]):  # one of the commands within a command
                _with_plain_fields(_bare(verb)[0])
    return function


def _with_plain_fields(verb: type) -> None:
    for field in dataclasses.fields(verb):
        verb.__annotations__[field.name] = _plain(field.name, field.type, field.default)


def _plain(name: str, annotation: Any, default: Any) -> Any:
    """The same with a metavar, and no default where that is nothing; what the command says of it itself goes before."""
    kind, marks = _bare(annotation)
    given = [one for one in typing.get_args(kind) if one is not types.NoneType]
    may_be_none = typing.get_origin(kind) in (types.UnionType, typing.Union)
    one = given[0] if may_be_none and len(given) == 1 else kind
    many = typing.get_origin(kind) in (list, tuple)
    if any(getattr(mark, "metavar", None) for mark in marks):
        metavar = None
    elif typing.get_origin(one) is Literal:
        metavar = "|".join(typing.get_args(one)) if may_be_none else None  # else tyro lists them too
    elif tyro.conf.Positional in marks:
        shown = "PATH" if pathlib.Path in (one, *given) else name.upper().removesuffix("S" if many else "")
        metavar = f"[{shown} ...]" if many else shown
    else:
        metavar = "NAME" if many else _METAVARS.get(one)
    # A list that is empty is "(repeatable)" to tyro, where it is an option.
    says_nothing = default is None or default is False or (default in ([], (), "") and tyro.conf.Positional in marks)
    return Annotated[kind, tyro.conf.arg(metavar=metavar, help_behavior_hint="" if says_nothing else None), *marks]


def _bare(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """A type and what is annotated to it."""
    if typing.get_origin(annotation) is Annotated:
        return annotation.__origin__, annotation.__metadata__
    return annotation, ()


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
