"""just check-dataset: says whether LeRobot opens a dataset, and whether training would learn the right thing from it."""

import json as json_lib
import pathlib
import sys
import time
from typing import Annotated

import tyro

from tools.command import run
from tools.dataset.check_report import as_html
from tools.dataset.check_report import show
from tools.dataset.check_run import check_dataset
from tools.dataset.durable import write_durably
from tools.refusal import WrongUsage


def check(
    path: Annotated[pathlib.Path, tyro.conf.Positional], *, deep: bool = False, json: bool = False,
    html: pathlib.Path | None = None,
) -> int:  # fmt: skip
    """Say whether a dataset opens in LeRobot, and whether training would learn the right thing from it.

    Exit code 0: no errors. 1: errors. 2: wrong usage. Nothing in the dataset is changed.

    Example:
        just check-dataset ~/datasets/my_name/my_dataset
        just check-dataset my_dataset --deep --html report.html

    Args:
        path: The dataset's folder, which holds meta/ and data/.
        deep: Decode every image too.
        json: Print only JSON, with every finding.
        html: Write the report as one page to this file as well.
    """
    if html is not None and html.expanduser().is_dir():
        raise WrongUsage(str(html), expected="a file to write", found="a folder", todo=f"--html {html / 'report.html'}")
    progress = _Progress()
    try:
        report = check_dataset(path, deep=deep, progress=progress)
    finally:
        progress.end()
    if html is not None:
        write_durably(html.expanduser(), as_html(report, str(path)).encode())
    if json:
        print(json_lib.dumps(report.as_json(), indent=2))
    else:
        show(report, str(path))
    return 0 if report.ok else 1


class _Progress:
    """A line on standard error for a check that takes more than two seconds."""

    def __init__(self):
        self._began = self._told = time.monotonic()
        self._on_terminal = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._began < 2 or now - self._told < (0.2 if self._on_terminal else 5):
            return
        self._told = now
        text = f"checked {done:,} of {total:,} episodes"
        print(
            f"\r{text}" if self._on_terminal else text,
            end="" if self._on_terminal else "\n",
            file=sys.stderr,
            flush=True,
        )

    def end(self) -> None:
        """Clears the line."""
        if self._on_terminal and self._told != self._began:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    run(check, "just check-dataset")
