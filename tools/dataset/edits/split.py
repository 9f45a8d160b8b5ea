"""Makes two datasets of one: what the policy learns from, and what it is measured on."""

import contextlib
import copy
import dataclasses
import hashlib
import pathlib
from typing import Any

import tyro

from tools.command import note
from tools.dataset.dataset import read_dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.edit_draft import SPLIT_KEY
from tools.dataset.drafts.edit_draft import beside
from tools.dataset.drafts.edit_draft import count
from tools.dataset.drafts.edit_draft import fill_whole
from tools.dataset.drafts.edit_draft import open_draft
from tools.dataset.drafts.edit_refusals import refuse_errors
from tools.dataset.drafts.edit_refusals import refuse_gaps
from tools.dataset.drafts.out_option import Out
from tools.dataset.drafts.refuse_wrong import refuse_wrong
from tools.dataset.drafts.renumber import renumber
from tools.dataset.drafts.write_out import new_folder
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.plain import moves
from tools.refusal import Refused
from tools.refusal import WrongUsage


@dataclasses.dataclass(frozen=True)
class Split:
    """Hold episodes out: two datasets, one to train on and one to measure on.

    Two datasets, because LeRobot's `episodes=` fails under OpenPI's action chunks. Which episodes are held out follows
    from the seed and the number of episodes alone. Each of the two names the other in its meta/info.json.

    Example:
        just edit-dataset split ~/datasets/pick --held-out 0.1

    Args:
        path: The dataset's folder.
        held_out: How many episodes to hold out, as a part of all; at least one is.
        seed: Of the random choice; another seed holds out other episodes.
        out: What the names of the two new folders begin with; by default that of the old one. They end in _train and
            _held_out.
        json: Print JSON instead of text.
    """

    path: tyro.conf.Positional[pathlib.Path]
    held_out: float = 0.1
    seed: int = 0
    out: Out = None
    json: bool = False

    def apply(self) -> list[pathlib.Path]:
        """Writes the two datasets and returns their folders, the one to train on first."""
        if not 0 < self.held_out < 1:
            raise WrongUsage("--held-out", expected="above 0, below 1", found=str(self.held_out), todo="such as 0.1")
        draft = open_draft(self.path)
        refuse_errors(draft)
        refuse_gaps(draft)
        refuse_wrong(draft)
        root, total = draft.source.root, len(draft.files)
        if total < 2:
            raise Refused(str(root), expected="two episodes or more", found=str(total), todo="record another one")
        held = held_out(total, self.held_out, self.seed)
        parts = {"train": [episode for episode in range(total) if episode not in held], "held_out": sorted(held)}
        base = self.out or root
        outs = {part: beside(base, f"_{part}") for part in parts}
        drafts = {}
        for part, other in (("train", "held_out"), ("held_out", "train")):
            drafts[part] = _part(draft, parts[part])
            drafts[part].info[SPLIT_KEY] = {
                "part": part,
                "other": outs[other].name,
                "source": root.name,
                "source_episodes": parts[part],
                "held_out": self.held_out,
                "seed": self.seed,
            }
        with contextlib.ExitStack() as both:
            folders = {"train": both.enter_context(new_folder(root, outs["train"]))}
            # The one that is put in its place first: where a run was killed between the two, it is there alone.
            if is_there(drafts["held_out"], outs["held_out"]):
                note(
                    f"going on   {outs['held_out']} is there, from a run that was stopped: only {outs['train']} is made"
                )
            else:
                folders["held_out"] = both.enter_context(new_folder(root, outs["held_out"]))
            for part, folder in folders.items():
                fill_whole(drafts[part], folder)
        for part, out in outs.items():
            note(f"{part.replace('_', ' '):<10} {out.name}: episodes {moves(parts[part])}")
        return list(outs.values())


def held_out(total: int, part: float, seed: int) -> set[int]:
    """Which of so many episodes are held out; at least one is, and at least one is not."""
    many = min(max(round(total * part), 1), total - 1)
    # By a digest, which stays what it is in every version of Python; and when episodes are added, most of those that were
    # held out still are.
    return set(sorted(range(total), key=lambda episode: hashlib.sha256(f"{seed} {episode}".encode()).digest())[:many])


def is_there(draft: Draft, folder: pathlib.Path) -> bool:
    """Whether a folder is the whole dataset that a draft would become: the same info, episodes, tasks and statistics."""
    if not (folder / "meta" / "info.json").is_file():
        return False
    there = read_dataset(folder)
    ours = (draft.info, draft.episodes, draft.tasks, _of_the_robot(draft.stats))
    theirs = (there.info, there.episodes.values, there.tasks.values, _of_the_robot(there.stats.values))
    return ours == theirs and sorted(there.episode_files) == sorted(draft.files) == list(range(len(there.files)))


def _of_the_robot(lines: list[dict[str, Any]]) -> list[Any]:
    """Statistics but for those of the columns that count, which are other ones in another dataset."""
    told = [line.get("stats") for line in lines]
    return [
        {name: one for name, one in stats.items() if name not in INDEX_FEATURES} if isinstance(stats, dict) else stats
        for stats in told
    ]


def _part(draft: Draft, episodes: list[int]) -> Draft:
    part = dataclasses.replace(
        draft,
        info=copy.deepcopy(draft.info),
        episodes=list(draft.episodes),  # an episode is in one of the two
        stats=list(draft.stats),
        steps=[],
    )
    renumber(part, {old: new for new, old in enumerate(episodes)})
    count(part)
    return part
