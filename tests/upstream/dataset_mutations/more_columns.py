"""Columns beside those of the guide, declared in info.json or not: LeRobot makes a tensor of each, or fails to."""

from collections.abc import Callable, Sequence
import datetime
import decimal

import pyarrow as pa

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.by_the_guide import IMAGE
from tests.upstream.dataset_mutations.mutation import Change
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told

NOON = datetime.datetime.fromisoformat("2026-01-01 12:00")
PICTURE = {"bytes": scene.encoded(scene.picture(scene.CAMERAS[0], 0, 0)), "path": None}
NESTED = pa.list_(pa.list_(pa.float32()))
HUGE = 2**63 + 5


def _value(dtype: str) -> dict:
    return {"dtype": dtype, "_type": "Value"}


def _list(of: dict, **more: int) -> dict:
    return {"feature": of, "_type": "Sequence"} | more


def _add(
    name: str,
    cells: Callable[[int], list],
    kind: pa.DataType,
    told: object,
    episodes: Sequence[int] = edits.ALL,
    **declared: object,
) -> Change:
    """Another column: its cells by how many there are, its type, its word in the metadata, its entry in info.json."""
    added = edits.table(lambda old: old.append_column(name, pa.array(cells(len(old)), kind)), episodes)
    changes = [added]
    if told is not None:
        changes.append(edits.hf_metadata(lambda features: features.update({name: told}), episodes))
    if declared:
        entry = {"shape": [1], "names": None} | declared
        changes.append(edits.info(lambda value: value["features"].update({name: entry})))
    return edits.both(*changes)


def _all(cell: object) -> Callable[[int], list]:
    return lambda rows: [cell] * rows


def _of_ones(line: dict) -> dict:
    """Statistics of a column of ones, for an episode's line."""
    return {"min": [1.0], "max": [1.0], "mean": [1.0], "std": [0.0], "count": line["stats"]["action"]["count"]}


def _whole(name: str, episodes: Sequence[int]) -> Change:
    """Whole numbers in a list column of some episodes, with the metadata that says so."""

    def of(array: pa.Array) -> pa.Array:
        return pa.array([[round(n) for n in one] for one in array.to_pylist()], pa.list_(pa.int64(), len(scene.JOINTS)))

    changed = edits.column(name, of, episodes)
    said = _list(_value("int64"), length=len(scene.JOINTS))
    return edits.both(changed, edits.hf_metadata(lambda features: features.update({name: said}), episodes))


NO_TENSOR = (
    refused("more-clock", _add("when", _all(NOON), pa.timestamp("us"), _value("timestamp[us]"))),
    refused(
        "more-clock-declared",
        _add("when", _all(NOON), pa.timestamp("us"), _value("timestamp[us]"), dtype="timestamp[us]"),
    ),
    refused(
        "more-clock-declared-as-text",
        _add("when", _all(NOON), pa.timestamp("us"), _value("timestamp[us]"), dtype="string"),
    ),
    refused("more-date", _add("day", _all(NOON.date()), pa.date32(), _value("date32"))),
    refused("more-time-of-day", _add("at", _all(NOON.time()), pa.time64("us"), _value("time64[us]"))),
    refused("more-decimal", _add("x", _all(decimal.Decimal("1.5")), pa.decimal128(10, 2), _value("decimal128(10, 2)"))),
    refused("more-bytes", _add("raw", _all(b"ab"), pa.binary(), _value("binary"))),
    refused("more-bytes-in-one-frame", _add("raw", lambda n: [None] * (n - 1) + [b"x"], pa.binary(), _value("binary"))),
    refused("more-texts", _add("tags", _all(["a", "b"]), pa.list_(pa.string()), _list(_value("string")))),
    refused(
        "more-texts-declared",
        _add("tags", _all(["a", "b"]), pa.list_(pa.string(), 2), _list(_value("string"), length=2), dtype="string"),
    ),
    refused("more-structs", _add("boxes", _all([{"x": 1}]), pa.list_(pa.struct([("x", pa.int64())])), None)),
    refused("more-struct", _add("about", _all({"a": 1}), pa.struct([("a", pa.int64())]), {"a": _value("int64")})),
    refused("more-map", _add("map", _all([("a", 1)]), pa.map_(pa.string(), pa.int64()), None)),
    refused("more-nested-of-several-lengths", _add("x", _all([[1.0], [1.0, 2.0]]), NESTED, None)),
    refused("more-null-in-a-list", _add("x", _all([1.0, None]), pa.list_(pa.float32()), _list(_value("float32")))),
    refused("more-too-large", _add("ns", _all(HUGE), pa.uint64(), _value("uint64"))),
    refused("more-too-large-in-one-frame", _add("ns", lambda n: [1] * (n - 1) + [HUGE], pa.uint64(), _value("uint64"))),
    refused("more-too-large-in-lists", _add("ns", _all([1, HUGE]), pa.list_(pa.uint64()), None)),
    refused("more-too-large-declared", _add("ns", _all(HUGE), pa.uint64(), _value("uint64"), dtype="uint64")),
    refused("more-image-broken", _add("depth", _all({"bytes": b"nonsense", "path": None}), IMAGE, {"_type": "Image"})),
    refused("more-image-without-bytes", _add("depth", _all({"bytes": None, "path": None}), IMAGE, {"_type": "Image"})),
    refused(
        "more-image-broken-in-one-frame",
        _add("depth", lambda n: [PICTURE] * (n - 1) + [{"bytes": b"x", "path": None}], IMAGE, {"_type": "Image"}, (0,)),
    ),
)

READ = (
    told("more-null", _add("nothing", _all(None), pa.null(), _value("null"))),
    told("more-null-bytes", _add("raw", _all(None), pa.binary(), _value("binary"))),
    told("more-yes-or-no", _add("next.done", _all(cell=False), pa.bool_(), _value("bool"))),
    told("more-text", _add("note", _all("x"), pa.large_string(), _value("large_string"))),
    told("more-text-of-dictionary", _add("mode", _all("auto"), pa.dictionary(pa.int32(), pa.string()), None)),
    told(
        "more-of-several-lengths",
        _add("x", lambda n: [[1.0] * (at % 3) for at in range(n)], pa.list_(pa.float32()), _list(_value("float32"))),
    ),
    told("more-nested", _add("x", _all([[1.0, 2.0], [3.0, 4.0]]), NESTED, None)),
    told("more-texts-of-none", _add("tags", _all([]), pa.list_(pa.string()), _list(_value("string")))),
    told("more-clock-in-nanoseconds", _add("ns", _all(1764000000000000000), pa.uint64(), _value("uint64"))),
    told("more-image", _add("depth", _all(PICTURE), IMAGE, {"_type": "Image"})),
    told("more-image-null", _add("depth", _all(None), IMAGE, {"_type": "Image"})),
    told("more-nan", _add("observation.effort", _all(float("nan")), pa.float32(), _value("float32"))),
    told(
        "more-nan-declared",
        _add("observation.effort", _all(float("nan")), pa.float32(), _value("float32"), dtype="float32"),
    ),
    told("more-infinite-in-single", _add("x", _all(1e300), pa.float64(), _value("float64"), dtype="float64")),
    silent("more-null-numbers", _add("reward", _all(None), pa.float32(), _value("float32"))),
)

WITHOUT_WORDS = (
    # The metadata that is made anew can say nothing of these columns.
    refused(
        "more-dictionary-and-no-metadata",
        edits.both(
            _add("mode", _all("auto"), pa.dictionary(pa.int32(), pa.string()), None), edits.schema_metadata(None)
        ),
    ),
    refused(
        "more-null-dates-and-no-metadata",
        edits.both(_add("day", _all(None), pa.date32(), None), edits.schema_metadata(None)),
    ),
)

CALLED_IMAGE = (
    # LeRobot takes it for a camera by its name, and asks for statistics of three colours.
    harmless("more-called-image", _add("image_quality", _all(1.0), pa.float32(), _value("float32"), dtype="float32")),
    refused(
        "more-called-image-with-statistics",
        edits.both(
            _add("image_quality", _all(1.0), pa.float32(), _value("float32"), dtype="float32"),
            edits.lines(
                "episodes_stats",
                lambda old: [one["stats"].update(image_quality=_of_ones(one)) for one in old] and None,
            ),
        ),
    ),
)

LATER = (
    refused("state-whole-in-first", _whole("observation.state", (0,)), mended="observation.state"),
    refused("action-whole-in-first", _whole("action", (0,)), mended="action"),
    told("state-whole-in-later", _whole("observation.state", (1,)), "observation.state"),
    refused(
        "more-whole-in-first-declared",
        edits.both(
            _add("next.reward", _all(0), pa.int64(), _value("int64"), (0,)),
            _add("next.reward", _all(0.5), pa.float32(), _value("float32"), (1, 2), dtype="float32"),
        ),
    ),
    refused(
        "more-whole-in-first",
        edits.both(
            _add("next.reward", _all(0), pa.int64(), _value("int64"), (0,)),
            _add("next.reward", _all(0.5), pa.float32(), _value("float32"), (1, 2)),
        ),
    ),
    refused(
        "more-whole-in-first-and-nan-later",
        edits.both(
            _add("next.reward", _all(0), pa.int64(), _value("int64"), (0, 1)),
            _add("next.reward", _all(float("nan")), pa.float32(), _value("float32"), (2,), dtype="float32"),
        ),
    ),
    told(
        "more-whole-in-first-and-round-later",
        edits.both(
            _add("next.reward", _all(0), pa.int64(), _value("int64"), (0,)),
            _add("next.reward", _all(1.0), pa.float32(), _value("float32"), (1, 2), dtype="float32"),
        ),
    ),
    refused(
        "more-single-in-first-and-large-whole-later",
        edits.both(
            _add("count", _all(0.0), pa.float32(), _value("float32"), (0,)),
            _add("count", _all(2**24 + 1), pa.int64(), _value("int64"), (1, 2)),
        ),
    ),
    told(
        "more-yes-or-no-in-first",
        edits.both(
            _add("next.done", _all(cell=False), pa.bool_(), _value("bool"), (0, 2)),
            _add("next.done", _all(2), pa.int64(), _value("int64"), (1,)),
        ),
    ),
    refused("frame-index-halves-in-later", edits.column("frame_index", lambda a: pa.array([0.5] * len(a)), (1,))),
    refused(
        "index-narrow-in-first-and-large-later",
        edits.both(
            edits.cast("index", pa.int8(), (0,)),
            edits.column("index", lambda array: pa.array([one + 1000 for one in array.to_pylist()]), (2,)),
        ),
    ),
    refused(
        "task-index-halves-in-later",
        edits.column("task_index", lambda array: pa.array([0.5] * len(array)), (1,)),
    ),
    told(
        "more-text-in-first-and-numbers-later",
        edits.both(
            _add("note", _all("x"), pa.string(), _value("string"), (0,)),
            _add("note", _all(1), pa.int64(), _value("int64"), (1, 2)),
        ),
    ),
    refused(
        "more-text-in-first-null",
        edits.both(
            _add("note", _all(None), pa.null(), _value("null"), (0,)),
            _add("note", _all("x"), pa.string(), _value("string"), (1, 2)),
        ),
    ),
)

MUTATIONS = NO_TENSOR + READ + WITHOUT_WORDS + CALLED_IMAGE + LATER
