"""What is done to the rows of a data file on their way into another dataset, a row group at a time."""

from collections.abc import Callable, Iterator
import pathlib
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.episode import holds_numbers

# Changes the rows of one row group: (table, episode, number of its first frame) -> table. One that has nothing to change
# returns the very table that it was given. It leaves columns alone that it does not know, and does without those it
# would look for when they are absent.
Step = Callable[[pa.Table, int, int], pa.Table]

S = TypeVar("S", bound=Callable)


def without_images(step: S) -> S:
    """Marks the function of a step that never looks into the cells of images.

    Whether it changes anything is found out without reading them: its table has the schema of the file, and null in all
    cells that are no numbers. Any other step is asked with the whole file.
    """
    step.without_images = True
    return step


def through_steps(
    path: pathlib.Path, episode: int, steps: list[Step], *, images: bool = True
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Reads a parquet file one row group at a time and applies steps.

    Args:
        path: The file.
        episode: Which episode it becomes.
        steps: What is done, in this order.
        images: Read all columns; else only those of numbers.

    Yields:
        Each group before and after; the same object twice where no step had anything to change.

    Raises:
        pa.ArrowException, OSError: The file cannot be read, or a step cannot be done on what is in it.
    """
    with pq.ParquetFile(path, memory_map=True) as file:
        schema = file.schema_arrow
        columns = None if images else [field.name for field in schema if holds_numbers(field.type)]
        first = 0
        for group in range(file.num_row_groups):
            before = after = file.read_row_group(group, columns=columns)
            for step in steps:
                after = step(after, episode, first)
            yield before, after
            first += before.num_rows
