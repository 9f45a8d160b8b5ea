"""Changes of the type of a camera's column: `struct<bytes: binary, path: string>`, and little else will do."""

import pyarrow as pa

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.scene import CAMERAS

SCENE = CAMERAS[0]
BYTES, PATH = pa.field("bytes", pa.binary()), pa.field("path", pa.string())


def _camera(*fields, of=None, episodes=edits.ALL):
    """The scene's cells as another struct; `of` makes a cell from the old one."""
    of = of or (lambda old: old)
    return edits.column(
        SCENE, lambda array: pa.array([of(one) for one in array.to_pylist()], pa.struct(fields)), episodes
    )


MUTATIONS = (
    refused("camera-path-first", _camera(PATH, BYTES)),
    harmless("camera-path-first-in-later", _camera(PATH, BYTES, episodes=(1, 2))),
    refused("camera-more-children", _camera(BYTES, PATH, pa.field("height", pa.int64()))),
    refused("camera-without-path", _camera(BYTES)),
    refused("camera-without-bytes", _camera(PATH)),
    refused("camera-large-binary", _camera(pa.field("bytes", pa.large_binary()), PATH)),
    refused("camera-large-string", _camera(BYTES, pa.field("path", pa.large_string()))),
    refused("camera-bytes-not-nullable", _camera(pa.field("bytes", pa.binary(), nullable=False), PATH)),
    refused(
        "camera-other-names",
        _camera(pa.field("data", pa.binary()), PATH, of=lambda old: {"data": old["bytes"], "path": None}),
    ),
    refused(
        "camera-other-names-in-later",
        _camera(
            pa.field("data", pa.binary()), PATH, of=lambda old: {"data": old["bytes"], "path": None}, episodes=(1,)
        ),
    ),
    refused("camera-without-bytes-in-later", _camera(PATH, episodes=(2,))),
    refused("camera-without-bytes-in-first", _camera(PATH, episodes=(0,))),
    harmless("camera-more-children-in-later", _camera(BYTES, PATH, pa.field("height", pa.int64()), episodes=(1,))),
    harmless("camera-without-path-in-later", _camera(BYTES, episodes=(1,))),
    harmless("camera-large-in-later", _camera(pa.field("bytes", pa.large_binary()), PATH, episodes=(1,))),
    harmless(
        "camera-only-bytes-in-later",
        edits.column(SCENE, lambda array: pa.array([one["bytes"] for one in array.to_pylist()], pa.binary()), (1,)),
    ),
    refused(
        "camera-only-bytes-in-first",
        edits.column(SCENE, lambda array: pa.array([one["bytes"] for one in array.to_pylist()], pa.binary()), (0,)),
    ),
    refused(
        "camera-only-path-in-later",
        edits.column(SCENE, lambda array: pa.array(["a.jpg"] * len(array), pa.string()), (1,)),
    ),
    refused(
        "camera-only-bytes",
        edits.column(SCENE, lambda array: pa.array([one["bytes"] for one in array.to_pylist()], pa.binary())),
    ),
    silent(
        "camera-of-numbers",
        edits.column(SCENE, lambda array: pa.array([[1, 2, 3]] * len(array), pa.list_(pa.uint8()))),
        SCENE,
    ),
    silent("camera-of-text", edits.column(SCENE, lambda array: pa.array(["a.jpg"] * len(array), pa.string())), SCENE),
    harmless(
        "camera-path-filled",
        edits.images(SCENE, lambda old, at: old | {"path": f"frame_{at:06d}.jpg"}, edits.ALL, range(4)),
    ),
)
