"""Asks whether episodes.jsonl has each episode's length right."""

from collections.abc import Iterator

from tools.dataset.checks import totals
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.episode_lines import true_up
from tools.dataset.finding import Finding

SENTENCE = "An episode's length in episodes.jsonl is how many frames its file has."
SEVERITY = "error"
REPAIR_AFTER = (
    "json_lines",
    "episode_files",
)

gist = totals.gist


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Compares all but the last, which LeRobot finds out in another way."""
    yield from compared(dataset, gists, last=False)


def compared(dataset: Dataset, gists: dict[int, dict], *, last: bool) -> Iterator[Finding]:
    """Compares the n-th number that is listed with the n-th file, as LeRobot does.

    Where they are not as many, by their numbers: what LeRobot would compare then has nothing to do with what is wrong.

    Args:
        dataset: The dataset.
        gists: `rows` by episode.
        last: Ask the last episode only, or all but the last.
    """
    listed, there = sorted(dataset.lengths), sorted(dataset.episode_files)
    if len(listed) == len(there):
        pairs = list(zip(listed, there, strict=True))
    else:
        pairs = [(number, number) for number in listed if number in dataset.episode_files]
    for number, episode in pairs:
        said, rows = dataset.lengths[number], gists.get(episode, {}).get("rows")
        if rows is None or said == rows or (episode == there[-1]) != last:
            continue
        yield Finding(
            expected=f"length {rows}, the frames of {dataset.name_of(dataset.episode_files[episode])}",
            found=f"length {said}",
            hint="too short, and the last actions are repeated in silence; too long, and the last items fail"
            if last
            else "every later episode's frames are then taken for another's; LeRobot stops at the time check",
            file="meta/episodes.jsonl",
            episode=number,
            repairable=True,
        )


def repair(draft: Draft) -> None:
    """Makes all lines anew from the files; what else a line says stays."""
    true_up(draft)
