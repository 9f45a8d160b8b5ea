"""Changes of the parquet files' schema metadata, by which `datasets` knows the columns."""

import json

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.scene import CAMERAS
from tests.upstream.dataset_mutations.scene import JOINTS

SCENE, WRIST = CAMERAS
VALUE = {"dtype": "float32", "_type": "Value"}


def _sets(name, value, episodes=edits.ALL):
    return edits.hf_metadata(lambda features: features.update({name: value}), episodes)


def _drops(name, episodes=edits.ALL):
    return edits.hf_metadata(lambda features: features.pop(name), episodes)


def _as_list(kind):
    return edits.hf_metadata(
        lambda features: [
            features.update({name: {"feature": VALUE, "length": len(JOINTS), "_type": kind}})
            for name in ("observation.state", "action")
        ]
    )


MUTATIONS = (
    refused("metadata-none", edits.schema_metadata(None)),
    refused("metadata-none-in-first", edits.schema_metadata(None, (0,))),
    harmless("metadata-none-in-later", edits.schema_metadata(None, (1, 2))),
    refused(
        "metadata-of-pandas-only", edits.schema_metadata({"pandas": json.dumps({"index_columns": [], "columns": []})})
    ),
    refused("metadata-not-json", edits.schema_metadata({"huggingface": "{"})),
    refused("metadata-empty-text", edits.schema_metadata({"huggingface": ""})),
    refused("metadata-empty-object", edits.schema_metadata({"huggingface": "{}"})),
    refused("metadata-info-null", edits.schema_metadata({"huggingface": '{"info": null}'})),
    refused("metadata-features-null", edits.schema_metadata({"huggingface": '{"info": {"features": null}}'})),
    refused("metadata-features-empty", edits.schema_metadata({"huggingface": '{"info": {"features": {}}}'})),
    refused("metadata-without-camera", _drops(SCENE)),
    harmless("metadata-without-state", _drops("observation.state")),
    harmless("metadata-without-timestamp", _drops("timestamp")),
    harmless("metadata-without-camera-in-later", _drops(SCENE, (2,))),
    harmless("metadata-of-more-columns", _sets("effort", VALUE)),
    refused("metadata-camera-not-decoded", _sets(SCENE, {"_type": "Image", "decode": False})),
    refused(
        "metadata-camera-as-struct",
        _sets(SCENE, {"bytes": {"dtype": "binary", "_type": "Value"}, "path": {"dtype": "string", "_type": "Value"}}),
    ),
    refused("metadata-camera-as-bytes", _sets(SCENE, {"dtype": "binary", "_type": "Value"})),
    refused("metadata-camera-of-unknown-kind", _sets(SCENE, {"_type": "Picture"})),
    silent("metadata-camera-grey", _sets(SCENE, {"_type": "Image", "mode": "L"}), SCENE),
    harmless("metadata-camera-mode", _sets(SCENE, {"_type": "Image", "mode": "RGB"})),
    harmless("metadata-state-as-image", _sets("observation.state", {"_type": "Image"})),
    refused("metadata-list-of-datasets-4", _as_list("List")),
    refused("metadata-value-without-dtype", _sets("timestamp", {"_type": "Value"})),
    refused("metadata-value-of-unknown-dtype", _sets("timestamp", {"dtype": "float33", "_type": "Value"})),
    refused("metadata-sequence-without-feature", _sets("action", {"length": 4, "_type": "Sequence"})),
    refused("metadata-array-without-shape", _sets("action", {"dtype": "float32", "_type": "Array2D"})),
    harmless("metadata-value-with-more-words", _sets("timestamp", VALUE | {"unit": "s"})),
    refused(
        "metadata-sequence-with-more-words",
        _sets("action", {"feature": VALUE, "length": 4, "of": "joints", "_type": "Sequence"}),
    ),
    refused("metadata-without-type", _sets("timestamp", {"dtype": "float32"})),
    harmless("metadata-camera-with-more-words", _sets(SCENE, {"_type": "Image", "quality": 60})),
    refused("metadata-camera-of-unknown-mode", _sets(SCENE, {"_type": "Image", "mode": "RGBX9"})),
    silent("metadata-camera-with-alpha", _sets(SCENE, {"_type": "Image", "mode": "RGBA"}), SCENE),
    refused("metadata-large-list", _as_list("LargeList")),
    harmless(
        "metadata-state-of-other-length",
        _sets("observation.state", {"feature": VALUE, "length": 7, "_type": "Sequence"}),
    ),
    harmless("metadata-state-of-no-length", _sets("observation.state", {"feature": VALUE, "_type": "Sequence"})),
    harmless(
        "metadata-state-double",
        _sets(
            "observation.state", {"feature": {"dtype": "float64", "_type": "Value"}, "length": 4, "_type": "Sequence"}
        ),
    ),
    harmless(
        "metadata-state-whole-numbers",
        _sets("observation.state", {"feature": {"dtype": "int64", "_type": "Value"}, "length": 4, "_type": "Sequence"}),
    ),
    harmless(
        "metadata-state-half",
        _sets(
            "observation.state", {"feature": {"dtype": "float16", "_type": "Value"}, "length": 4, "_type": "Sequence"}
        ),
    ),
    harmless("metadata-index-narrower", _sets("frame_index", {"dtype": "int32", "_type": "Value"})),
    harmless("metadata-timestamp-text", _sets("timestamp", {"dtype": "string", "_type": "Value"})),
    harmless("metadata-timestamp-half", _sets("timestamp", {"dtype": "float16", "_type": "Value"})),
    harmless("metadata-timestamp-double", _sets("timestamp", {"dtype": "float64", "_type": "Value"})),
    harmless("metadata-task-as-class", _sets("task_index", {"names": ["a", "b"], "_type": "ClassLabel"})),
    harmless(
        "metadata-differs-in-later",
        _sets("observation.state", {"feature": VALUE, "length": 7, "_type": "Sequence"}, (2,)),
    ),
    harmless(
        "metadata-more-keys",
        edits.table(lambda old: old.replace_schema_metadata(old.schema.metadata | {b"made by": b"hand"})),
    ),
    harmless(
        "metadata-fingerprint",
        edits.table(
            lambda old: old.replace_schema_metadata(
                {"huggingface": json.dumps(json.loads(old.schema.metadata[b"huggingface"]) | {"fingerprint": "0f"})}
            )
        ),
    ),
    harmless(
        "metadata-other-order",
        edits.hf_metadata(
            lambda features: [features.update({name: features.pop(name)}) for name in ("action", "observation.state")]
        ),
    ),
)
