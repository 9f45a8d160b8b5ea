"""Changes of meta/info.json."""

import json

from tests.upstream.dataset_mutations import by_the_guide
from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import told
from tests.upstream.dataset_mutations.scene import CAMERAS
from tests.upstream.dataset_mutations.scene import HEIGHT
from tests.upstream.dataset_mutations.scene import WIDTH

INFO = "meta/info.json"
CHUNK_INDEX = "data/chunk-{chunk_index:03d}/episode_{episode_index:06d}.parquet"
VIDEO_PATH = "videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4"
TALL = {"shape": [HEIGHT, WIDTH, 3], "names": ["height", "width", "channels"]}


def _drop_feature(name: str):
    return edits.info(lambda value: value["features"].pop(name))


def _drop_from_feature(name: str, key: str):
    return edits.info(lambda value: value["features"][name].pop(key))


FILE = (
    refused("info-missing", edits.removed(INFO)),
    refused("info-empty", edits.content(INFO, lambda old: b"")),
    refused("info-torn", edits.content(INFO, lambda old: old[: len(old) // 2])),
    refused("info-array", edits.content(INFO, lambda old: b"[" + old + b"]")),
    refused("info-null", edits.content(INFO, lambda old: b"null")),
    refused("info-byte-order-mark", edits.content(INFO, lambda old: b"\xef\xbb\xbf" + old)),
    refused("info-latin-1", edits.content(INFO, lambda old: old.replace(b"your_robot", b"caf\xe9"))),
    refused("info-utf-16", edits.content(INFO, lambda old: old.decode().encode("utf-16"))),
    refused("info-trailing-comma", edits.content(INFO, lambda old: old.rstrip()[:-1] + b",}")),
    refused("info-comment", edits.content(INFO, lambda old: b"// made by hand\n" + old)),
    refused("info-twice", edits.content(INFO, lambda old: old + old)),
    refused("info-folder", edits.both(edits.removed(INFO), edits.added(INFO + "/x"))),
    harmless("info-one-line", edits.content(INFO, lambda old: json.dumps(json.loads(old)).encode())),
    harmless("info-other-order", edits.content(INFO, lambda old: json.dumps(json.loads(old), sort_keys=True).encode())),
    harmless("info-windows-lines", edits.content(INFO, lambda old: old.replace(b"\n", b"\r\n"))),
    harmless("info-more-keys", edits.info_with(note="made by hand", total_videos=0, total_chunks=1)),
    harmless("info-key-twice", edits.content(INFO, lambda old: old.replace(b'"fps"', b'"fps": 50, "fps"'))),
)

VERSION = (
    refused("version-missing", edits.info_without("codebase_version")),
    refused("version-null", edits.info_with(codebase_version=None)),
    refused("version-number", edits.info_with(codebase_version=2.1)),
    refused("version-no-version", edits.info_with(codebase_version="latest")),
    refused("version-1.6", edits.info_with(codebase_version="v1.6")),
    told("version-2.0", edits.info_with(codebase_version="v2.0")),
    harmless("version-2.2", edits.info_with(codebase_version="v2.2")),
    told("version-3.0", edits.info_with(codebase_version="v3.0")),
    told("version-release-candidate", edits.info_with(codebase_version="v2.1rc1")),
    told("version-beta", edits.info_with(codebase_version="v2.1-beta")),
    told("version-local", edits.info_with(codebase_version="v2.1+mine")),
    refused("version-with-words", edits.info_with(codebase_version="v2.1 of mine")),
    refused("version-1.9-candidate", edits.info_with(codebase_version="v1.9rc1")),
    told("version-of-two-numbers-and-more", edits.info_with(codebase_version="v2.1.post1")),
    harmless("version-upper-case", edits.info_with(codebase_version=" V2.1 ")),
    harmless("version-without-v", edits.info_with(codebase_version="2.1")),
)

TOTALS = (
    refused("total-episodes-missing", edits.info_without("total_episodes")),
    refused("total-episodes-null", edits.info_with(total_episodes=None)),
    refused("total-episodes-text", edits.info_with(total_episodes="3")),
    refused("total-episodes-fraction", edits.info_with(total_episodes=3.0)),
    refused("total-episodes-one-more", edits.info_with(total_episodes=4)),
    told("total-episodes-true", edits.info_with(total_episodes=True)),
    told("total-episodes-one-less", edits.info_with(total_episodes=2)),
    told("total-episodes-zero", edits.info_with(total_episodes=0)),
    told("total-episodes-negative", edits.info_with(total_episodes=-3)),
    told("total-frames-wrong", edits.info_with(total_frames=15)),
    told("total-frames-missing", edits.info_without("total_frames")),
    told("total-frames-text", edits.info_with(total_frames="14")),
    told("total-tasks-wrong", edits.info_with(total_tasks=1)),
    told("total-tasks-missing", edits.info_without("total_tasks")),
    told("total-chunks-wrong", edits.info_with(total_chunks=7)),
    told("total-videos-wrong", edits.info_with(total_videos=6)),
    told("splits-missing", edits.info_without("splits")),
    told("splits-too-short", edits.info_with(splits={"train": "0:2"})),
    told("splits-too-long", edits.info_with(splits={"train": "0:30"})),
    told("splits-null", edits.info_with(splits=None)),
    told("splits-list", edits.info_with(splits=["train"])),
    harmless("robot-type-missing", edits.info_without("robot_type")),
    harmless("robot-type-null", edits.info_with(robot_type=None)),
)

PATHS = (
    refused("data-path-missing", edits.info_without("data_path")),
    refused("data-path-null", edits.info_with(data_path=None)),
    refused("data-path-chunk-index", edits.info_with(data_path=CHUNK_INDEX)),
    refused("data-path-unknown-key", edits.info_with(data_path="data/{robot}/episode_{episode_index:06d}.parquet")),
    refused("data-path-not-closed", edits.info_with(data_path="data/chunk-{episode_chunk:03d/episode.parquet")),
    refused("data-path-less-padding", edits.info_with(data_path=by_the_guide.DATA_PATH.replace("06d", "05d"))),
    refused("data-path-very-wide", edits.info_with(data_path=by_the_guide.DATA_PATH.replace("06d", "05000d"))),
    refused("data-path-other-folder", edits.info_with(data_path="episodes" + by_the_guide.DATA_PATH[4:])),
    refused(
        "data-path-of-shards", edits.info_with(data_path="data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet")
    ),
    refused(
        "data-path-v1-total",
        edits.info_with(data_path="data/train-{episode_index:05d}-of-{total_episodes:05d}.parquet"),
    ),
    harmless(
        "data-path-fixed-chunk", edits.info_with(data_path=by_the_guide.DATA_PATH.replace("{episode_chunk:03d}", "000"))
    ),
    harmless("data-path-with-dot", edits.info_with(data_path="./" + by_the_guide.DATA_PATH)),
    harmless("video-path-null", edits.info_with(video_path=None)),
    harmless("video-path-there", edits.info_with(video_path=VIDEO_PATH)),
    refused("chunks-size-missing", edits.info_without("chunks_size")),
    refused("chunks-size-null", edits.info_with(chunks_size=None)),
    refused("chunks-size-text", edits.info_with(chunks_size="1000")),
    refused("chunks-size-fraction", edits.info_with(chunks_size=1000.0)),
    refused("chunks-size-zero", edits.info_with(chunks_size=0)),
    refused("chunks-size-too-small", edits.info_with(chunks_size=2)),
    refused("chunks-size-negative", edits.info_with(chunks_size=-1000)),
    harmless("chunks-size-other", edits.info_with(chunks_size=10)),
)

RATE = (
    refused("fps-missing", edits.info_without("fps")),
    refused("fps-null", edits.info_with(fps=None)),
    refused("fps-text", edits.info_with(fps="10")),
    refused("fps-zero", edits.info_with(fps=0)),
    refused("fps-negative", edits.info_with(fps=-10)),
    refused("fps-true", edits.info_with(fps=True)),
    refused("fps-nan", edits.info_with(fps=float("nan"))),
    refused("fps-other", edits.info_with(fps=30)),
    refused("fps-a-little-off", edits.info_with(fps=10.05)),
    harmless("fps-within-tolerance", edits.info_with(fps=10.005)),
    harmless("fps-fraction", edits.info_with(fps=10.0)),
)

FEATURES = (
    refused("features-missing", edits.info_without("features")),
    refused("features-null", edits.info_with(features=None)),
    refused("features-list", edits.info(lambda value: value.update(features=list(value["features"].items())))),
    told("features-empty", edits.info_with(features={})),
    refused("feature-null", edits.info(lambda value: value["features"].update(action=None))),
    refused("feature-dtype-missing", _drop_from_feature("action", "dtype")),
    refused("feature-shape-missing", _drop_from_feature("action", "shape")),
    refused("feature-shape-null", edits.feature("action", shape=None)),
    refused("feature-shape-number", edits.feature("action", shape=4)),
    told("feature-shape-text", edits.feature("action", shape="4")),
    told("feature-shape-wrong", edits.feature("observation.state", shape=[7])),
    told("feature-shape-two-axes", edits.feature("action", shape=[2, 2])),
    told("feature-shape-of-fraction", edits.feature("action", shape=[4.0])),
    told("feature-dtype-wrong", edits.feature("action", dtype="int64")),
    told("feature-dtype-double", edits.feature("observation.state", dtype="float64")),
    told("feature-dtype-unknown", edits.feature("action", dtype="number")),
    told("feature-dtype-null", edits.feature("action", dtype=None)),
    told("feature-index-dtype-wrong", edits.feature("timestamp", dtype="float64")),
    told("feature-names-too-few", edits.feature("action", names=[["a", "b", "c"]])),
    told("feature-names-too-many", edits.feature("action", names=["a", "b", "c", "d", "e"])),
    harmless("feature-names-missing", _drop_from_feature("action", "names")),
    harmless("feature-names-null", edits.feature("action", names=None)),
    harmless("feature-names-flat", edits.feature("action", names=["a", "b", "c", "d"])),
    harmless("feature-names-by-axis", edits.feature("action", names={"motors": ["a", "b", "c", "d"]})),
    harmless("feature-names-differ", edits.feature("action", names=["elbow", "shoulder", "wrist", "gripper"])),
    told("feature-not-in-data", edits.info(lambda value: value["features"].update(effort=value["features"]["action"]))),
    told("feature-not-in-info", _drop_feature("action")),
    told("feature-camera-not-in-info", _drop_feature(CAMERAS[1])),
    told("feature-timestamp-not-in-info", _drop_feature("timestamp")),
    told("feature-task-index-not-in-info", _drop_feature("task_index")),
    told("camera-as-numbers", edits.feature(CAMERAS[0], dtype="uint8")),
    refused("camera-as-video", edits.feature(CAMERAS[0], dtype="video")),
    refused(
        "camera-as-video-null-path",
        edits.both(edits.feature(CAMERAS[0], dtype="video"), edits.info_with(video_path=None)),
    ),
    refused(
        "camera-as-video-no-file",
        edits.both(edits.feature(CAMERAS[0], dtype="video"), edits.info_with(video_path=VIDEO_PATH)),
    ),
    told(
        "camera-not-in-data",
        edits.info(lambda value: value["features"].update({"observation.images.top": value["features"][CAMERAS[0]]})),
    ),
    harmless("camera-channels-last", edits.feature(CAMERAS[0], **TALL)),
    told("camera-sides-swapped", edits.feature(CAMERAS[0], shape=[3, WIDTH, HEIGHT])),
    told("camera-size-wrong", edits.feature(CAMERAS[0], shape=[3, 480, 640])),
    told("camera-shape-flat", edits.feature(CAMERAS[0], shape=[3 * HEIGHT * WIDTH])),
    told("camera-one-channel", edits.feature(CAMERAS[0], shape=[1, HEIGHT, WIDTH])),
    told("camera-names-of-other-order", edits.feature(CAMERAS[0], names=["height", "width", "channels"])),
)

MUTATIONS = FILE + VERSION + TOTALS + PATHS + RATE + FEATURES
