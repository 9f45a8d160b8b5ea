"""Changes of meta/episodes_stats.jsonl."""

import dataclasses

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import told
from tests.upstream.dataset_mutations.scene import CAMERAS

STATS = "meta/episodes_stats.jsonl"
STATE = "observation.state"
NAN, INFINITE = float("nan"), float("inf")


def _text(change):
    return edits.content(STATS, lambda old: change(old.decode()).encode())


def _flatten(stats):
    stats["mean"] = [one for ((one,),) in stats["mean"]]


def _image(key, value, episodes=(0,)):
    return edits.stats(CAMERAS[0], key, value, episodes)


FILE = (
    refused("stats-missing", edits.removed(STATS)),
    told("stats-empty", _text(lambda old: "")),
    refused("stats-blank-line", _text(lambda old: old.replace("\n", "\n\n", 1))),
    refused("stats-blank-last-line", _text(lambda old: old + "\n")),
    refused("stats-torn", _text(lambda old: old[:-40])),
    harmless("stats-no-last-newline", _text(lambda old: old.rstrip("\n"))),
    harmless("stats-other-order", edits.lines("episodes_stats", lambda old: old[::-1])),
    told("stats-line-missing", edits.lines("episodes_stats", lambda old: [old[0], old[2]])),
    harmless("stats-line-twice", edits.lines("episodes_stats", lambda old: [*old, old[1]])),
    harmless("stats-line-too-many", edits.lines("episodes_stats", lambda old: [*old, old[2] | {"episode_index": 3}])),
    refused("stats-episode-index-missing", edits.line_without("episodes_stats", 1, "episode_index")),
    refused("stats-episode-index-text", edits.line("episodes_stats", 1, episode_index="1")),
    told(
        "stats-from-one",
        edits.lines("episodes_stats", lambda old: [one | {"episode_index": one["episode_index"] + 1} for one in old]),
    ),
    refused("stats-key-missing", edits.line_without("episodes_stats", 1, "stats")),
    refused("stats-key-null", edits.line("episodes_stats", 1, stats=None)),
    told("stats-key-empty", edits.line("episodes_stats", 1, stats={})),
    told(
        "stats-feature-missing",
        edits.lines("episodes_stats", lambda old: [one["stats"].pop("action") and None for one in old]),
    ),
    told(
        "stats-feature-missing-once", edits.lines("episodes_stats", lambda old: old[1]["stats"].pop("action") and None)
    ),
    harmless(
        "stats-feature-unknown",
        edits.lines("episodes_stats", lambda old: [one["stats"].update(effort=one["stats"]["action"]) for one in old]),
    ),
    refused("stats-feature-null", edits.lines("episodes_stats", lambda old: old[1]["stats"].update(action=None))),
    told(
        "stats-of-another-episode",
        edits.lines("episodes_stats", lambda old: [old[0] | {"stats": old[2]["stats"]}, *old[1:]]),
    ),
)

COUNT = (
    refused("stats-count-scalar", edits.stats(STATE, "count", 5)),
    refused("stats-count-vector", edits.stats(STATE, "count", [5] * 4)),
    refused("stats-count-empty", edits.stats(STATE, "count", [])),
    refused("stats-count-nested", edits.stats(STATE, "count", [[5]])),
    refused("stats-count-text", edits.stats(STATE, "count", ["5"])),
    refused("stats-count-null", edits.stats(STATE, "count", None)),
    refused(
        "stats-count-missing", edits.lines("episodes_stats", lambda old: old[0]["stats"][STATE].pop("count") and None)
    ),
    refused("stats-count-beyond-64-bits", edits.stats(STATE, "count", [10**30])),
    told("stats-count-wrong", edits.stats(STATE, "count", [500])),
    told("stats-count-zero", edits.stats(STATE, "count", [0])),
    told("stats-count-fraction", edits.stats(STATE, "count", [5.5])),
)

NUMBERS = (
    refused("stats-mean-scalar", edits.stats(STATE, "mean", 0.5)),
    refused("stats-mean-null", edits.stats(STATE, "mean", None)),
    refused(
        "stats-mean-missing", edits.lines("episodes_stats", lambda old: old[0]["stats"][STATE].pop("mean") and None)
    ),
    refused("stats-min-missing", edits.lines("episodes_stats", lambda old: old[0]["stats"][STATE].pop("min") and None)),
    refused("stats-max-null", edits.stats(STATE, "max", None)),
    refused("stats-std-with-null", edits.stats(STATE, "std", [1.0, None, 1.0, 1.0])),
    refused("stats-mean-with-text", edits.stats(STATE, "mean", ["a", "b", "c", "d"])),
    refused("stats-mean-too-short", edits.stats(STATE, "mean", [0.0] * 3)),
    told(
        "stats-too-short-everywhere",
        edits.both(*(edits.stats(STATE, key, [1.0] * 3, edits.ALL) for key in ("mean", "std", "min", "max"))),
    ),
    refused("stats-mean-beyond-64-bits", edits.stats(STATE, "mean", [10**30] * 4)),
    refused("stats-min-beyond-64-bits-once", edits.stats(STATE, "std", [-(2**63) - 1, 0, 0, 0])),
    told("stats-mean-of-64-bits-without-sign", edits.stats(STATE, "mean", [2**64 - 1] * 4)),
    told("stats-mean-of-large-and-negative", edits.stats(STATE, "mean", [2**63, -1, 0, 0])),
    told("stats-mean-nan", edits.stats(STATE, "mean", [NAN] * 4)),
    told("stats-max-infinite", edits.stats(STATE, "max", [INFINITE] * 4)),
    told("stats-std-negative", edits.stats(STATE, "std", [-1.0] * 4)),
    told("stats-min-above-max", edits.stats(STATE, "min", [99.0] * 4)),
    told("stats-mean-wrong", edits.stats(STATE, "mean", [7.0] * 4)),
    harmless(
        "stats-quantiles-too", edits.both(*(edits.stats(STATE, key, [1.0] * 4, edits.ALL) for key in ("q01", "q99")))
    ),
)

IMAGES = tuple(
    dataclasses.replace(one, base="lerobot")
    for one in (
        refused("stats-image-flat", edits.lines("episodes_stats", lambda old: _flatten(old[0]["stats"][CAMERAS[0]]))),
        refused("stats-image-one-channel", _image("std", [[[0.5]]])),
        refused("stats-image-nested-too-deep", _image("max", [[[[1.0]], [[1.0]], [[1.0]]]])),
        refused("stats-image-count-scalar", _image("count", 5)),
        refused("stats-image-quantile-flat", _image("q01", [0.1, 0.1, 0.1])),
        harmless("stats-image-quantile", _image("q01", [[[0.1]], [[0.1]], [[0.1]]])),
        told(
            "stats-image-missing-once",
            edits.lines("episodes_stats", lambda old: old[1]["stats"].pop(CAMERAS[0]) and None),
        ),
        told("stats-image-of-bytes", _image("max", [[[255.0]], [[255.0]], [[255.0]]])),
        told("stats-image-of-another", _image("mean", [[[0.01]], [[0.01]], [[0.01]]])),
        told("stats-image-nan", _image("mean", [[[NAN]], [[0.5]], [[0.5]]])),
        harmless(
            "stats-image-missing",
            edits.lines(
                "episodes_stats", lambda old: [one["stats"].pop(name) and None for one in old for name in CAMERAS]
            ),
        ),
    )
)

MUTATIONS = FILE + COUNT + NUMBERS + IMAGES
