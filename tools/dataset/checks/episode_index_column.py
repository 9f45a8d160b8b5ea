"""Asks whether each frame knows which episode it belongs to."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.exchanged import exchanges
from tools.dataset.exchanged import put_back
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.row_order import order_of

SENTENCE = "episode_index in a data file is the number of the file."
SEVERITY = "error"
REPAIR_AFTER = ("episode_files",)
_HINT = "LeRobot cuts action chunks at the end of the episode that this names: wrong actions, in silence"
_EXCHANGED = "; the files seem to be exchanged: "
_BY = {
    "names": "length and statistics in meta/ are those of the number inside, so that the names are wrong",
    "numbers": "length and statistics in meta/ are those of the name, so that the number inside is wrong",
    None: "nothing in meta/ tells whether the names or the numbers inside are right; rename them, or write them anew",
}


def gist(episode: Episode) -> dict:
    """The first frame with another, if there is one."""
    values = episode.columns.get("episode_index")
    wrong = values != episode.index if values is not None and values.ndim == 1 else np.zeros(0, bool)
    if not wrong.any():
        return {}
    frame = int(np.argmax(wrong))
    found = str(values[frame]) + (f", in {int(wrong.sum())} frames" if wrong.sum() > 1 else "")
    return {"frame": frame, "found": found, "may_count": order_of(episode).may_count("episode_index")}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names each file where there is one, and says which of them have each other's names."""
    there = dataset.episode_files
    wrong = {index: one for index, one in sorted(gists.items()) if one}
    found = exchanges({index: there[index] for index in wrong}, dataset)
    exchanged = {index: one.wrong for one in found for index in one.says}
    for index, one in wrong.items():
        yield Finding(
            expected=str(index),
            found=one["found"],
            hint=_HINT + (_EXCHANGED + _BY[exchanged[index]] if index in exchanged else ""),
            file=dataset.name_of(there[index]),
            episode=index,
            frame=one["frame"],
            column="episode_index",
            repairable=one["may_count"] and exchanged.get(index, "numbers") is not None,
        )


def repair(draft: Draft) -> None:
    """Gives exchanged files their names back; in others, writes the file's number."""
    put_back(draft)
    restate(draft, ("episode_index", "index"))
