"""Writes the meta files of a draft; what says what it said stays as it is, to the byte."""

import json
import pathlib
import shutil
from typing import Any

from tools.dataset.drafts.carry_file import copy_any
from tools.dataset.drafts.draft import Draft
from tools.dataset.jsonl import to_json


def write_meta(draft: Draft, folder: pathlib.Path) -> bool:
    """The four meta files, info.json last; one that says what it said stays as it is, to the byte.

    None is shared with the source: other programs add lines to them in place, and the old ones are to stay the old ones.

    Returns:
        Whether any says something else.
    """
    source, meta = draft.source, folder / "meta"
    changed = False
    meta.mkdir()
    ours = ("tasks.jsonl", "episodes.jsonl", "episodes_stats.jsonl", "info.json")
    for path in sorted((source.root / "meta").iterdir()) if (source.root / "meta").is_dir() else ():
        if path.name not in ours and not path.name.startswith("."):
            copy_any(path, meta / path.name)
    lines = ((source.tasks, draft.tasks), (source.episodes, draft.episodes), (source.stats, draft.stats))
    for was, now in lines:
        if was.problem is None and _same_lines(was.values, now) and not (draft.lines_again and was.bad):
            shutil.copyfile(was.path, meta / was.path.name)
        elif was.problem is None or now:
            write_lines(meta / was.path.name, now)
            changed = True
    if source.info_problem is None and _same(source.info, draft.info):
        shutil.copyfile(source.root / "meta" / "info.json", meta / "info.json")
    elif source.info_problem is None or draft.info:
        (meta / "info.json").write_bytes(to_json(draft.info, indent=4))
        changed = True
    return changed


def _same(was: Any, now: Any) -> bool:
    """Would the same JSON be written? Python takes 3 and 3.0 and True for equal, which JSON does not."""
    return json.dumps(was) == json.dumps(now)


def _same_lines(was: list[Any], now: list[Any]) -> bool:
    return len(was) == len(now) and all(map(_same, was, now))


def write_lines(path: pathlib.Path, objects: list[dict[str, Any]]) -> None:
    """Writes a file of JSON lines; a NaN that was there stays, for a check to tell of."""
    with path.open("wb") as file:
        file.writelines(to_json(one) + b"\n" for one in objects)
