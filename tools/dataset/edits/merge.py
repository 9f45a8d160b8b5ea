"""Makes one dataset of several."""

from collections.abc import Collection
import dataclasses
import functools
import pathlib
from typing import Annotated, Any

import numpy as np
import pyarrow as pa
import tyro

from tools.dataset.convert.shard_rows import ShardError
from tools.dataset.convert.shard_rows import as_feature
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.edit_draft import SPLIT_KEY
from tools.dataset.drafts.edit_draft import beside
from tools.dataset.drafts.edit_draft import count
from tools.dataset.drafts.edit_draft import fill_whole
from tools.dataset.drafts.edit_draft import open_draft
from tools.dataset.drafts.edit_refusals import refuse_errors
from tools.dataset.drafts.edit_refusals import refuse_gaps
from tools.dataset.drafts.out_option import Out
from tools.dataset.drafts.refuse_wrong import column_of
from tools.dataset.drafts.refuse_wrong import refuse_wrong
from tools.dataset.drafts.write_out import new_folder
from tools.dataset.features import Feature
from tools.dataset.features import schema_of
from tools.dataset.finding import Finding
from tools.dataset.frame_columns import restate
from tools.dataset.plain import just
from tools.refusal import Refused
from tools.refusal import WrongUsage


@dataclasses.dataclass(frozen=True)
class Merge:
    """Put the episodes of several datasets behind one another.

    Features, rate and robot must be the same. Tasks are united by their text, to the letter. Each dataset is checked first
    (without its images), and one with errors is refused.

    Example:
        just edit-dataset merge ~/datasets/monday ~/datasets/tuesday --out ~/datasets/week

    Args:
        paths: The datasets' folders, two or more.
        out: The new folder; by default beside the first one, with _merged behind its name.
        json: Print JSON instead of text.
    """

    paths: Annotated[
        tuple[pathlib.Path, ...],
        tyro.conf.Positional,
        tyro.conf.arg(metavar="PATH PATH ...", help_behavior_hint="(required)"),
    ]
    out: Out = None
    json: bool = False

    def apply(self) -> list[pathlib.Path]:
        """Writes the new dataset and returns its folder."""
        if len(self.paths) < 2 or len({path.resolve() for path in self.paths}) < len(self.paths):
            raise WrongUsage(
                "just edit-dataset merge",
                expected="two datasets or more, each once",
                found=", ".join(map(str, self.paths)) or "none",
                todo="name their folders",
            )
        drafts = [open_draft(path) for path in self.paths]
        for draft in drafts:
            _refuse_other(drafts[0], draft)
            refuse_errors(draft)
            refuse_gaps(draft)
            refuse_wrong(draft, heals=functools.partial(_is_made_anew, declared=draft.features()))
        merged = _merged(drafts)
        root = drafts[0].source.root
        out = self.out or beside(root, "_merged")
        try:
            with new_folder(root, out, also=[draft.source.root for draft in drafts[1:]]) as folder:
                fill_whole(merged, folder)
        except ShardError as e:
            raise Refused(
                f"merging into {out}",
                expected=e.expected,
                found=e.found,
                todo="just check-dataset on each of them, and just repair-dataset",
            ) from e
        return [out]


def _merged(drafts: list[Draft]) -> Draft:
    first = drafts[0]
    tasks: dict[str, int] = {}
    merged = dataclasses.replace(first, files={}, numbers={}, tasks=[], episodes=[], stats=[], steps=[])
    numbers: dict[int, dict[int, int]] = {}
    for draft in drafts:
        offset = len(merged.files)
        renamed = {line["task_index"]: tasks.setdefault(line["task"], len(tasks)) for line in draft.tasks}
        merged.numbers |= draft.numbers
        for episode, path in draft.files.items():
            merged.files[offset + episode] = path
            numbers[offset + episode] = renamed
        for ours, theirs in ((merged.episodes, draft.episodes), (merged.stats, draft.stats)):
            ours += [line | {"episode_index": line["episode_index"] + offset} for line in theirs]
        for line in merged.episodes[-len(draft.episodes) :]:
            if line.get("task_index") in renamed:  # the guide's form; LeRobot's has the tasks as text only
                line["task_index"] = renamed[line["task_index"]]
    merged.tasks = [{"task_index": index, "task": task} for task, index in tasks.items()]
    merged.info.pop(SPLIT_KEY, None)
    stored = [feature for feature in first.features().values() if not feature.is_video]
    merged.steps += [functools.partial(_as_first, features=stored), functools.partial(_with_tasks, numbers=numbers)]
    restate(merged, ("episode_index", "index"))
    count(merged)
    return merged


def _as_first(table: pa.Table, _episode: int, _first: int, *, features: list[Feature]) -> pa.Table:
    """The columns in the first dataset's order, in the types and with the metadata that its features ask for."""
    return pa.Table.from_arrays([as_feature(table, feature) for feature in features], schema=schema_of(features))


def _with_tasks(table: pa.Table, episode: int, _first: int, *, numbers: dict[int, dict[int, int]]) -> pa.Table:
    column = table.column("task_index").to_numpy()
    known = numbers[episode]
    if unknown := set(column.tolist()) - known.keys():
        raise ShardError(f"a task_index in episode {episode} that meta/tasks.jsonl has", str(min(unknown)))
    values = pa.array(np.array([known[index] for index in column.tolist()], np.int64))
    return table.set_column(table.schema.get_field_index("task_index"), "task_index", values)


def _is_made_anew(finding: Finding, *, declared: Collection[str]) -> bool:
    """Whether a merge takes an error away: it writes the columns that info.json declares, and what each of them is."""
    return finding.check in ("schema-metadata", "camera-columns") or column_of(finding) not in ("", *declared)


def _refuse_other(first: Draft, other: Draft) -> None:
    """Says no to a dataset that does not fit the first one, and names the first difference."""
    for what, ours, theirs in _differences(first, other):
        raise Refused(
            f"{other.source.root}: {what}",
            expected=f"{ours}, as {first.source.root} has it",
            found=str(theirs),
            todo="merge datasets of one robot; `just edit-dataset rename` or `drop` makes features the same",
        )
    videos = [feature.name for feature in other.features().values() if feature.is_video]
    if videos:
        raise Refused(
            f"{other.source.root}: {', '.join(videos)}",
            expected="images in the parquet",
            found="videos",
            todo=f"make images of them first: {just('convert-dataset', other.source.root, '--images')}",
        )


def _differences(first: Draft, other: Draft) -> list[tuple[str, Any, Any]]:
    pairs = [(key, first.info.get(key), other.info.get(key)) for key in ("robot_type", "fps")]
    ours, theirs = first.features(), other.features()
    for name in [*ours, *(name for name in theirs if name not in ours)]:
        told = [_told(one[name]) if name in one else "no such feature" for one in (ours, theirs)]
        pairs.append((f"features, {name}", *told))
    return [pair for pair in pairs if pair[1] != pair[2]]


def _told(feature: Feature) -> str:
    """What must be the same; how names are nested, and a camera's order of axes, need not."""
    if (feature.is_image or feature.is_video) and len(feature.shape) == 3:
        return f"{feature.dtype} of {'x'.join(map(str, feature.height_width))} pixels"
    names = feature.names
    while isinstance(names, list) and len(names) == 1 and isinstance(names[0], list):
        names = names[0]
    return f"{feature.dtype} of shape {list(feature.shape)}, names {names}"
