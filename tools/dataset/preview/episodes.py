"""The episodes that a preview shows: read, their images made small, their curves drawn."""

from collections.abc import Callable
import dataclasses

from tools.dataset.dataset import Dataset
from tools.dataset.episode import UnreadableError
from tools.dataset.episode import read_episode
from tools.dataset.finding import Finding
from tools.dataset.preview.lanes import MOST_LANES
from tools.dataset.preview.lanes import Drawn
from tools.dataset.preview.lanes import Lane
from tools.dataset.preview.lanes import draw
from tools.dataset.preview.lanes import points_for
from tools.dataset.preview.numbers import ticks
from tools.dataset.preview.sample import Sample
from tools.dataset.preview.strips import Strip
from tools.dataset.preview.strips import strips_of
from tools.dataset.preview.survey import Survey
from tools.dataset.preview.survey import number_columns
from tools.dataset.report import Report

# Findings in an episode; the check itself prints all of them.
_MOST_IN_EPISODE = 12


@dataclasses.dataclass(frozen=True)
class Shown:
    """One episode on the page.

    Attributes:
        index: Its number.
        rows: Its frames; 0 where it could not be read.
        task: What the robot was doing, as far as is known.
        strips: Of its cameras.
        lanes: Its curves.
        findings: What the check says of it, the worst first.
        ticks: Marks of the time axis: where, in percent, and their text.
        decimated: Whether the curves leave frames out.
        problem: Why there is nothing to see.
    """

    index: int
    rows: int = 0
    task: str = ""
    strips: tuple[Strip, ...] = ()
    lanes: tuple[Drawn, ...] = ()
    findings: tuple[Finding, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    decimated: bool = False
    problem: str = ""

    @property
    def span(self) -> int:
        """Frames from the first to the last, never 0."""
        return max(1, self.rows - 1)

    def percent(self, frame: int) -> float:
        """Where a frame lies on the time axis."""
        return 100 * min(max(frame, 0), self.span) / self.span

    def findings_in(self, drawn: Drawn) -> list[Finding]:
        """What the check says of a frame of this lane."""
        columns = {f"{part.feature}[{part.index}]" for part in drawn.lane.parts.values()}
        return [one for one in self.findings if one.frame is not None and one.column in columns]

    @property
    def worst(self) -> str:
        """The severity of its worst finding, "" without one."""
        return self.findings[0].severity if self.findings else ""


def show_episodes(
    dataset: Dataset,
    sample: Sample,
    report: Report,
    survey: Survey,
    lanes: list[Lane],
    progress: Callable[[int, int], None] | None = None,
) -> list[Shown]:
    """Reads and draws the episodes of the sample, one at a time."""
    points = points_for(min(len(lanes), MOST_LANES), len(sample.episodes))
    by_episode: dict[int, list[Finding]] = {}
    for finding in report.findings:
        by_episode.setdefault(finding.episode, []).append(finding)
    shown = []
    for done, index in enumerate(sample.episodes, 1):
        findings = tuple(by_episode.get(index, ())[:_MOST_IN_EPISODE])
        also = {one.frame for one in findings if one.frame is not None}
        one = _shown(dataset, index, lanes[:MOST_LANES], points, also, len(sample.episodes))
        shown.append(dataclasses.replace(one, task=_task(dataset, index, survey), findings=findings))
        if progress:
            progress(done, len(sample.episodes))
    return shown


def tasks_of(dataset: Dataset) -> dict[int, str]:
    """The texts of tasks.jsonl by number."""
    pairs = ((one.get("task_index"), one.get("task")) for one in dataset.tasks.values)
    return {index: str(task) for index, task in pairs if type(index) is int}


def _shown(dataset: Dataset, index: int, lanes: list[Lane], points: int, also: set[int], episodes: int) -> Shown:
    path = dataset.episode_files.get(index)
    if path is None:
        return Shown(index, problem="there is no file for it")
    try:
        episode = read_episode(path, index, dataset.features, dataset.fps, dataset.root)
    except UnreadableError as e:
        return Shown(index, problem=str(e))
    columns = number_columns(episode)
    return Shown(
        index,
        episode.rows,
        strips=tuple(strips_of(dataset, episode, episodes)),
        lanes=tuple(draw(lane, columns, points, also) for lane in lanes) if episode.rows else (),
        ticks=tuple(ticks(episode.rows, dataset.fps)),
        decimated=episode.rows > points,
        problem="" if episode.rows else "it has no frames",
    )


def _task(dataset: Dataset, index: int, survey: Survey) -> str:
    """By the data; without tasks.jsonl by what episodes.jsonl says."""
    tasks = tasks_of(dataset)
    texts = [tasks[one] for one in survey.tasks.get(index, ()) if one in tasks]
    if not texts:
        line = next((one for one in dataset.episodes.values if one.get("episode_index") == index), {})
        told = line.get("tasks", line.get("task"))
        texts = [str(one) for one in told] if isinstance(told, list) else [str(told)] if told else []
    return " / ".join(texts)
