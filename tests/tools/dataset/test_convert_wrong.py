"""Whatever one thing is wrong in a dataset that is to be converted, it is converted or refused: never a traceback."""

from collections.abc import Callable, Iterator
import itertools
import json
import os
import pathlib
import shutil
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.filmed import make_filmed
from tests.tools.dataset.v30_datasets import Shape
from tests.tools.dataset.v30_datasets import change_rows
from tests.tools.dataset.v30_datasets import write_v30
from tools.dataset.convert.__main__ import convert
from tools.dataset.convert.read_plan import read_plan
from tools.refusal import Refused

Change = Callable[[pathlib.Path], None]
GONE = object()
WRONG = (
    None, 5, -1, 0, 1.5, "x", "", [], {}, True, [1], {"a": 1}, float("nan"), float("inf"), 10**30, 1e300, "{x}", "{0}", "/", "../x", GONE,
)  # fmt: skip
DTYPES = ("float16", "bool", "image", "video", "string", "float64", "int64")
SHAPES = ([0], [-1], [2, 3, 4, 5], [3, 32, 64], [1], [2**40], [2**70], [True], ["1"])
VALUES = {
    "none": lambda values: [None] * len(values),
    "one none": lambda values: [None, *values[1:]],
    "text": lambda values: ["x"] * len(values),
    "below zero": lambda values: [-1] * len(values),
    "halves": lambda values: [1.5] * len(values),
    "NaN": lambda values: [float("nan")] * len(values),
    "infinite": lambda values: [float("inf")] * len(values),
    "large": lambda values: [2**40] * len(values),
    "backwards": lambda values: values[::-1],
    "lists": lambda values: [[1]] * len(values),
    "empty lists": lambda values: [[]] * len(values),
    "yes": lambda values: [True] * len(values),
    "dicts": lambda values: [{"a": 1}] * len(values),
    "no column": None,
}
JSON_LINES = ("meta/tasks.jsonl", "meta/episodes.jsonl")
PARQUET = ("meta/tasks.parquet", "meta/episodes/chunk-000/file-000.parquet", "data/chunk-000/file-000.parquet")


@pytest.fixture(scope="module")
def sources(tmp_path_factory) -> dict[str, pathlib.Path]:
    home = tmp_path_factory.mktemp("sources")
    write_v30(home / "images", Shape(lengths=(2, 1)))
    write_v30(home / "videos", Shape(lengths=(2, 1), video=True))
    make_filmed(home / "v2.0", 2)
    info = json.loads((home / "v2.0/meta/info.json").read_text())
    (home / "v2.0/meta/info.json").write_text(json.dumps(info | {"codebase_version": "v2.0"}))
    return {path.name: path for path in home.iterdir()}


@pytest.mark.parametrize("name", ["images", "videos", "v2.0"])
def test_one_thing_wrong(sources, tmp_path, name):
    # All of them take minutes: OPENPI_OVERLAY_ALL_WRONG=1. Else every n-th, so that each place and each kind is there.
    step = 1 if os.environ.get("OPENPI_OVERLAY_ALL_WRONG") else 11
    raised = []
    for what, change in itertools.islice(changes(sources[name]), 0, None, step):
        root, out = tmp_path / "in", tmp_path / "out"
        shutil.copytree(sources[name], root, copy_function=os.link)
        change(root)
        try:
            convert(read_plan(root, images=True), out)
        except (Refused, OSError):
            assert [one.name for one in tmp_path.iterdir()] == ["in"], what
        except Exception as e:
            raised.append(f"{what}: {e!r}")
        for folder in (root, out):
            shutil.rmtree(folder, ignore_errors=True)
    assert raised == []


def changes(source: pathlib.Path) -> Iterator[tuple[str, Change]]:
    info = json.loads((source / "meta/info.json").read_text())
    for path in [(key,) for key in info] + [("features", name) for name in info["features"]]:
        for value in WRONG:
            yield f"info {path} {value!r}", in_json("meta/info.json", path, value)
    for name, key in itertools.product(info["features"], ("dtype", "shape", "names")):
        for value in (*WRONG, *(DTYPES if key == "dtype" else SHAPES)):
            yield f"info {name} {key} {value!r}", in_json("meta/info.json", ("features", name, key), value)
    for file in JSON_LINES:
        for key in json.loads((source / file).read_text().splitlines()[0]) if (source / file).exists() else ():
            for value in WRONG:
                yield f"{file} {key} {value!r}", in_json(file, (key,), value)
    for file in PARQUET:
        for column in pq.read_schema(source / file).names if (source / file).exists() else ():
            for what, values in VALUES.items() if not column.startswith("stats/") else ():
                yield f"{file} {column} {what}", in_parquet(file, column, values)


def in_json(file: str, path: tuple[str, ...], value: Any) -> Change:
    """Changes a value of a JSON file, or of the first line of JSON lines."""

    def change(root: pathlib.Path) -> None:
        lines = (root / file).read_text().splitlines() if file.endswith("l") else [(root / file).read_text()]
        told = json.loads(lines[0])
        at = told
        for key in path[:-1]:
            at = at[key]
        if value is GONE:
            del at[path[-1]]
        else:
            at[path[-1]] = value
        (root / file).unlink()  # it is shared with the source
        (root / file).write_text("\n".join([json.dumps(told), *lines[1:]]) + "\n")

    return change


def in_parquet(file: str, column: str, values: Callable | None) -> Change:
    def change(root: pathlib.Path) -> None:
        shutil.copyfile(root / file, root / "copy")
        change_rows(root / "copy", **{column: values})
        os.replace(root / "copy", root / file)

    return change
