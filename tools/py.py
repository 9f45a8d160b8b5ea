"""`just py …`: Python in the patched tree, with the environment of upstream."""

import subprocess
import sys

from tools import build
from tools import inside
from tools.command import run

# Of upstream's scripts, those whose failures on bad input are long tracebacks: these are checked first.
_CHECKED = ("scripts/train.py", "scripts/compute_norm_stats.py", "scripts/serve_policy.py")


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
    checked = ["scripts/checked.py"] if arguments and arguments[0] in _CHECKED else []
    line = [str(python), *checked, *arguments]
    return subprocess.run(line, cwd=build.BUILD, env=inside.environment(build.BUILD), check=False).returncode


if __name__ == "__main__":
    # Everything behind `just py` is Python's own, options too, so none of it may reach our command line.
    asks_for_help = sys.argv[1:2] in (["-h"], ["--help"]) or not sys.argv[1:]
    _arguments = [] if asks_for_help else sys.argv[1:]
    sys.argv[1:] = ["--help"] if asks_for_help else []
    run(py, "just py")
