"""`just bench NAME`: runs one benchmark; each is a file in this folder with a function of the file's name."""

import importlib
import pathlib

import tyro

from tools.command import run
from tools.refusal import WrongUsage


def bench(name: tyro.conf.Positional[str], /, *, runs: int = 9, json: bool = False) -> int:
    """Measure something, and print it beside its baseline and the machine's limit.

    The benches:
        apply      the build of the patched tree
        rebase     the patches on every commit of upstream's history
        dataset    the check and the repair of a dataset
        convert    the conversion of a dataset
        edit       the edits of a dataset
        preview    the page of a dataset
        chain      each stage from dataset to actions, with OpenPI itself
        overfit    whether training learns one motion, with OpenPI itself

    Example:
        just bench apply

    Args:
        name: What to measure.
        runs: How often; the median is shown.
        json: Print the figures as JSON.
    """
    known = names()
    if name not in known:
        raise WrongUsage("just bench", expected="one of " + ", ".join(known), found=name, todo="name one of these")
    if runs < 1:
        raise WrongUsage("--runs", expected="at least 1", found=str(runs), todo="measure once or more")
    return getattr(importlib.import_module(f"tools.bench.{name}"), name)(runs=runs, as_json=json)


def names() -> list[str]:
    """The benches that there are."""
    return sorted(path.stem for path in pathlib.Path(__file__).parent.glob("[a-z]*.py"))


if __name__ == "__main__":
    run(bench, "just bench")
