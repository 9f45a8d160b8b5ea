"""Asks whether each frame's values are as many as info.json says."""

from collections.abc import Iterator, Mapping
import functools

import pyarrow as pa

from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.steps import without_images
from tools.dataset.episode import Episode
from tools.dataset.episode import holds_numbers
from tools.dataset.episode import to_array
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.finding import Finding
from tools.dataset.row_order import order_of

SENTENCE = "Each frame's value has the shape that info.json gives its feature."
SEVERITY = "error"


def of_episode(episode: Episode) -> Iterator[Finding]:
    """Finds columns of another shape, and those whose frames differ."""
    for name, feature in episode.features.items():
        if not feature.is_numeric:
            continue
        shape = () if feature.shape == (1,) else feature.shape
        values = episode.columns.get(name)
        if values is not None:
            same = values.shape[1:] == shape or (values.shape[1:] == feature.shape and name not in INDEX_FEATURES)
            if not same and episode.rows:
                plain = name in INDEX_FEATURES and values.size == episode.rows and _may_be_plain(episode, name)
                found = str(list(values.shape[1:]) or "a plain number")
                yield _finding(episode, name, list(feature.shape), found, repairable=plain)
        elif (why := episode.odd.get(name, "absent")) != "absent" and not why.startswith("null"):
            yield _finding(episode, name, list(feature.shape), why)


def repair(draft: Draft) -> None:
    """Takes the numbers of columns that count out of their lists of one."""
    names = {episode: {one.column for one in found} for episode, found in draft.found("column-shapes").items()}
    if names:
        draft.steps.append(functools.partial(_plain, names=names))


@without_images
def _plain(table: pa.Table, episode: int, _first: int, *, names: Mapping[int, set[str]]) -> pa.Table:
    for name in names.get(episode, set()) & set(table.column_names):
        at = table.schema.get_field_index(name)
        kind = table.schema.field(at).type
        if holds_numbers(kind) and pa.types.is_nested(kind):
            values = to_array(table.column(at))
            if values.size == table.num_rows:
                table = table.set_column(at, name, pa.array(values.reshape(-1)))
    return table


def _may_be_plain(episode: Episode, name: str) -> bool:
    """Whether nothing wrong comes to light by that: rows in another order, say, which other checks see in numbers only."""
    return name == "task_index" or order_of(episode).may_count(name, episode.fps)


def _finding(episode: Episode, name: str, shape: list[int], found: str, *, repairable: bool = False) -> Finding:
    return Finding(
        expected=f"shape {shape}, as info.json declares",
        found=found,
        hint="no mixing of 6 and 8 dimensions: a batch cannot be stacked, or the model learns from the wrong numbers",
        file=episode.name,
        episode=episode.index,
        column=name,
        repairable=repairable,
    )
