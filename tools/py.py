"""`just py …`: Python in the patched tree, with the environment of upstream."""

import subprocess
import sys

from tools import inside
from tools.builds import build
from tools.child import as_shell
from tools.child import by_signal
from tools.child import wait_for
from tools.command import note
from tools.command import run

# Of upstream's scripts, those whose failures on bad input are long tracebacks: these are checked first.
_CHECKED = ("scripts/train.py", "scripts/compute_norm_stats.py", "scripts/serve_policy.py")
# Options of Python that take the next word; every other one stands alone, or ends what is Python's.
_WITH_A_VALUE = ("-X", "-W", "--check-hash-based-pycs")


def py() -> int:
    """Run Python in build/openpi with the environment of upstream: `just py ARGUMENT…` is `python ARGUMENT…` there.

    What upstream would answer with a long traceback (no dataset, no norm stats, no checkpoint, a port in use) is asked
    before its scripts start, and said in one message.

    Example:
        just py scripts/compute_norm_stats.py --config-name debug_pi05_so101
        just py scripts/train.py debug_pi05_so101
        just py -c "import openpi.training.config as c; print(len(c._CONFIGS))"
    """
    return run_in_tree(_arguments)


def run_in_tree(arguments: list[str]) -> int:
    """Runs Python in the build and returns its exit code; raises `Refused` where there is no build or environment."""
    build.read(build.BUILD)
    python = inside.python_for(build.BUILD)
    line = [str(python), *_with_questions(arguments)]
    child = subprocess.Popen(line, cwd=build.BUILD, env=inside.environment(build.BUILD))
    try:
        code = wait_for(child)
    except KeyboardInterrupt:
        code = as_shell(child.returncode)
    if signal := by_signal(code):
        note(f"just py: Python was ended by {signal}")
    return code


def _with_questions(arguments: list[str]) -> list[str]:
    """The same, with scripts/checked.py before one of the scripts that it knows, however that one's path is spelt."""
    at = 0
    while at < len(arguments) and arguments[at].startswith("-"):
        if arguments[at].startswith(("-c", "-m")) or arguments[at] == "-":
            return arguments
        at += 2 if arguments[at] in _WITH_A_VALUE else 1
    if at >= len(arguments):
        return arguments
    script = (build.BUILD / arguments[at]).resolve()
    if script not in [(build.BUILD / name).resolve() for name in _CHECKED]:
        return arguments
    return [*arguments[:at], "scripts/checked.py", *arguments[at:]]


if __name__ == "__main__":
    # Everything behind `just py` is Python's own, options too, so none of it may reach our command line.
    asks_for_help = sys.argv[1:2] in (["-h"], ["--help"]) or not sys.argv[1:]
    _arguments = [] if asks_for_help else sys.argv[1:]
    sys.argv[1:] = ["--help"] if asks_for_help else []
    run(py, "just py")
