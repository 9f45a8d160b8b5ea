"""just preview-dataset: one HTML page on which to look at a dataset."""

import json as json_lib
import pathlib
from typing import Annotated, Any
import webbrowser

import tyro

from tools.command import ROOT
from tools.command import run
from tools.dataset import check_report
from tools.dataset.ask_checks import other_format
from tools.dataset.check_run import check_dataset
from tools.dataset.dataset import Dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.durable import write_durably
from tools.dataset.page_target import page_target
from tools.dataset.plain import say
from tools.dataset.preview import page as preview_page
from tools.dataset.preview.dimensions import dimensions_of
from tools.dataset.preview.dimensions import units_of_robot
from tools.dataset.preview.episodes import show_episodes
from tools.dataset.preview.lanes import lanes_of
from tools.dataset.preview.ranges import Range
from tools.dataset.preview.ranges import ranges_of
from tools.dataset.preview.sample import Sample
from tools.dataset.preview.sample import asked_for
from tools.dataset.preview.sample import sample_of
from tools.dataset.preview.survey import Survey
from tools.dataset.preview.survey import survey
from tools.dataset.progress import Progress
from tools.dataset.report import Report
from tools.refusal import Refused
from tools.refusal import WrongUsage

_MOST_ASKED = 100


def _numbers(metavar: str):
    """A list on the command line that takes all numbers after its option."""
    return tyro.constructors.PrimitiveConstructorSpec(
        nargs="*",
        metavar=f"{metavar} ...",
        instance_from_str=lambda words: tuple(map(int, words)),
        is_instance=lambda value: isinstance(value, tuple),
        str_from_instance=lambda numbers: [str(number) for number in numbers],
    )


def preview(
    path: Annotated[pathlib.Path, tyro.conf.Positional], *, out: pathlib.Path | None = None,
    episodes: Annotated[tuple[int, ...], _numbers("N"), tyro.conf.arg(help_behavior_hint="")] = (), deep: bool = False,
    open: bool = False, json: bool = False,
) -> int:  # fmt: skip
    """Make one HTML page of a dataset: findings, lengths, ranges, and episodes with their cameras and curves.

    The page needs no network. A dataset that is broken is shown as far as it can be read. Exit code 0: the page was
    written, whatever was found. Nothing in the dataset is changed.

    Example:
        just preview-dataset ~/datasets/my_name/my_dataset --open
        just preview-dataset my_dataset --episodes 0 17 41 --deep --out three.html

    Args:
        path: The dataset's folder, which holds meta/ and data/.
        out: The page; DATASET_preview.html where you stand when left out.
        episodes: Show these; when left out, all of up to 40, else a choice that the page explains. 100 at most.
        deep: Decode every image too, and show what is found of them.
        open: Open the page in the browser.
        json: Print only JSON.
    """
    dataset = read_dataset(path)
    name = f"{dataset.root.name}_preview.html"
    target = page_target(dataset.root, out or pathlib.Path(name), "--out", name)
    files = {} if other_format(dataset.info) else dataset.episode_files
    _refuse_absent(episodes, files, str(path))
    report, seen = _checked_and_read(dataset, files, deep=deep)
    units = units_of_robot(ROOT / "robots", dataset.info.get("robot_type"))
    ranges = _ranges(dataset, seen, units)
    lanes = lanes_of(ranges)
    sample = asked_for(episodes, files) if episodes else sample_of(seen.lengths, files, report.findings)
    with Progress("drawn {done:,} of {total:,} episodes") as progress:
        shown = show_episodes(dataset, sample, report, seen, lanes, progress)
    page = preview_page.render(dataset, str(path), report, seen, ranges, lanes, sample, shown).encode()
    write_durably(target, page)
    if json:
        print(json_lib.dumps(_as_json(target, page, report, sample), indent=2))
    else:
        say(f"{target}  ({len(page) / 1e6:.1f} MB)\n{sample.sentence}")
        say(f"{check_report.verdict(report)}\n{check_report.meaning(report)}")
    if open:
        webbrowser.open(target.as_uri())
    return 0


def _refuse_absent(episodes: tuple[int, ...], files: dict[int, pathlib.Path], shown: str) -> None:
    if len(episodes) > _MOST_ASKED:
        raise WrongUsage(
            "--episodes",
            expected=f"{_MOST_ASKED} episodes at most, so that the page stays small",
            found=f"{len(episodes)}",
            todo="make two pages",
        )
    absent = [number for number in episodes if number not in files]
    if absent:
        there = f"{len(files):,} files, of episodes {min(files)} to {max(files)}" if files else "no data files"
        raise Refused(
            f"--episodes {' '.join(map(str, absent))}",
            expected="numbers of episodes that have a file",
            found=f"{there}, in {shown}",
            todo="name others, or leave --episodes out",
        )


def _checked_and_read(dataset: Dataset, files: dict[int, pathlib.Path], *, deep: bool) -> tuple[Report, Survey]:
    with Progress("checked {done:,} of {total:,} episodes") as progress:
        report = check_dataset(dataset.root, deep=deep, progress=progress)
    with Progress("read {done:,} of {total:,} episodes") as progress:
        return report, survey(dataset, files, report.frames, progress)


def _ranges(dataset: Dataset, seen: Survey, units: dict[str, dict[str, str]]) -> dict[str, list[Range]]:
    """By column, in the order of info.json."""
    order = {name: at for at, name in enumerate(dataset.features)}
    names = sorted(seen.spreads, key=lambda name: (order.get(name, len(order)), name))
    return {
        name: ranges_of(
            seen.spreads[name],
            dimensions_of(name, dataset.features.get(name), len(seen.spreads[name].low), units.get(name, {})),
        )
        for name in names
    }


def _as_json(target: pathlib.Path, page: bytes, report: Report, sample: Sample) -> dict[str, Any]:
    return {
        "ok": True,
        "page": str(target),
        "bytes": len(page),
        "episodes": report.episodes,
        "shown": list(sample.episodes),
        "sentence": sample.sentence,
        "errors": report.errors,
        "warnings": report.warnings,
        "deep": report.deep,
    }


if __name__ == "__main__":
    run(preview, "just preview-dataset")
