"""Lays a draft out as the folders of a dataset: data, meta and, where there are any, videos."""

from collections.abc import Callable
import functools
import os
import pathlib
import shutil
from typing import Any, NoReturn

from tools.dataset import pool
from tools.dataset.dataset import path_by_template
from tools.dataset.drafts.carry_file import DataFile
from tools.dataset.drafts.carry_file import carry_file
from tools.dataset.drafts.carry_file import link_or_copy
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.rewrite import looks_away
from tools.dataset.drafts.write_meta import write_meta
from tools.dataset.drafts.written import Written
from tools.refusal import Refused

# So many bytes are worth other processes however few the files: to be written again, and where steps work on images.
_MUCH, _MUCH_WITH_IMAGES = 2_000_000_000, 16_000_000


def lay_out(
    draft: Draft, folder: pathlib.Path, *, link: bool = False, progress: Callable[[int, int], None] | None = None
) -> Written:
    """Writes `data`, `meta` and, where there are any, `videos` into a folder.

    Args:
        draft: What to write.
        folder: Where; it exists and has none of the three.
        link: Share the data files and videos that stay what and where they are with the source, by hard links; no
            `videos` are made then unless some change their place.
        progress: Told how many of how many data files are done.
    """
    done = Written()
    source = draft.source
    stats: dict[int, list[dict[str, Any]]] = {}
    for line in draft.stats:
        if type(line.get("episode_index")) is int:
            stats.setdefault(line["episode_index"], []).append(line)
    (folder / "data").mkdir()
    files = []
    for episode, path in sorted(draft.files.items()):
        # Where info.json does not say, and no repair made it say, each file stays where it is.
        target = _place(folder, draft.info, "data_path", episode) or folder / source.name_of(path)
        in_place = path.is_relative_to(source.root) and source.name_of(path) == target.relative_to(folder).as_posix()
        done.changed = done.changed or not in_place
        told = {name for line in stats.get(episode, []) for name in _told(line)}
        files.append(DataFile(episode, path, target, link and in_place, frozenset(told)))
    _refuse_twice([one.target for one in files], folder)
    for place in {one.target.parent for one in files}:
        place.mkdir(parents=True, exist_ok=True)
    become = functools.partial(carry_file, steps=tuple(draft.steps), features=draft.features())
    answers = pool.over(become, files, heavy=_much(draft)) if draft.steps else map(become, files)
    for number, (one, answer) in enumerate(zip(files, answers, strict=True), 1):
        if answer.unreadable is not None:
            done.unreadable[one.episode] = answer.unreadable
        if answer.stats is None:
            done.kept += 1
        else:
            for line in stats.get(one.episode, []):
                told = _told(line)
                told.update({name: new for name, new in answer.stats.items() if name in told})
            done.rewritten += 1
        if progress:
            progress(number, len(files))
    for path in draft.others:
        target = folder / source.name_of(path)
        _refuse_taken(target, folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(path, target) if link else shutil.copyfile(path, target)
    carried = {*draft.files.values(), *draft.others}
    done.left_out = [source.name_of(path) for path in source.files if path not in carried]
    _write_videos(draft, folder, link=link)
    is_other_meta = write_meta(draft, folder)
    done.changed = done.changed or is_other_meta or bool(done.rewritten or done.left_out)
    return done


def _much(draft: Draft) -> bool:
    """Whether even a few files are worth other processes."""
    size = sum(path.stat().st_size for path in draft.files.values())
    return size > (_MUCH if all(map(looks_away, draft.steps)) else _MUCH_WITH_IMAGES)


def _told(line: dict[str, Any]) -> dict[str, Any]:
    """What a line of meta/episodes_stats.jsonl says, by feature."""
    return line["stats"] if isinstance(line.get("stats"), dict) else {}


def _place(folder: pathlib.Path, info: dict[str, Any], key: str, episode: int, **more: str) -> pathlib.Path | None:
    path = path_by_template(folder, info, key, episode, **more)
    inside = path is not None and pathlib.Path(os.path.normpath(path)).is_relative_to(folder)
    return path if inside else None


def _refuse_twice(targets: list[pathlib.Path], folder: pathlib.Path) -> None:
    seen = set()
    for target in targets:
        if target in seen:
            _refuse(target, folder)
        seen.add(target)


def _refuse_taken(target: pathlib.Path, folder: pathlib.Path) -> None:
    if os.path.lexists(target):
        _refuse(target, folder)


def _refuse(target: pathlib.Path, folder: pathlib.Path) -> NoReturn:
    raise Refused(
        target.relative_to(folder).as_posix(),
        expected="one file for this place",
        found="two that would go there",
        todo="move one of them out of data/, then run it again",
    )


def _write_videos(draft: Draft, folder: pathlib.Path, *, link: bool) -> None:
    source = draft.source
    moves = []
    for camera in (feature.name for feature in draft.features().values() if feature.is_video):
        for episode, path in sorted(draft.files.items()):
            was = source.video_path_of(draft.numbers[path], camera)
            target = _place(folder, draft.info, "video_path", episode, video_key=camera)
            if was is not None and target is not None and was.is_file():
                moves.append((was, target))
    same = all(source.name_of(was) == target.relative_to(folder).as_posix() for was, target in moves)
    if link and same:
        return
    for was, target in moves:
        target.parent.mkdir(parents=True, exist_ok=True)
        link_or_copy(was, target) if link else shutil.copyfile(was, target)
