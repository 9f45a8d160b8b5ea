"""Changes of the times of frames."""

import pathlib
import shutil

import numpy as np
import pyarrow as pa

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import told


def _times(of, episodes=(0,), dtype=np.float32):
    """Other times: a function of the old ones, as doubles."""
    return edits.column(
        "timestamp", lambda array: pa.array(np.asarray(of(array.to_numpy().astype(float)), dtype)), episodes
    )


def _long(root: pathlib.Path) -> None:
    """One episode of more than 2,048 seconds, where a float32 no longer holds a tenth of a second well enough."""
    shutil.rmtree(root)
    write_by_the_guide(root, (20_600,), one_image=True)


_SHUFFLED = edits.table(lambda old: old.take(pa.array([3, 0, 4, 1, 2])), (0,))

MUTATIONS = (
    refused("time-jitter", _times(lambda t: t + np.array([0, 0, 3e-4, 0, 0]))),
    harmless("time-jitter-within-tolerance", _times(lambda t: t + np.array([0, 0, 5e-5, 0, 0])), "timestamp"),
    refused("time-stands-still", _times(lambda t: t * 0)),
    refused("time-backwards", _times(lambda t: t[::-1])),
    refused("time-of-shuffled-rows", _SHUFFLED),
    refused(
        "time-of-shuffled-rows-that-are-not-counted",
        edits.both(_SHUFFLED, edits.column("frame_index", lambda old: pa.array([0] * len(old)), (0,))),
    ),
    refused("time-twice-the-same", _times(lambda t: [0.0, 0.1, 0.1, 0.2, 0.3])),
    refused("time-gap", _times(lambda t: [0.0, 0.1, 0.3, 0.4, 0.5])),
    refused("time-gap-in-last", _times(lambda t: [0.0, 0.1, 0.2, 0.3, 0.5], (2,))),
    refused("time-in-milliseconds", _times(lambda t: t * 1000, edits.ALL)),
    refused("time-of-day", _times(lambda t: t + 1.7e9, edits.ALL)),
    refused("time-of-day-in-doubles", _times(lambda t: t + 1.7e9, edits.ALL, np.float64)),
    refused("time-nan", _times(lambda t: [0.0, 0.1, np.nan, 0.3, 0.4])),
    refused("time-infinite", _times(lambda t: [0.0, 0.1, 0.2, 0.3, np.inf])),
    refused("time-of-other-rate", _times(lambda t: t / 3, edits.ALL)),
    refused("time-of-other-rate-in-one", _times(lambda t: t / 3, (1,))),
    told("time-not-from-zero", _times(lambda t: t + 5, edits.ALL), "timestamp"),
    told("time-not-from-zero-in-one", _times(lambda t: t + 0.1, (1,)), "timestamp"),
    told(
        "time-over-all-episodes",
        edits.both(_times(lambda t: t + 0.5, (1,)), _times(lambda t: t + 0.9, (2,))),
        "timestamp",
    ),
    told("time-negative", _times(lambda t: t - 0.5), "timestamp"),
    harmless(
        "time-added-up", _times(lambda t: np.cumsum(np.full(5, 0.1, np.float32)) - np.float32(0.1)), alters="timestamp"
    ),
    refused("time-of-a-long-episode", _long),
)
