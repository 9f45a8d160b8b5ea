"""`just convert-dataset`: a dataset in the form that OpenPI reads: LeRobot v2.1, with images in parquet."""

import functools
import json as jsonlib
import multiprocessing
import pathlib
from typing import Annotated, Any

import tyro

from tools.command import run
from tools.dataset import jpeg
from tools.dataset import pool
from tools.dataset.convert import shard_rows
from tools.dataset.convert.episode import convert_episode
from tools.dataset.convert.episode import refused
from tools.dataset.convert.plan import Plan
from tools.dataset.convert.read_plan import read_plan
from tools.dataset.convert.target import Converted
from tools.dataset.convert.target import Target
from tools.dataset.convert.target import places
from tools.dataset.drafts.carry_file import copy_any
from tools.dataset.drafts.out_option import Out
from tools.dataset.drafts.write_out import carry_over
from tools.dataset.drafts.write_out import new_folder
from tools.dataset.jsonl import to_json
from tools.dataset.jsonl import to_jsonl
from tools.dataset.plain import just
from tools.dataset.plain import say
from tools.dataset.progress import Progress
from tools.refusal import WrongUsage

# From so many frames on, other processes are worth their start.
_HEAVY = 2_000
# What v2.0, v2.1 and v3.0 have in meta/; anything else there is carried over.
_OF_THE_FORMATS = (
    "info.json", "tasks.jsonl", "episodes.jsonl", "episodes_stats.jsonl", "stats.json", "tasks.parquet", "episodes",
)  # fmt: skip


def convert_dataset(
    path: Annotated[pathlib.Path, tyro.conf.Positional],
    /,
    *,
    out: Out = None,
    images: bool = False,
    quality: int = jpeg.QUALITY,
    json: bool = False,
) -> int:
    """Make a LeRobot v2.1 dataset of one in v3.0 or v2.0, or of one whose cameras are videos.

    The new dataset goes to a folder of its own, whole or not at all. Numbers and images keep every bit; frames of a v3.0
    dataset's videos become JPEG in the parquet. Statistics are computed anew.

    Example:
        just convert-dataset ~/datasets/pick_v30
        just convert-dataset ~/datasets/pick_with_videos --images --out ~/datasets/pick

    Args:
        path: The dataset's folder.
        out: The new folder; by default beside the old one, with _v21 or _images behind its name.
        images: Turn the videos of a v2.0 or v2.1 dataset into JPEG in the parquet too.
        quality: Of the JPEG, 1 to 100.
        json: Print JSON instead of text.
    """
    if not 1 <= quality <= 100:
        raise WrongUsage("--quality", expected="1 to 100", found=str(quality), todo="50 to 70 is enough for the model")
    plan = read_plan(path, images=images)
    out = out or plan.root.with_name(plan.root.name + ("_images" if plan.version == "v2.1" else "_v21"))
    convert(plan, out, quality=quality)
    told = {
        "ok": True,
        "from": plan.version,
        "to": "v2.1",
        "out": str(out),
        "episodes": len(plan.episodes),
        "frames": plan.frames,
        "decoded": list(plan.decoded),
        "left_behind": list(plan.left_behind),
    }
    say(jsonlib.dumps(told, indent=2) if json else _as_text(told, quality))
    return 0


def convert(plan: Plan, out: pathlib.Path, *, quality: int = jpeg.QUALITY) -> None:
    """Writes the new dataset, whole or not at all.

    Args:
        plan: What to write.
        out: The new folder; nothing may be there.
        quality: Of the JPEG.

    Raises:
        Refused: An episode is not what the meta files say, or something is at `out`.
    """
    with new_folder(plan.root, out) as folder:
        # Each episode counts in a place of its own, which needs no lock: nothing waits for a process that was killed.
        counted = multiprocessing.get_context("spawn").RawArray("q", len(plan.episodes))
        target = Target(folder, plan.info, plan.features, plan.decoded, frozenset(plan.tasks), quality)
        # Before any other process is at work: none that is late makes a folder anew that was removed.
        for place in {place for episode in plan.episodes for place in places(episode.index, target)}:
            place.parent.mkdir(parents=True, exist_ok=True)
        each = functools.partial(convert_episode, target=target, counted=counted)
        try:
            with (
                Progress("converted {done:,} of {total:,} frames") as progress,
                progress.watching(lambda: sum(counted), plan.frames),
            ):
                done = list(pool.over(each, plan.episodes, heavy=plan.frames >= _HEAVY))
        finally:
            shard_rows.forget()
        _write_meta(plan, folder / "meta", done)
        if plan.version == "v2.1":  # the card of another version says what is no longer so
            carry_over(plan.root, folder)


def _write_meta(plan: Plan, meta: pathlib.Path, done: list[Converted]) -> None:
    meta.mkdir()
    stats = []
    for source, one in zip(plan.episodes, done, strict=True):
        try:
            stats.append(to_jsonl([{"episode_index": one.index, "stats": one.stats}]))
        except ValueError as e:
            raise refused(source, "numbers without NaN and infinity", "statistics that have them") from e
    episodes = [
        plan.episode_lines.get(one.index, {})
        | {"episode_index": one.index, "tasks": [plan.tasks[task] for task in one.tasks], "length": one.rows}
        for one in done
    ]
    tasks = [
        plan.task_lines.get(index, {}) | {"task_index": index, "task": task}
        for index, task in sorted(plan.tasks.items())
    ]
    (meta / "tasks.jsonl").write_bytes(to_jsonl(tasks))
    (meta / "episodes.jsonl").write_bytes(to_jsonl(episodes))
    (meta / "episodes_stats.jsonl").write_bytes(b"".join(stats))
    for path in sorted((plan.root / "meta").iterdir()):
        if path.name not in _OF_THE_FORMATS and not path.name.startswith("."):
            copy_any(path, meta / path.name)
    (meta / "info.json").write_bytes(to_json(plan.info, indent=4))


def _as_text(told: dict[str, Any], quality: int) -> str:
    lines = [f"converted  {told['from']} to {told['to']}: {told['episodes']:,} episodes, {told['frames']:,} frames"]
    if told["decoded"]:
        lines.append(f"decoded    {', '.join(told['decoded'])}: to JPEG of quality {quality}")
    lines += [f"left out   {what}" for what in told["left_behind"]]
    return "\n".join([*lines, f"out        {told['out']}", f"next       {just('check-dataset', told['out'])}"])


if __name__ == "__main__":
    run(convert_dataset, "just convert-dataset")
