"""just check-dataset: says whether LeRobot opens a dataset, and whether training would learn the right thing from it."""

import json as json_lib
import pathlib
from typing import Annotated

import tyro

from tools.command import run
from tools.dataset.check_report import as_html
from tools.dataset.check_report import show
from tools.dataset.check_run import check_dataset
from tools.dataset.durable import write_durably
from tools.dataset.page_target import page_target
from tools.dataset.progress import Progress


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
    page = None if html is None else page_target(path, html, "--html", "report.html")
    with Progress("checked {done:,} of {total:,} episodes") as progress:
        report = check_dataset(path, deep=deep, progress=progress)
    if page is not None:
        write_durably(page, as_html(report, str(path)).encode())
    if json:
        print(json_lib.dumps(report.as_json(), indent=2))
    else:
        show(report, str(path))
    return 0 if report.ok else 1


if __name__ == "__main__":
    run(check, "just check-dataset")
