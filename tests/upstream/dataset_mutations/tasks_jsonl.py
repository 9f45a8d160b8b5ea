"""Changes of meta/tasks.jsonl."""

import json

from tests.upstream.dataset_mutations import edits
from tests.upstream.dataset_mutations.mutation import harmless
from tests.upstream.dataset_mutations.mutation import refused
from tests.upstream.dataset_mutations.mutation import silent
from tests.upstream.dataset_mutations.mutation import told

TASKS = "meta/tasks.jsonl"


def _text(change):
    return edits.content(TASKS, lambda old: change(old.decode()).encode())


MUTATIONS = (
    refused("tasks-missing", edits.removed(TASKS)),
    refused("tasks-empty", _text(lambda old: "")),
    refused("tasks-blank-line", _text(lambda old: old.replace("\n", "\n\n", 1))),
    refused("tasks-blank-last-line", _text(lambda old: old + "\n")),
    refused("tasks-blank-first-line", _text(lambda old: "\n" + old)),
    refused("tasks-line-of-spaces", _text(lambda old: old + "   \n")),
    refused("tasks-torn", _text(lambda old: old[:-12])),
    refused("tasks-array", _text(lambda old: json.dumps([json.loads(one) for one in old.splitlines()]))),
    refused("tasks-two-in-a-line", _text(lambda old: old.replace("\n", " ", 1))),
    refused("tasks-line-is-text", _text(lambda old: old + '"Wave."\n')),
    refused("tasks-line-is-null", _text(lambda old: old + "null\n")),
    refused("tasks-utf-16", edits.content(TASKS, lambda old: old.decode().encode("utf-16"))),
    refused("tasks-latin-1", edits.content(TASKS, lambda old: old.replace(b"Put", b"P\xe9t"))),
    harmless("tasks-byte-order-mark", edits.content(TASKS, lambda old: b"\xef\xbb\xbf" + old)),
    harmless("tasks-no-last-newline", _text(lambda old: old.rstrip("\n"))),
    harmless("tasks-windows-lines", _text(lambda old: old.replace("\n", "\r\n"))),
    harmless("tasks-old-mac-lines", _text(lambda old: old.replace("\n", "\r"))),
    refused("tasks-form-feed-line", _text(lambda old: old + "\x0c\n")),
    told("task-with-line-separators", edits.line("tasks", 1, task="Put\u2028it\x85back."), "task"),
    harmless("tasks-blanks-in-lines", _text(lambda old: old.replace("{", "  { ").replace("\n", "  \n"))),
    harmless("tasks-other-order", edits.lines("tasks", lambda old: old[::-1])),
    harmless("tasks-more-keys", edits.line("tasks", 0, note="by hand")),
    refused("task-index-missing", edits.line_without("tasks", 1, "task_index")),
    refused("task-index-null", edits.line("tasks", 1, task_index=None)),
    refused("task-index-text", edits.line("tasks", 1, task_index="1")),
    refused("task-index-unknown", edits.line("tasks", 1, task_index=5)),
    refused("task-line-missing", edits.lines("tasks", lambda old: old[:1])),
    refused(
        "task-index-from-one",
        edits.lines("tasks", lambda old: [one | {"task_index": one["task_index"] + 1} for one in old]),
    ),
    harmless("task-index-fraction", edits.line("tasks", 1, task_index=1.0)),
    harmless("task-index-true", edits.line("tasks", 1, task_index=True)),
    silent("task-index-twice", edits.lines("tasks", lambda old: [*old, {"task_index": 1, "task": "Wave."}]), "task"),
    told("task-line-twice", edits.lines("tasks", lambda old: [*old, old[1]])),
    told("task-unused", edits.lines("tasks", lambda old: [*old, {"task_index": 2, "task": "Wave."}])),
    refused("task-missing", edits.line_without("tasks", 1, "task")),
    silent("task-null", edits.line("tasks", 1, task=None), "task"),
    silent("task-number", edits.line("tasks", 1, task=5), "task"),
    refused("task-list", edits.line("tasks", 1, task=["Put the bottle back."])),
    told("task-empty", edits.line("tasks", 1, task=""), "task"),
    told("task-blank", edits.line("tasks", 1, task="  "), "task"),
    told(
        "task-same-but-for-case",
        edits.lines("tasks", lambda old: [old[0], old[1] | {"task": old[0]["task"].upper()}]),
        "task",
    ),
    told(
        "task-same-but-for-blanks",
        edits.lines("tasks", lambda old: [old[0], old[1] | {"task": old[0]["task"] + " "}]),
        "task",
    ),
    told("task-text-twice", edits.lines("tasks", lambda old: [old[0], old[1] | {"task": old[0]["task"]}]), "task"),
    told(
        "tasks-swapped",
        edits.lines("tasks", lambda old: [old[0] | {"task": old[1]["task"]}, old[1] | {"task": old[0]["task"]}]),
        "task",
    ),
)
