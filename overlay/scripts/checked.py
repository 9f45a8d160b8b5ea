"""Runs a script of this folder after asking for what it needs: `checked.py scripts/train.py debug_pi05_so101 ...`.

The question is asked at the moment when the script has read its command line, in the same process, so it costs nothing
and hears exactly what the script hears. A script that is not listed here runs as it is.
"""

from collections.abc import Callable, Iterator
import contextlib
import functools
import os
import runpy
import sys
from typing import Any

import tyro

import openpi.training.config as _config
from openpi.training.preflight import assets
from openpi.training.preflight import not_ready
from openpi.training.preflight import serving
from openpi.training.preflight import training


def _ask_train() -> None:
    cli = _config.cli

    def read() -> Any:
        try:
            return cli()
        except ValueError as e:
            # The config itself refuses this while the command line is read, so no check can come before it.
            if "resume and overwrite" not in str(e):
                raise
            raise not_ready.WrongUsage(
                "--resume and --overwrite",
                expected="one of them",
                found="both; a config may have set one already, as debug configs set overwrite",
                todo="to go on with the run: --resume --no-overwrite; to begin it anew: --overwrite --no-resume",
            ) from e

    _config.cli = _then_check(read, training.check_training)


def _ask_compute_norm_stats() -> None:
    get_config = _by_name(_config.get_config)

    def check(config_name: str, max_frames: int | None = None) -> None:
        assets.check_computing(get_config(config_name), max_frames)

    cli = tyro.cli
    tyro.cli = lambda main: cli(_check_then(check, main))


def _ask_serve_policy() -> None:
    get_config = _by_name(_config.get_config)
    tyro.cli = _then_check(tyro.cli, lambda args: serving.check_serving(args, get_config))


_QUESTIONS = {
    "train.py": _ask_train,
    "compute_norm_stats.py": _ask_compute_norm_stats,
    "serve_policy.py": _ask_serve_policy,
}


def _by_name(get_config: Callable[[str], Any]) -> Callable[[str], Any]:
    """Makes it say in our form that there is no config of a name."""

    def named(name: str) -> Any:
        try:
            return get_config(name)
        except ValueError as e:
            raise not_ready.NotReady(
                f"the config {name}",
                expected="a name that just py scripts/train.py --help lists",
                found=str(e).strip(),
                todo="name another; a robot whose files are newer than the build needs: just apply",
            ) from e

    return named


def _then_check(function: Callable[..., Any], check: Callable[[Any], None]) -> Callable[..., Any]:
    """Makes a function check its result before it returns it."""

    def checked(*args: Any, **kwargs: Any) -> Any:
        with _said():
            result = function(*args, **kwargs)
            check(result)
        return result

    return checked


def _check_then(check: Callable[..., None], function: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a function check its arguments before it begins; to tyro its signature is the same."""

    @functools.wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        with _said():
            check(*args, **kwargs)
        return function(*args, **kwargs)

    return checked


@contextlib.contextmanager
def _said() -> Iterator[None]:
    """Ends the process with the message, and no traceback, where a check fails."""
    try:
        yield
    except not_ready.NotReady as e:
        print(e, file=sys.stderr)
        sys.exit(e.exit_code)


if __name__ == "__main__":
    del sys.argv[0]
    if not sys.argv or sys.argv[0] in ("-h", "--help"):
        print("usage: checked.py SCRIPT [ARGUMENT ...]\n\n" + (__doc__ or ""))
        sys.exit(0 if sys.argv else 2)
    if ask := _QUESTIONS.get(os.path.basename(sys.argv[0])):
        ask()
    # As `python SCRIPT` has it. Spawned data loader workers import SCRIPT, not this file.
    sys.path[0] = os.path.dirname(os.path.abspath(sys.argv[0]))
    runpy.run_path(sys.argv[0], run_name="__main__")
