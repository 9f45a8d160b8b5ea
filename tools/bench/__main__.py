"""`just bench NAME`: runs one benchmark; each is a file in this folder with a function of the file's name."""

import importlib
import pathlib

import tyro

from tools.command import run
from tools.refusal import WrongUsage


def bench(name: tyro.conf.Positional[str], /, *, runs: int = 9, json: bool = False) -> int:
    """Measure something, and print it beside its baseline and the machine's limit.

    Example:
        just bench apply

    Args:
        name: What to measure: a file of tools/bench/.
        runs: How often; the median is shown.
        json: Print the figures as JSON.
    """
    known = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("[a-z]*.py"))
    if name not in known:
        raise WrongUsage("just bench", expected="one of " + ", ".join(known), found=name, todo="name one of these")
    if runs < 1:
        raise WrongUsage("--runs", expected="at least 1", found=str(runs), todo="measure once or more")
    return getattr(importlib.import_module(f"tools.bench.{name}"), name)(runs=runs, as_json=json)


if __name__ == "__main__":
    run(bench, "just bench")
