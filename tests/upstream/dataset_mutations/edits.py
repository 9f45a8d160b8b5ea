"""The changes of which mutations are made: of text, JSON, lines of JSON, tables and cells of a dataset's files.

Each takes what to change and gives a function over the dataset's folder.
"""

from collections.abc import Callable, Sequence
import functools
import json
import pathlib
import shutil
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.upstream.dataset_mutations.mutation import Change

ALL = (0, 1, 2)


def both(*changes: Change) -> Change:
    """Several changes, one after the other."""
    return lambda root: [change(root) for change in changes]


def data_file(episode: int) -> str:
    """Where the data of an episode lie in each of the bases."""
    return f"data/chunk-000/episode_{episode:06d}.parquet"


def content(path: str, change: Callable[[bytes], bytes]) -> Change:
    """A change of a file's bytes."""
    return lambda root: (root / path).write_bytes(change((root / path).read_bytes()))


def added(path: str, new: bytes = b"stray") -> Change:
    """Another file."""

    def change(root: pathlib.Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(new)

    return change


def removed(path: str) -> Change:
    """A file or folder less."""
    return lambda root: shutil.rmtree(root / path) if (root / path).is_dir() else (root / path).unlink()


def copied(source: str, target: str) -> Change:
    """A file a second time, or in place of another."""

    def change(root: pathlib.Path) -> None:
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / source, root / target)

    return change


def moved(source: str, target: str) -> Change:
    """A file or folder at another place."""

    def change(root: pathlib.Path) -> None:
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        (root / source).rename(root / target)

    return change


def info(change: Callable[[dict[str, Any]], object]) -> Change:
    """A change of info.json's object, in place."""

    def of(old: bytes) -> bytes:
        value = json.loads(old)
        change(value)
        return json.dumps(value, indent=2).encode()

    return content("meta/info.json", of)


def info_with(**new: Any) -> Change:
    """Other values in info.json."""
    return info(lambda value: value.update(new))


def info_without(*keys: str) -> Change:
    """An info.json without some keys."""
    return info(lambda value: [value.pop(key) for key in keys])


def feature(name: str, **new: Any) -> Change:
    """Other values for a feature in info.json."""
    return info(lambda value: value["features"][name].update(new))


def lines(name: str, change: Callable[[list[dict[str, Any]]], object]) -> Change:
    """A change of the objects of a file of lines, in place, or by giving others back."""

    def of(old: bytes) -> bytes:
        objects = [json.loads(line) for line in old.splitlines()]
        new = change(objects)
        objects = new if isinstance(new, list) and new and isinstance(new[0], dict) else objects
        return "".join(json.dumps(one) + "\n" for one in objects).encode()

    return content(f"meta/{name}.jsonl", of)


def line(name: str, number: int, **new: Any) -> Change:
    """Other values in one line."""
    return lines(name, lambda objects: objects[number].update(new))


def line_without(name: str, number: int, key: str) -> Change:
    """A key less in one line."""
    return lines(name, lambda objects: objects[number].pop(key) and None)


def stats(column: str, key: str, value: Any, episodes: Sequence[int] = (0,)) -> Change:
    """Another value in the statistics of some episodes."""
    return lines(
        "episodes_stats", lambda objects: [objects[one]["stats"][column].update({key: value}) for one in episodes]
    )


def table(change: Callable[[pa.Table], pa.Table], episodes: Sequence[int] = ALL, **options: Any) -> Change:
    """A change of some episodes' tables; the options are those of the parquet writer."""

    def of(root: pathlib.Path) -> None:
        for episode in episodes:
            path = root / data_file(episode)
            pq.write_table(change(pq.ParquetFile(path).read()), path, **options)

    return of


def column(name: str, change: Callable[[pa.Array], Any], episodes: Sequence[int] = ALL) -> Change:
    """A change of a column, which may get another type."""

    def of(old: pa.Table) -> pa.Table:
        at = old.schema.get_field_index(name)
        array = old.column(at).combine_chunks()
        new = change(array)
        new = new if isinstance(new, pa.Array | pa.ChunkedArray) else pa.array(new, array.type)
        return old.set_column(at, pa.field(name, new.type), new)

    return table(of, episodes)


def cells(name: str, new: dict[int, Any], episodes: Sequence[int] = (0,)) -> Change:
    """Other values in a column, by frame; a function is given the old value."""

    def of(array: pa.Array) -> list:
        values = array.to_pylist()
        for frame, value in new.items():
            values[frame] = value(values[frame]) if callable(value) else value
        return values

    return column(name, of, episodes)


def cast(name: str, kind: pa.DataType, episodes: Sequence[int] = ALL) -> Change:
    """A column of another type, with the same values."""
    return column(name, lambda array: pa.array(array.to_pylist(), kind), episodes)


def images(
    camera: str, change: Callable[[dict[str, Any], int], Any], episodes: Sequence[int] = (0,), frames=(2,)
) -> Change:
    """A change of a camera's cells: a function of the old cell and its frame gives the new one, or its bytes."""

    def new(frame: int) -> Callable[[dict[str, Any]], Any]:
        def of(old: dict[str, Any]) -> Any:
            made = change(old, frame)
            return {"bytes": made, "path": None} if isinstance(made, bytes) else made

        return of

    return cells(camera, {frame: new(frame) for frame in frames}, episodes)


def hf_metadata(change: Callable[[dict[str, Any]], object], episodes: Sequence[int] = ALL) -> Change:
    """A change of the features in the `huggingface` schema metadata, in place."""

    def of(old: pa.Table) -> pa.Table:
        value = json.loads(old.schema.metadata[b"huggingface"])
        change(value["info"]["features"])
        return old.replace_schema_metadata({"huggingface": json.dumps(value)})

    return table(of, episodes)


def schema_metadata(new: dict[str, str] | None, episodes: Sequence[int] = ALL) -> Change:
    """Other schema metadata."""
    return table(lambda old: old.replace_schema_metadata(new), episodes)


rewritten = functools.partial(table, lambda old: old)
