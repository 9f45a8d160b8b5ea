"""Asks whether info.json says that every episode is for training."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding

SENTENCE = "splits in info.json gives all episodes to train."
SEVERITY = "warning"
REPAIR_AFTER = ("episode_files",)


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Compares it with the files that are there."""
    if not dataset.info_is_known:
        return
    right = {"train": f"0:{len(dataset.episode_files)}"}
    said = dataset.info.get("splits")
    if said != right:
        yield Finding(
            expected=str(right),
            found="nothing" if said is None else repr(said),
            hint="LeRobot reads every episode whatever stands here: what is held out is a dataset of its own",
            file="meta/info.json",
            repairable=True,
        )


def repair(draft: Draft) -> None:
    """Gives all to train."""
    draft.info["splits"] = {"train": f"0:{len(draft.files)}"}
