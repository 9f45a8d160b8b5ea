"""Changes of which columns the parquet files have, and in which order."""

import pyarrow as pa

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told
from tests.upstream.dataset_mutations.scene import CAMERAS

WRIST = CAMERAS[1]
STATE = "observation.state"


def _drop(name, episodes=edits.ALL, *, metadata=True):
    dropped = edits.table(lambda old: old.drop_columns([name]), episodes)
    return (
        edits.both(dropped, edits.hf_metadata(lambda features: features.pop(name), episodes)) if metadata else dropped
    )


def _drop_everywhere(name):
    return edits.both(_drop(name), edits.info(lambda value: value["features"].pop(name)))


def _add(name, episodes, *, metadata=True):
    added = edits.table(lambda old: old.append_column(name, pa.array([0.5] * len(old), pa.float32())), episodes)
    described = edits.hf_metadata(
        lambda features: features.update({name: {"dtype": "float32", "_type": "Value"}}), episodes
    )
    return edits.both(added, described) if metadata else added


MUTATIONS = (
    refused("column-timestamp-missing", _drop_everywhere("timestamp")),
    refused("column-episode-index-missing", _drop_everywhere("episode_index")),
    refused("column-task-index-missing", _drop_everywhere("task_index")),
    refused("column-action-missing", _drop_everywhere("action")),
    silent("column-state-missing", _drop(STATE), STATE),
    told("column-frame-index-missing", _drop("frame_index"), "frame_index"),
    told("column-index-missing", _drop("index"), "index"),
    silent("column-camera-missing", _drop(WRIST), WRIST),
    silent("column-missing-but-described", _drop(STATE, metadata=False), STATE),
    silent("column-state-missing-in-later", _drop(STATE, (2,)), STATE),
    silent("column-camera-missing-in-later", _drop(WRIST, (1,)), WRIST),
    refused("column-action-missing-in-later", _drop("action", (1,))),
    refused("column-state-missing-in-first", _drop(STATE, (0,))),
    refused("column-more-in-later", _add("effort", (1,))),
    refused("column-more-in-later-not-described", _add("effort", (1,), metadata=False)),
    told("column-more", _add("effort", edits.ALL)),
    told("column-more-not-described", _add("effort", edits.ALL, metadata=False)),
    refused("column-twice", edits.table(lambda old: old.append_column("action", old.column("action")))),
    told(
        "column-of-pandas-index",
        edits.table(lambda old: old.append_column("__index_level_0__", old.column("frame_index"))),
    ),
    harmless("columns-in-other-order", edits.table(lambda old: old.select(old.column_names[::-1]))),
    harmless("columns-in-other-order-in-later", edits.table(lambda old: old.select(old.column_names[::-1]), (1, 2))),
    told(
        "column-renamed",
        edits.both(
            edits.table(
                lambda old: old.rename_columns(["state", *old.column_names[1:]]).replace_schema_metadata(
                    old.schema.metadata
                )
            ),
            edits.hf_metadata(lambda features: features.update({"state": features.pop(STATE)})),
        ),
        STATE,
    ),
)
