"""Asks whether each data file has the columns that LeRobot itself looks into."""

from collections.abc import Iterator

from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.row_order import order_of

SENTENCE = "Every data file has timestamp, episode_index, task_index and the action, as whole columns."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Names each that is missing."""
    actions = [name for name in ("action", "actions") if name in episode.features]
    for name in ("timestamp", "episode_index", "task_index", *actions):
        if name not in episode.schema.names:
            yield Finding(
                expected=f"a column {name}",
                found="no such column",
                hint="LeRobot stops with a KeyError, at the latest when the first item is drawn",
                file=episode.name,
                episode=episode.index,
                column=name,
                repairable=name in ("timestamp", "episode_index") and order_of(episode).may_count(name, episode.fps),
            )


def repair(draft: Draft) -> None:
    """Adds the two that follow from where a frame lies."""
    restate(draft, ("timestamp", "episode_index"))
