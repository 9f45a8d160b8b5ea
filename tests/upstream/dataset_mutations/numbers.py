"""Changes of states and actions: what LeRobot reads as well as anything, and a robot should not learn from."""

import numpy as np
import pyarrow as pa

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told

STATE = "observation.state"


def _values(name, of, episodes=(0,)):
    """Other numbers: a function of the old ones, float32[T, 4]."""

    def change(array: pa.Array) -> list:
        return list(np.asarray(of(np.array(array.to_pylist(), np.float32)), np.float32))

    return edits.column(name, change, episodes)


def _set(values, at, value):
    values[at] = value
    return values


def _of_before(states: pa.ChunkedArray) -> pa.ChunkedArray:
    """The state of the frame before; the first of an episode gets the last, as np.roll has it."""
    return states.take(pa.array(np.roll(np.arange(len(states)), 1)))


MUTATIONS = (
    silent("state-nan", _values(STATE, lambda v: _set(v, (2, 1), np.nan)), STATE),
    silent("state-infinite", _values(STATE, lambda v: _set(v, (2, 1), np.inf)), STATE),
    silent("state-all-nan", _values(STATE, lambda v: v * np.nan, edits.ALL), STATE),
    silent("action-nan", _values("action", lambda v: _set(v, (2, 1), np.nan)), "action"),
    silent("action-minus-infinite", _values("action", lambda v: _set(v, (4, 0), -np.inf), (2,)), "action"),
    silent(
        "state-infinite-in-single",
        edits.both(
            edits.cast(STATE, pa.list_(pa.float64(), 4)), edits.cells(STATE, {2: lambda old: [old[0], 1e300, *old[2:]]})
        ),
        STATE,
    ),
    silent(
        "action-infinite-in-single",
        edits.both(
            edits.cast("action", pa.list_(pa.float64(), 4)),
            edits.cells("action", {2: lambda old: [-1e39, *old[1:]]}),
        ),
        "action",
    ),
    told("state-largest-of-single", _values(STATE, lambda v: _set(v, (2, 1), 3.4e38)), STATE),
    told("state-least-of-single", _values(STATE, lambda v: _set(v, (2, 1), 1e-42)), STATE),
    told("state-constant", _values(STATE, lambda v: _set(v, (slice(None), 1), 3.0), edits.ALL), STATE),
    told(
        "state-nearly-constant",
        _values(STATE, lambda v: _set(v, (slice(None), 1), 3.0 + 1e-6 * np.arange(len(v))), edits.ALL),
        STATE,
    ),
    told("action-constant", _values("action", lambda v: _set(v, (slice(None), 3), 0.0), edits.ALL), "action"),
    told("action-zero", _values("action", lambda v: v * 0, edits.ALL), "action"),
    told("state-jumps", _values(STATE, lambda v: _set(v, (2, 0), 4000.0)), STATE),
    told("action-jumps", _values("action", lambda v: _set(v, (2, 0), -4000.0)), "action"),
    told("action-is-the-same-state", edits.table(lambda old: old.set_column(1, "action", old.column(STATE))), "action"),
    silent(
        "action-of-the-frame-before",
        edits.table(lambda old: old.set_column(1, old.schema.field("action"), _of_before(old.column(STATE)))),
        "action",
    ),
    told("action-one-late", _values("action", lambda v: np.concatenate([v[1:], v[-1:]]), edits.ALL), "action"),
    told("action-of-another-episode-at-the-end", _values("action", lambda v: _set(v, -1, v[-1] + 400)), "action"),
    told("action-of-other-units", _values("action", lambda v: v * np.pi / 180, edits.ALL), "action"),
    harmless("numbers-minus-zero", _values(STATE, lambda v: _set(v, (2, 1), -0.0)), alters=STATE),
)
