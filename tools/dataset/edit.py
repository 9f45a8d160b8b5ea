"""`just edit-dataset VERB`: another dataset made of one or several, in a folder of its own."""

import difflib
import inspect
import json
import pathlib
import sys
from typing import Annotated, Any, Union

import tyro

from tools.command import run
from tools.command import show
from tools.dataset.dataset import read_dataset
from tools.dataset.edits.delete import Delete
from tools.dataset.edits.drop import Drop
from tools.dataset.edits.merge import Merge
from tools.dataset.edits.recompress import Recompress
from tools.dataset.edits.rename import Rename
from tools.dataset.edits.split import Split
from tools.dataset.plain import counted
from tools.dataset.plain import just
from tools.dataset.plain import plain
from tools.dataset.plain import say
from tools.refusal import WrongUsage

_KINDS = (Merge, Split, Delete, Recompress, Rename, Drop)


def _described(kind: type) -> Any:
    """A verb with its whole help, example too, where it is the one that is asked for, and with one line in the list."""
    name, whole = kind.__name__.lower(), inspect.cleandoc(kind.__doc__).partition("\n\nArgs:")[0]
    description = whole if sys.argv[1:2] == [name] else whole.partition("\n")[0]
    return Annotated[kind, tyro.conf.subcommand(name, description=description)]


Verb = Union[tuple(map(_described, _KINDS))]  # noqa: UP007  (made of a list)


def edit_dataset(verb: Annotated[Verb, tyro.conf.arg(name="")]) -> int:
    """Merge, split, delete episodes, recompress images, rename or drop a feature: always into a new folder.

    What is read is checked first, without its images, and refused with errors. The new dataset is there whole or not at all,
    and the old one is not touched. Each verb has its own --help.

    Example:
        just edit-dataset merge ~/datasets/monday ~/datasets/tuesday --out ~/datasets/week
        just edit-dataset split ~/datasets/pick --held-out 0.1
        just edit-dataset delete ~/datasets/pick --episodes 3 7-9
        just edit-dataset recompress ~/datasets/pick --quality 60
        just edit-dataset rename ~/datasets/pick observation.images.top observation.images.scene
        just edit-dataset drop ~/datasets/pick observation.images.side

    Args:
        verb: What to do.
    """
    told = [_told(path) for path in verb.apply()]
    if verb.json:
        print(json.dumps({"ok": True, "verb": type(verb).__name__.lower(), "out": told}, indent=2))
        return 0
    for one in told:
        say(f"out        {one['path']}: {counted(one['episodes'], 'episode')}, {counted(one['frames'], 'frame')}")
    say("\n".join(f"next       {just('check-dataset', one['path'])}" for one in told))
    return 0


def _told(path: pathlib.Path) -> dict[str, Any]:
    info = read_dataset(path).info
    return {"path": str(path), "episodes": info["total_episodes"], "frames": info["total_frames"]}


def wrong_verb(words: list[str]) -> WrongUsage | None:
    """Says no to a first word that is no verb, and which one may be meant; None where it is one, or an option."""
    verbs = [kind.__name__.lower() for kind in _KINDS]
    if not words or words[0].startswith("-") or words[0] in verbs:
        return None
    near = difflib.get_close_matches(words[0].lower(), verbs, n=1)
    return WrongUsage(
        "just edit-dataset",
        expected=f"a verb: {', '.join(verbs)}",
        found=f"no such verb: {plain(words[0])}" + (f"; perhaps {near[0]}" if near else ""),
        todo=just(f"edit-dataset {near[0]}", *words[1:]) if near else "just edit-dataset --help",
    )


if __name__ == "__main__":
    if refusal := wrong_verb(sys.argv[1:]):
        sys.exit(show(refusal, as_json="--json" in sys.argv[1:]))
    run(edit_dataset, "just edit-dataset")
