"""Asks whether LeRobot can count with the index columns."""

from collections.abc import Iterator

from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.row_order import order_of

SENTENCE = "episode_index and task_index are whole numbers, and they and timestamp are not lists."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Names those that are not."""
    for name, kinds in (("timestamp", "fiu"), ("episode_index", "iu"), ("task_index", "iuf")):
        values = episode.columns.get(name)
        if values is not None and (values.ndim != 1 or values.dtype.kind not in kinds):
            if name == "task_index":
                mends = (
                    values.dtype.kind in kinds and values.size == episode.rows
                )  # column-shapes takes it out of lists
            else:
                mends = order_of(episode).may_count(name, episode.fps)
            yield Finding(
                expected="one number a frame" if name == "timestamp" else "one whole number a frame",
                found=str(episode.schema.field(name).type),
                hint="LeRobot compares these columns and looks up by them",
                file=episode.name,
                episode=episode.index,
                column=name,
                repairable=mends,
            )


def repair(draft: Draft) -> None:
    """Writes plain numbers in the two that follow from where a frame lies."""
    restate(draft, ("timestamp", "episode_index"))
