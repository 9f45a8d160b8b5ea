"""Asks whether info.json says where each episode's data lies."""

from collections.abc import Iterator
import pathlib
from typing import Any

from tools.dataset.dataset import DATA_PATH
from tools.dataset.dataset import Dataset
from tools.dataset.dataset import path_by_template
from tools.dataset.drafts.draft import Draft
from tools.dataset.finding import Finding

SENTENCE = "data_path gives each episode its own file below data/, from episode_chunk and episode_index."
SEVERITY = "error"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Fills the template for the first two episodes, as LeRobot does."""
    template = dataset.info.get("data_path")
    size = dataset.info.get("chunks_size")
    if not isinstance(template, str) or type(size) is not int or size <= 0:
        return  # info-needed tells it
    problem = _problem(dataset)
    if problem is not None:
        yield Finding(
            expected=DATA_PATH,
            found=f"{template}: {problem}",
            hint="LeRobot fills in episode_chunk and episode_index and nothing else; v3.0 has other names",
            file="meta/info.json",
            repairable=mended(dataset.root, dataset.info) is not None,
        )


def mended(root: pathlib.Path, info: dict[str, Any]) -> str | None:
    """The template that was meant: one under which the first episode's file is there; None where none is known."""
    template = info.get("data_path")
    words = template.replace("{chunk_index", "{episode_chunk") if isinstance(template, str) else DATA_PATH
    for meant in (words, DATA_PATH):
        path, second = (path_by_template(root, info | {"data_path": meant}, "data_path", n) for n in (0, 1))
        if path is not None and path != second and path.is_relative_to(root / "data") and path.is_file():
            return meant
    return None


def _problem(dataset: Dataset) -> str | None:
    first, second = dataset.path_of(0), dataset.path_of(1)
    if first is None or second is None:
        return "it cannot be filled in"
    if ".." in first.parts or not first.is_relative_to(dataset.root / "data"):
        return "not below data/, which is all that LeRobot reads"
    if first == second:
        return "the same file for every episode"
    return None


def repair(draft: Draft) -> None:
    """Says episode_chunk, or the usual template, under which the files are there."""
    meant = mended(draft.source.root, draft.info)
    if meant is not None:
        draft.info["data_path"] = meant
        draft.find_files()
