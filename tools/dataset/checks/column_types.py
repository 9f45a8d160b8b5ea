"""Asks whether each column has the number type that info.json declares."""

from collections.abc import Iterator

import numpy as np

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.cast_numbers import round_numbers
from tools.dataset.drafts.draft import Draft
from tools.dataset.episode import Episode
from tools.dataset.episode import holds_numbers
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding
from tools.dataset.number_types import first_changed
from tools.dataset.number_types import leaf_of
from tools.dataset.number_types import meant
from tools.dataset.row_order import order_of

SENTENCE = "A column's numbers are of the dtype in info.json."
SEVERITY = "warning"
REPAIR_AFTER = ("numbers_fit", "column_shapes")
# Columns that a repair may count anew: what they hold now is then no matter.
_COUNTED = ("timestamp", "frame_index", "episode_index", "index")


def gist(episode: Episode) -> dict:
    """Of each column of another type than it should have: its type where that is not the declared one, and what is lost.

    The loss is a frame and what stands there; (None, None) where every number can be of the type it should have.
    """
    odd = {}
    for name, feature in episode.features.items():
        at = episode.schema.get_field_index(name)
        if at < 0 or not feature.is_numeric or not holds_numbers(episode.schema.field(at).type):
            continue
        leaf, values = leaf_of(episode.schema.field(at).type), episode.columns.get(name)
        dtype = str(np.dtype(leaf.to_pandas_dtype()))
        right = meant(name, episode.features)
        if dtype != feature.dtype or leaf != right:
            told = dtype if values is not None and dtype != feature.dtype else None
            odd[name] = (told, *_lost(episode, name, values, str(np.dtype(right.to_pandas_dtype()))))
    return {"odd": odd}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names each; a column that loses a number in one file stays what it is in all, which are read with one type."""
    keeps: dict[str, int] = {}
    for index, one in sorted(gists.items()):
        for name, (_, _, lost) in one["odd"].items():
            if lost is not None:
                keeps.setdefault(name, index)
    for index, one in gists.items():
        for name, (dtype, frame, lost) in one["odd"].items():
            if dtype is None:
                continue
            wanted = dataset.features[name].dtype
            stays = f"; it stays so in all files: see episode {keeps[name]}" if name in keeps else ""
            yield Finding(
                expected=wanted,
                found=dtype + (f", and {lost}, which {wanted} cannot hold" if lost else ""),
                hint="LeRobot hands on what the file holds; other tools go by info.json and take it for something else"
                + stays,
                file=dataset.name_of(dataset.episode_files[index]),
                episode=index,
                frame=frame,
                column=name,
                repairable=name not in keeps,
            )


def repair(draft: Draft) -> None:
    """Casts the columns; of those that LeRobot adds the type is its own, in info.json too."""
    names = {one.column for one in draft.findings if one.check == "column-types" and one.repairable}
    for name in names & INDEX_FEATURES.keys():
        draft.info["features"][name]["dtype"] = INDEX_FEATURES[name]
    round_numbers(draft, names)


def _lost(episode: Episode, name: str, values: np.ndarray | None, dtype: str) -> tuple[int | None, str | None]:
    """The first frame with a number that a type cannot hold, and what it is; nothing where that is counted anew."""
    if name in _COUNTED and order_of(episode).may_count(name, episode.fps):
        return None, None
    if values is None:
        return None, episode.odd.get(name, "no numbers")
    at = first_changed(values, dtype)
    return (None, None) if at is None else (at[0], f"{values[at]:.17g} in frame {at[0]}")
