"""Puts a preview's page together: what is known of the dataset, drawn into one HTML file that needs nothing else."""

import base64
import hashlib
import os
import pathlib

import jinja2
import markupsafe
import numpy as np

from tools.dataset import check_report
from tools.dataset.dataset import Dataset
from tools.dataset.preview.episodes import Shown
from tools.dataset.preview.episodes import tasks_of
from tools.dataset.preview.lanes import HEIGHT
from tools.dataset.preview.lanes import MOST_LANES
from tools.dataset.preview.lanes import Lane
from tools.dataset.preview.lengths import lengths_of
from tools.dataset.preview.numbers import TIMES
from tools.dataset.preview.numbers import duration
from tools.dataset.preview.numbers import in_bytes
from tools.dataset.preview.numbers import marks
from tools.dataset.preview.numbers import number
from tools.dataset.preview.ranges import Range
from tools.dataset.preview.sample import Sample
from tools.dataset.preview.sample import ordinal
from tools.dataset.preview.survey import Survey
from tools.dataset.report import Report
from tools.dataset.robot_described import described

_FOLDER = pathlib.Path(__file__).parent
# What a reader goes through; the check itself prints all of it.
_MOST_TASKS = 40
_MOST_GROUPS = 60
_MOST_PLACES = 12


def render(
    dataset: Dataset,
    shown_path: str,
    report: Report,
    survey: Survey,
    ranges: dict[str, list[Range]],
    lanes: list[Lane],
    sample: Sample,
    episodes: list[Shown],
) -> str:
    """The page.

    Args:
        dataset: What it is of.
        shown_path: The dataset's path as the user wrote it.
        report: Of its check.
        survey: Of all its files.
        ranges: By column.
        lanes: All lanes, those that are not drawn too.
        sample: Which episodes are drawn.
        episodes: Those.
    """
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, loader=jinja2.FileSystemLoader(_FOLDER)
    )
    environment.filters |= {
        "plain": check_report.plain,
        "place": check_report.place_of,
        "number": number,
        "ordinal": ordinal,
    }
    script = (_FOLDER / "preview.js").read_text(encoding="utf-8")
    groups = check_report.groups_of(report.findings)
    counts = _episodes_by_task(survey)
    return environment.get_template("preview.html.j2").render(
        name=check_report.plain(dataset.root.name),
        path=check_report.plain(shown_path),
        report=report,
        verdict=check_report.verdict(report),
        meaning=check_report.meaning(report),
        command=check_report.next_command(report, check_report.plain(shown_path)),
        groups=groups[:_MOST_GROUPS],
        more_groups=max(0, len(groups) - _MOST_GROUPS),
        places=_MOST_PLACES,
        totals=_totals(dataset, survey, episodes),
        tasks=[(text, counts.get(number, 0)) for number, text in tasks_of(dataset).items()][:_MOST_TASKS],
        more_tasks=max(0, len(tasks_of(dataset)) - _MOST_TASKS),
        lengths=lengths_of(survey.lengths),
        unreadable=survey.unreadable,
        marks=marks(survey.lengths, dataset.fps),
        fps=dataset.fps,
        ranges=ranges,
        every=survey.every,
        actions=described(dataset.info).get("actions"),
        more_lanes=max(0, len(lanes) - MOST_LANES),
        kinds={kind for lane in lanes for kind in lane.parts},
        sample=sample,
        there={one.index for one in episodes},
        episodes=episodes,
        height=HEIGHT,
        style=markupsafe.Markup((_FOLDER / "preview.css").read_text(encoding="utf-8")),
        script=markupsafe.Markup(script),
        # No other script runs and nothing is fetched, whatever a name in the dataset holds.
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _episodes_by_task(survey: Survey) -> dict[int, int]:
    every = [task for tasks in survey.tasks.values() for task in tasks]
    return {int(task): int(count) for task, count in zip(*np.unique(every, return_counts=True), strict=True)}


def _totals(dataset: Dataset, survey: Survey, episodes: list[Shown]) -> list[tuple[str, str]]:
    """The figures at the top, of what lies on the disk and not of what info.json claims."""
    frames, fps = sum(survey.lengths.values()), dataset.fps
    sizes = {}
    for episode in episodes:
        for strip in episode.strips:
            sizes.setdefault(strip.name, strip.size)
    cameras = [f"{name} {size[0]}{TIMES}{size[1]}" if size else name for name, size in sizes.items()]
    robot = dataset.info.get("robot_type")
    return [
        ("episodes", f"{len(survey.lengths) + len(survey.unreadable):,}"),
        ("frames", f"{frames:,}"),
        ("duration", duration(frames / fps) if fps else "unknown"),
        ("frames a second", f"{fps:g}" if fps else "unknown"),
        ("robot", check_report.plain(str(robot)) if robot else "not named"),
        ("cameras", ", ".join(map(check_report.plain, cameras)) or "none"),
        ("on disk", in_bytes(_on_disk(dataset.root))),
        ("format", check_report.plain(str(dataset.info.get("codebase_version", "unknown")))),
    ]


def _on_disk(root: pathlib.Path) -> int:
    total = 0
    for at, _, names in os.walk(root):
        for name in names:
            try:
                total += os.lstat(os.path.join(at, name)).st_size
            except OSError:
                continue
    return total
