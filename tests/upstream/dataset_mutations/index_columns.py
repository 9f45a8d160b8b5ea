"""Changes of the numbers that say which episode, frame and task a row belongs to."""

import pyarrow as pa

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told


def _numbers(name, of, episodes=(0,)):
    return edits.column(name, lambda array: pa.array([of(one) for one in array.to_pylist()], array.type), episodes)


MUTATIONS = (
    silent("episode-index-of-another", _numbers("episode_index", lambda one: 1), "action action_is_pad episode_index"),
    silent("episode-index-of-another-once", edits.cells("episode_index", {2: 1}), "action action_is_pad episode_index"),
    silent(
        "episode-index-all-zero",
        _numbers("episode_index", lambda one: 0, edits.ALL),
        "action action_is_pad episode_index",
    ),
    silent("episode-index-negative", _numbers("episode_index", lambda one: -1), "action action_is_pad episode_index"),
    refused("episode-index-from-one", _numbers("episode_index", lambda one: one + 1, edits.ALL)),
    refused("episode-index-too-large", _numbers("episode_index", lambda one: 7, (2,))),
    told("frame-index-from-one", _numbers("frame_index", lambda one: one + 1), "frame_index"),
    told("frame-index-all-zero", _numbers("frame_index", lambda one: 0, edits.ALL), "frame_index"),
    told("frame-index-over-all-episodes", _numbers("frame_index", lambda one: one + 5, (1,)), "frame_index"),
    told("frame-index-with-gap", edits.cells("frame_index", {4: 9}), "frame_index"),
    told("index-from-zero-in-each", _numbers("index", lambda one: one - 5, (1,)), "index"),
    told("index-all-zero", _numbers("index", lambda one: 0, edits.ALL), "index"),
    told("index-with-gap", _numbers("index", lambda one: one + 100, (2,)), "index"),
    told("index-twice", edits.cells("index", {3: 2}), "index"),
    refused("task-index-of-row-unknown", edits.cells("task_index", {2: 7})),
    refused("task-index-of-row-negative", edits.cells("task_index", {2: -1})),
    told("task-index-of-another", _numbers("task_index", lambda one: 0, (1,)), "task_index task"),
    told("task-index-of-another-once", edits.cells("task_index", {2: 1}), "task_index task"),
)
