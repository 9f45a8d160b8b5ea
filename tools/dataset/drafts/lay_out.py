"""Lays a draft out as the folders of a dataset: data, meta and, where there are any, videos."""

from collections.abc import Callable
import dataclasses
import functools
import json
import os
import pathlib
import shutil
from typing import Any, NoReturn

from tools.dataset import pool
from tools.dataset.dataset import path_by_template
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.draft import Step
from tools.dataset.drafts.fill_statistics import finite
from tools.dataset.drafts.rewrite import CannotRewriteError
from tools.dataset.drafts.rewrite import looks_away
from tools.dataset.drafts.rewrite import rewrite
from tools.dataset.features import Feature
from tools.dataset.jsonl import to_json
from tools.dataset.statistics import episode_stats
from tools.refusal import Refused

# So many bytes are worth other processes however few the files: to be written again, and where steps work on images.
_MUCH, _MUCH_WITH_IMAGES = 2_000_000_000, 16_000_000


class NothingChangedError(Exception):
    """A draft has come to what its source is already."""


@dataclasses.dataclass
class Written:
    """What became of the files.

    Attributes:
        rewritten: How many data files were written again.
        kept: How many were carried over as they are.
        unreadable: Episodes whose file could not be read, and why; the file was carried over as it is.
        left_out: Files in data/ that the new dataset has not.
        changed: Whether anything in data, meta and videos is not what and where it was.
    """

    rewritten: int = 0
    kept: int = 0
    unreadable: dict[int, str] = dataclasses.field(default_factory=dict)
    left_out: list[str] = dataclasses.field(default_factory=list)
    changed: bool = False

    def refuse_unchanged(self) -> None:
        """Says so where the new dataset is the old one again.

        Raises:
            NothingChangedError: It is.
        """
        if not self.changed:
            raise NothingChangedError


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
        files.append(_File(episode, path, target, link and in_place, frozenset(told)))
    _refuse_twice([one.target for one in files], folder)
    for place in {one.target.parent for one in files}:
        place.mkdir(parents=True, exist_ok=True)
    become = functools.partial(_become, steps=tuple(draft.steps), features=draft.features())
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
        _link_or_copy(path, target) if link else shutil.copyfile(path, target)
    carried = {*draft.files.values(), *draft.others}
    done.left_out = [source.name_of(path) for path in source.files if path not in carried]
    _write_videos(draft, folder, link=link)
    is_other_meta = _write_meta(draft, folder)
    done.changed = done.changed or is_other_meta or bool(done.rewritten or done.left_out)
    return done


@dataclasses.dataclass(frozen=True)
class _File:
    """A data file and what is to become of it; it travels between processes.

    Attributes:
        episode: What it becomes.
        path: The file.
        target: Where it goes; the folder exists.
        link: Share it where nothing in it changes.
        told: The features of which there are statistics.
    """

    episode: int
    path: pathlib.Path
    target: pathlib.Path
    link: bool
    told: frozenset[str]


@dataclasses.dataclass(frozen=True)
class _Answer:
    """What became of one: the new statistics of what has changed, None where it is the file that it was."""

    stats: dict[str, Any] | None = None
    unreadable: str | None = None


def _become(file: _File, *, steps: tuple[Step, ...], features: dict[str, Feature]) -> _Answer:
    """Writes a data file again or, where nothing in it changes, carries it over byte for byte."""
    why = None
    try:
        columns = rewrite(file.path, file.target, file.episode, list(steps), features)
    except CannotRewriteError as e:
        columns, why = None, str(e)
    if columns is None:
        # A file that moves gets a new time: LeRobot's cache goes by path and time, and would serve what was there.
        _link_or_copy(file.path, file.target) if file.link else shutil.copyfile(file.path, file.target)
        return _Answer(unreadable=why)
    anew = {name: values for name, values in columns.items() if name in file.told and len(values)}
    found = episode_stats(anew) if anew else {}
    return _Answer({name: one for name, one in found.items() if finite(one)})


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
        _link_or_copy(was, target) if link else shutil.copyfile(was, target)


def _write_meta(draft: Draft, folder: pathlib.Path) -> bool:
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


def _link_or_copy(path: pathlib.Path, target: pathlib.Path) -> None:
    try:
        os.link(path, target)
    except OSError:  # not every disk has hard links
        shutil.copy2(path, target)


def copy_any(path: pathlib.Path, target: pathlib.Path) -> None:
    """Copies a file, or a folder with all that is in it; times are not carried over."""
    if path.is_dir():
        shutil.copytree(path, target, copy_function=shutil.copyfile)
    else:
        shutil.copyfile(path, target)
