"""Changes of a dataset whose cameras are video files."""

import dataclasses

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.by_lerobot import VIDEO_PATH
from tests.upstream.dataset_mutations.by_lerobot import write_video
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told

SCENE, WRIST = scene.CAMERAS


def _file(episode, camera=SCENE):
    return VIDEO_PATH.format(camera=camera, episode=episode)


def _encoded(episode=1, **how):
    return lambda root: write_video(root / _file(episode), SCENE, episode, **how)


MUTATIONS = tuple(
    dataclasses.replace(one, base="videos")
    for one in (
        refused("video-missing", edits.removed(_file(1))),
        refused("videos-missing", edits.removed("videos")),
        refused("video-empty", edits.content(_file(1), lambda old: b"")),
        refused("video-of-text", edits.content(_file(1), lambda old: b"not a video")),
        refused("video-cut", edits.content(_file(1), lambda old: old[: len(old) // 2])),
        refused("video-too-short", _encoded(frames=2)),
        harmless("video-too-long", _encoded(frames=9)),
        refused("video-of-other-rate", _encoded(fps=7)),
        silent("video-of-other-size", _encoded(enlarge=2), SCENE),
        refused("video-path-missing", edits.info_without("video_path")),
        refused("video-path-is-null", edits.info_with(video_path=None)),
        refused(
            "video-path-unknown-key", edits.info_with(video_path="videos/{camera}/episode_{episode_index:06d}.mp4")
        ),
        refused(
            "video-path-other-folder", edits.info_with(video_path="movies/{video_key}/episode_{episode_index:06d}.mp4")
        ),
        harmless("video-of-another-camera", edits.copied(_file(1, WRIST), _file(1)), SCENE),
        told("video-total-wrong", edits.info_with(total_videos=1)),
        harmless("video-total-missing", edits.info_without("total_videos")),
        harmless("video-of-nobody", edits.copied(_file(1), _file(9))),
        harmless(
            "video-info-missing",
            edits.info(lambda value: [value["features"][camera].pop("info", None) for camera in scene.CAMERAS]),
        ),
    )
)
