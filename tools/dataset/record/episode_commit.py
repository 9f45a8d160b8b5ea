"""Makes an episode of a journal and puts it into its dataset: verified, on the disk, and `info.json` last.

The writer and the recovery both do it, and it can be done twice: what a killed process left half done is done again.

A reader needs the data file and its line in meta/episodes.jsonl at the same moment, and two files cannot be renamed at
once. All that takes time is done before under hidden names, so that they appear one directly after the other.
"""

from collections.abc import Iterator
import contextlib
import copy
import os
import pathlib
from typing import Any
import uuid

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.durable import flush
from tools.dataset.durable import write_durably
from tools.dataset.episode import image_cells
from tools.dataset.jsonl import to_json
from tools.dataset.jsonl import to_jsonl
from tools.dataset.plain import just
from tools.dataset.record.append_journal import Journal
from tools.dataset.record.appendable import Appendable
from tools.dataset.record.episode_rows import gathered
from tools.dataset.record.episode_rows import index_columns
from tools.dataset.record.episode_rows import row_groups
from tools.dataset.record.episode_rows import write_parquet
from tools.dataset.statistics import episode_stats
from tools.refusal import Refused


def commit(dataset: Appendable, journal: Journal) -> None:
    """Saves a journal's frames as the dataset's next episode; `dataset` then is what it has become.

    Args:
        dataset: Where to, held by a lock.
        journal: One frame or more. It is not removed.

    Raises:
        Refused: What was written does not read back as what was meant.
        OSError: The disk is full or fails. The dataset is as it was then.
    """
    episode, path = dataset.total, dataset.path_of(dataset.total)
    tasks, given = gathered(dataset, journal)
    after = _grown(dataset, tasks)
    columns = given | index_columns(dataset, [after.tasks[task] for task in tasks])
    for folder in (dataset.root / "meta", path.parent):
        _make(folder)
    with contextlib.ExitStack() as asides:
        data = asides.enter_context(_aside(path))
        write_parquet(data, dataset, journal, columns)
        stats = _verified(data, dataset, journal, columns, path)
        after.lines["episodes_stats.jsonl"] += to_jsonl([{"episode_index": episode, "stats": stats}])
        info = to_json(after.info, indent=4)
        ready = {}
        for name, content in (after.lines | {"info.json": info}).items():
            ready[name] = asides.enter_context(_aside(after.meta(name)))
            ready[name].write_bytes(content)
            flush(ready[name])
        os.replace(ready["tasks.jsonl"], after.meta("tasks.jsonl"))
        os.replace(ready["episodes_stats.jsonl"], after.meta("episodes_stats.jsonl"))
        os.replace(data, path)  # these two: nothing in between
        os.replace(ready["episodes.jsonl"], after.meta("episodes.jsonl"))
        for folder in (path.parent, dataset.root / "meta"):
            flush(folder)
        os.replace(ready["info.json"], after.meta("info.json"))
        flush(dataset.root / "meta")
    vars(dataset).update(vars(after))


def roll_back(dataset: Appendable) -> None:
    """Takes back what a killed process had put in place of an episode that shall not be; the lock must be held."""
    # The new tasks are the last lines, and info.json does not count them yet.
    tasks = dataset.lines["tasks.jsonl"].splitlines(keepends=True)
    lines = dataset.lines | {"tasks.jsonl": b"".join(tasks[: dataset.info["total_tasks"]])}
    dataset.path_of(dataset.total).unlink(missing_ok=True)
    for name, content in lines.items():
        if dataset.total:
            write_durably(dataset.meta(name), content)
        else:
            dataset.meta(name).unlink(missing_ok=True)


def remove_leavings(dataset: Appendable) -> None:
    """Removes what a killed process left under hidden names where episodes are saved; the lock must be held."""
    for pattern in ("meta/.*.new", "data/*/.*.new"):
        for path in dataset.root.glob(pattern):
            path.unlink()


def _grown(dataset: Appendable, tasks: list[str]) -> Appendable:
    """What a dataset will be with one more episode, whose statistics are still to be told."""
    distinct = list(dict.fromkeys(tasks))
    free = max(dataset.tasks.values(), default=-1) + 1
    new = {task: free + i for i, task in enumerate(task for task in distinct if task not in dataset.tasks)}
    after = copy.copy(dataset)
    after.tasks = dataset.tasks | new
    line = {"episode_index": dataset.total, "tasks": distinct, "length": len(tasks)}
    after.lines = dict(dataset.lines)
    after.lines["tasks.jsonl"] += to_jsonl({"task_index": index, "task": task} for task, index in new.items())
    after.lines["episodes.jsonl"] += to_jsonl([line])
    total = dataset.total + 1
    after.info = dataset.info | {
        "total_episodes": total,
        "total_frames": dataset.frames + len(tasks),
        "total_tasks": after.lines["tasks.jsonl"].count(b"\n"),
        "total_chunks": (total - 1) // dataset.info["chunks_size"] + 1,
        "splits": {"train": f"0:{total}"},
    }
    return after


def _verified(
    path: pathlib.Path, dataset: Appendable, journal: Journal, columns: dict[str, np.ndarray], place: pathlib.Path
) -> dict[str, Any]:
    """Reads a file back, holds it against what was meant, and returns its statistics."""
    try:
        with pq.ParquetFile(path) as file:
            same = file.metadata.num_rows == len(journal) and all(
                file.read_row_group(number).cast(group.schema).equals(group)
                for number, group in enumerate(row_groups(dataset, journal, columns))
            )
        if not same:
            raise ValueError("other values than were written")
        features = dataset.about.features
        cameras = [feature.name for feature in features.values() if feature.is_image]
        numbers = {name: values for name, values in columns.items() if features[name].has_statistics}
        return episode_stats(numbers, image_cells(path, cameras), len(journal))
    except (ValueError, pa.ArrowException) as e:
        raise Refused(
            str(place),
            expected="an episode that reads back as it was written",
            found=str(e),
            todo=f"see to the disk; the frames are safe in the journal: {just('recover-dataset', dataset.root)}",
        ) from e


@contextlib.contextmanager
def _aside(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A hidden path beside a file; what is still there at the end is removed."""
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.new")
    try:
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _make(folder: pathlib.Path) -> None:
    """Makes a folder so that its name is on the disk too."""
    if not folder.is_dir():
        _make(folder.parent)
        folder.mkdir()
        flush(folder.parent)
