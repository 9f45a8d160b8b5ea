"""Asks whether the frames of the whole dataset are counted on from file to file."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.row_order import order_of

SENTENCE = "index counts the frames of the whole dataset from 0."
SEVERITY = "warning"
REPAIR_AFTER = ("episode_files",)


def gist(episode: Episode) -> dict:
    """Where it begins, and whether it counts on within the file."""
    values = episode.columns.get("index")
    kept = {"rows": episode.rows, "there": "index" in episode.schema.names}
    kept["ordered"] = order_of(episode).may_count("index")
    if values is not None and values.ndim == 1 and len(values):
        kept |= {"first": values[0].item(), "counts": bool((np.diff(values) == 1).all())}
    return kept


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names each file where it is wrong; a file that cannot be read makes the rest uncertain."""
    first = 0
    for index in sorted(dataset.episode_files):
        if index not in gists:
            return
        one = gists[index]
        found = None
        if not one["there"]:
            found = "no such column"
        elif "first" in one and one["first"] != first:
            found = f"{one['first']} in the first frame"
        elif not one.get("counts", True):
            found = "a step other than 1"
        if found is not None:
            yield Finding(
                expected=f"{first} to {first + one['rows'] - 1}",
                found=found,
                hint="LeRobot does not look at it; tools that join datasets or look up frames do",
                file=dataset.name_of(dataset.episode_files[index]),
                episode=index,
                column="index",
                repairable=one["ordered"],
            )
        first += one["rows"]


def repair(draft: Draft) -> None:
    """Counts anew."""
    restate(draft, ("index",))
