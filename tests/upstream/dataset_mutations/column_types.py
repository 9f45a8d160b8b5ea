"""Changes of the types of columns of numbers, and nulls in them."""

import pyarrow as pa

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told

STATE = "observation.state"


def _described(change, name, value):
    return edits.both(change, edits.hf_metadata(lambda features: features.update({name: value})))


def _sequence(dtype, length=4):
    return {"feature": {"dtype": dtype, "_type": "Value"}, "length": length, "_type": "Sequence"}


NUMBERS = (
    harmless("state-list-without-length", edits.cast(STATE, pa.list_(pa.float32()))),
    harmless("state-large-list", edits.cast(STATE, pa.large_list(pa.float32()))),
    told("state-double", edits.cast(STATE, pa.list_(pa.float64(), 4))),
    told(
        "state-double-described", _described(edits.cast(STATE, pa.list_(pa.float64(), 4)), STATE, _sequence("float64"))
    ),
    told(
        "state-half",
        _described(
            edits.column(STATE, lambda array: array.cast(pa.list_(pa.float16(), 4))), STATE, _sequence("float16")
        ),
        STATE,
    ),
    told(
        "state-whole-numbers",
        _described(
            edits.column(
                STATE,
                lambda array: pa.array([[round(n) for n in one] for one in array.to_pylist()], pa.list_(pa.int64(), 4)),
            ),
            STATE,
            _sequence("int64"),
        ),
        STATE,
    ),
    silent("state-text", edits.column(STATE, lambda array: pa.array([str(one) for one in array.to_pylist()])), STATE),
    silent(
        "state-one-number",
        edits.column(STATE, lambda array: pa.array([one[0] for one in array.to_pylist()], pa.float32())),
        STATE,
    ),
    silent(
        "state-three-numbers",
        edits.column(STATE, lambda array: pa.array([one[:3] for one in array.to_pylist()], pa.list_(pa.float32(), 3))),
        STATE,
    ),
    silent(
        "state-three-numbers-described",
        _described(
            edits.column(
                STATE, lambda array: pa.array([one[:3] for one in array.to_pylist()], pa.list_(pa.float32(), 3))
            ),
            STATE,
            _sequence("float32", 3),
        ),
        STATE,
    ),
    silent(
        "state-three-numbers-once",
        edits.both(edits.cast(STATE, pa.list_(pa.float32())), edits.cells(STATE, {2: [1.0, 2.0, 3.0]})),
        STATE,
    ),
    refused(
        "state-three-numbers-in-later",
        edits.column(
            STATE, lambda array: pa.array([one[:3] for one in array.to_pylist()], pa.list_(pa.float32(), 3)), (2,)
        ),
    ),
    silent(
        "state-in-lists",
        edits.column(
            STATE, lambda array: pa.array([[one] for one in array.to_pylist()], pa.list_(pa.list_(pa.float32())))
        ),
        STATE,
    ),
    refused(
        "state-as-struct",
        edits.column(STATE, lambda array: pa.array([dict(zip("abcd", one, strict=True)) for one in array.to_pylist()])),
    ),
    silent("state-null", edits.both(edits.cast(STATE, pa.list_(pa.float32())), edits.cells(STATE, {2: None})), STATE),
    refused("state-null-in-last", edits.cells(STATE, {4: None}, (2,))),
    refused("state-null-number", edits.cells(STATE, {2: [1.0, None, 2.0, 3.0]})),
    refused("action-null", edits.both(edits.cast("action", pa.list_(pa.float32())), edits.cells("action", {2: None}))),
    refused("action-null-in-last", edits.cells("action", {4: None}, (2,))),
)

INDICES = (
    harmless("timestamp-double", edits.cast("timestamp", pa.float64())),
    told(
        "timestamp-double-described",
        _described(edits.cast("timestamp", pa.float64()), "timestamp", {"dtype": "float64", "_type": "Value"}),
    ),
    refused(
        "timestamp-text", edits.column("timestamp", lambda array: pa.array([str(one) for one in array.to_pylist()]))
    ),
    refused("timestamp-half", edits.column("timestamp", lambda array: array.cast(pa.float16()))),
    refused(
        "timestamp-of-clock",
        _described(
            edits.column(
                "timestamp", lambda array: pa.array([int(one * 1000) for one in array.to_pylist()], pa.timestamp("ms"))
            ),
            "timestamp",
            {"dtype": "timestamp[ms]", "_type": "Value"},
        ),
    ),
    harmless("frame-index-narrow", edits.cast("frame_index", pa.int32())),
    harmless("episode-index-narrow", edits.cast("episode_index", pa.uint8())),
    harmless("index-narrow", edits.cast("index", pa.int32())),
    told(
        "task-index-narrow-described",
        _described(edits.cast("task_index", pa.int32()), "task_index", {"dtype": "int32", "_type": "Value"}),
    ),
    told(
        "frame-index-fraction-described",
        _described(
            edits.column("frame_index", lambda array: array.cast(pa.float32())),
            "frame_index",
            {"dtype": "float32", "_type": "Value"},
        ),
        "frame_index",
    ),
    refused(
        "episode-index-fraction-described",
        _described(
            edits.column("episode_index", lambda array: array.cast(pa.float32())),
            "episode_index",
            {"dtype": "float32", "_type": "Value"},
        ),
    ),
    refused(
        "task-index-text-described",
        _described(
            edits.column("task_index", lambda array: array.cast(pa.string())),
            "task_index",
            {"dtype": "string", "_type": "Value"},
        ),
    ),
    refused("timestamp-null", edits.cells("timestamp", {2: None})),
    refused("episode-index-null-row", edits.cells("episode_index", {2: None})),
    refused("task-index-null-row", edits.cells("task_index", {2: None})),
    silent("frame-index-null-row", edits.cells("frame_index", {2: None}), "frame_index"),
    silent("index-null-row", edits.cells("index", {2: None}), "index"),
    refused(
        "timestamp-in-lists",
        edits.column(
            "timestamp", lambda array: pa.array([[one] for one in array.to_pylist()], pa.list_(pa.float32(), 1))
        ),
    ),
)

MUTATIONS = NUMBERS + INDICES
