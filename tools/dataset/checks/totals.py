"""Asks whether info.json counts what is there."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding

SENTENCE = "The totals in info.json are those of the files."
SEVERITY = "warning"
REPAIR_AFTER = (
    "json_lines",
    "episode_files",
)
# LeRobot writes these two as well; the guide's datasets do without, and nothing reads them.
_MAY_BE_ABSENT = ("total_chunks", "total_videos")


def gist(episode: Episode) -> dict:
    """How many frames."""
    return {"rows": episode.rows}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Counts."""
    if not dataset.info_is_known:
        return
    for key, right in counted(dataset, {index: one["rows"] for index, one in gists.items()}).items():
        said = dataset.info.get(key)
        if said == right or (key not in dataset.info and (key in _MAY_BE_ABSENT or key == "total_episodes")):
            continue  # info-needed tells of a missing total_episodes
        yield Finding(
            expected=f"{key} {right:,}",
            found="nothing" if said is None else repr(said),
            hint="nothing stops at it, but what is shown of the dataset is wrong, and LeRobot adds the next episode there",
            file="meta/info.json",
            repairable=True,
        )


def counted(dataset: Dataset, rows: dict[int, int]) -> dict[str, int]:
    """The right totals; of frames only where every file could be read."""
    episodes = len(dataset.episode_files)
    totals = {"total_episodes": episodes}
    if len(rows) == episodes:
        totals["total_frames"] = sum(rows.values())
    if dataset.tasks.problem is None and not dataset.tasks.bad:
        totals["total_tasks"] = len(dataset.tasks.objects)
    size = dataset.info.get("chunks_size")
    if type(size) is int and size > 0:
        totals["total_chunks"] = -(-episodes // size)
    totals["total_videos"] = episodes * sum(one.is_video for one in dataset.features.values())
    return totals


def repair(draft: Draft) -> None:
    """Counts what there will be."""
    rows, size = draft.rows, draft.info.get("chunks_size")
    totals = {"total_episodes": len(draft.files), "total_tasks": len(draft.tasks)}
    if len(rows) == len(draft.files):
        totals["total_frames"] = sum(rows.values())
    if type(size) is int and size > 0:
        totals["total_chunks"] = -(-len(draft.files) // size)
    totals["total_videos"] = len(draft.files) * sum(one.is_video for one in draft.features().values())
    draft.info |= {key: total for key, total in totals.items() if key in draft.info or key not in _MAY_BE_ABSENT}
