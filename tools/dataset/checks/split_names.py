"""Asks whether a file's name makes it belong to another split than train."""

from collections.abc import Iterator
import re

from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding

SENTENCE = "No name below data/ holds a word such as train, test, eval, valid or dev."
SEVERITY = "error"
_WORDS = {
    "train": "train|training",
    "validation": "validation|valid|dev|val",
    "test": "test|testing|eval|evaluation",
}
_SEPARATOR = r"[-._ 0-9]"


def of_dataset(dataset: Dataset) -> Iterator[Finding]:
    """Names the files that LeRobot would leave out, as the library below it sorts files into splits by their names."""
    names = {dataset.name_of(path).removeprefix("data/"): path for path in dataset.files}
    for in_split in (_by_folder, _by_name):
        splits = {split: {name for name in names if in_split(name, words)} for split, words in _WORDS.items()}
        if any(splits.values()):
            break
    else:
        return
    for name in sorted(set(names) - splits["train"]):
        split = next((split for split, ones in splits.items() if name in ones), None)
        yield Finding(
            expected="a name without such a word, for all files",
            found=f"taken for the split {split}" if split else "in no split, since other names hold such a word",
            hint="LeRobot reads the split train and nothing else, so that these frames are missing",
            file=dataset.name_of(names[name]),
        )


def _by_folder(name: str, words: str) -> bool:
    word = rf"(.*{_SEPARATOR})?({words})({_SEPARATOR}.*)?"
    return any(re.fullmatch(word, folder) for folder in name.split("/")[:-1])


def _by_name(name: str, words: str) -> bool:
    return re.fullmatch(rf"(.*{_SEPARATOR})?({words}){_SEPARATOR}.*", name.rpartition("/")[2]) is not None
