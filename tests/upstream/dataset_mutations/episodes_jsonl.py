"""Changes of meta/episodes.jsonl."""

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told

EPISODES = "meta/episodes.jsonl"


def _text(change):
    return edits.content(EPISODES, lambda old: change(old.decode()).encode())


def _numbered(numbers):
    return edits.lines(
        "episodes", lambda old: [one | {"episode_index": n} for one, n in zip(old, numbers, strict=True)]
    )


FILE = (
    refused("episodes-missing", edits.removed(EPISODES)),
    refused("episodes-empty", _text(lambda old: "")),
    refused("episodes-blank-line", _text(lambda old: old.replace("\n", "\n\n", 1))),
    refused("episodes-blank-last-line", _text(lambda old: old + "\n")),
    refused("episodes-torn", _text(lambda old: old[:-12])),
    refused("episodes-line-is-list", _text(lambda old: old + "[3, 5]\n")),
    refused("episodes-nan-word", _text(lambda old: old.replace('"length": 4', '"length": nan'))),
    harmless("episodes-no-last-newline", _text(lambda old: old.rstrip("\n"))),
    harmless("episodes-windows-lines", _text(lambda old: old.replace("\n", "\r\n"))),
    harmless("episodes-old-mac-lines", _text(lambda old: old.replace("\n", "\r"))),
    refused("episodes-return-inside-a-line", _text(lambda old: old.replace(', "length"', ',\r "length"', 1))),
    harmless("episodes-two-byte-order-marks", _text(lambda old: "\ufeff\ufeff" + old)),
    refused("episodes-three-byte-order-marks", _text(lambda old: "\ufeff\ufeff\ufeff" + old)),
    harmless("episodes-byte-order-mark-in-second-line", _text(lambda old: old.replace("\n", "\n\ufeff", 1))),
    refused("episodes-nul-bytes-at-the-end", _text(lambda old: old + "\0" * 64)),
    harmless("episodes-other-order", edits.lines("episodes", lambda old: old[::-1])),
    harmless("episodes-more-keys", edits.line("episodes", 0, operator="by hand")),
    harmless(
        "episodes-without-task",
        edits.lines("episodes", lambda old: [{k: one[k] for k in ("episode_index", "length")} for one in old]),
    ),
    harmless(
        "episodes-lerobots-tasks",
        edits.lines(
            "episodes",
            lambda old: [
                {"episode_index": one["episode_index"], "tasks": [one["task"]], "length": one["length"]} for one in old
            ],
        ),
    ),
    harmless(
        "episodes-short-task-as-in-the-guide",
        edits.lines("episodes", lambda old: [one | {"task": one["task"][:18]} for one in old]),
    ),
    told("episode-tasks-of-another", edits.line("episodes", 1, tasks=["Wave."])),
    harmless("episode-tasks-no-list", edits.line("episodes", 1, tasks=5)),
    harmless("episode-task-index-wrong", edits.line("episodes", 1, task_index=0)),
)

INDEX = (
    refused("episode-first-line-missing", edits.lines("episodes", lambda old: old[1:])),
    refused("episode-middle-line-missing", edits.lines("episodes", lambda old: [old[0], old[2]])),
    refused("episode-last-line-missing", edits.lines("episodes", lambda old: old[:2])),
    refused("episode-line-too-many", edits.lines("episodes", lambda old: [*old, old[2] | {"episode_index": 3}])),
    told("episode-line-twice", edits.lines("episodes", lambda old: [*old, old[1]])),
    refused("episode-line-twice-other-length", edits.lines("episodes", lambda old: [*old, old[1] | {"length": 5}])),
    refused("episode-index-missing", edits.line_without("episodes", 1, "episode_index")),
    refused("episode-index-null", edits.line("episodes", 1, episode_index=None)),
    refused("episode-index-text", edits.line("episodes", 1, episode_index="1")),
    refused("episode-index-twice-in-lines", edits.line("episodes", 1, episode_index=0)),
    told("episode-index-true", edits.line("episodes", 1, episode_index=True)),
    told("episode-lines-from-one", _numbered((1, 2, 3))),
    told("episode-lines-with-gap", _numbered((0, 1, 7))),
    told("episode-lines-fraction", _numbered((0.0, 1.0, 2.0))),
    refused("episode-lines-of-other-episodes", _numbered((1, 0, 2))),
)

LENGTH = (
    refused("length-missing", edits.line_without("episodes", 1, "length")),
    refused("length-null", edits.line("episodes", 1, length=None)),
    refused("length-text", edits.line("episodes", 1, length="4")),
    told("length-with-point-zero", edits.line("episodes", 1, length=4.0)),
    refused("length-true", edits.line("episodes", 0, length=True)),
    silent("length-of-last-true", edits.line("episodes", 2, length=True), "action action_is_pad"),
    refused("length-of-last-beyond-64-bits", edits.line("episodes", 2, length=10**20)),
    told("length-fraction", edits.line("episodes", 0, length=5.7)),
    told("length-of-last-fraction", edits.line("episodes", 2, length=5.7)),
    refused("length-one-more", edits.line("episodes", 0, length=6)),
    refused("length-one-less", edits.line("episodes", 0, length=4)),
    refused("length-zero", edits.line("episodes", 0, length=0)),
    refused("length-negative", edits.line("episodes", 0, length=-5)),
    refused("length-of-last-too-long", edits.line("episodes", 2, length=6)),
    silent("length-of-last-too-short", edits.line("episodes", 2, length=3), "action action_is_pad"),
    refused("lengths-swapped", edits.both(edits.line("episodes", 0, length=4), edits.line("episodes", 1, length=5))),
)

MUTATIONS = FILE + INDEX + LENGTH
