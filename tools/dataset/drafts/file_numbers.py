"""Reads the number of an episode from the name of its file."""

import pathlib
import re

_EPISODE = re.compile(r"episode_(\d{1,9})\.parquet")


def number_of(path: pathlib.Path, *patterns: re.Pattern | None) -> int | None:
    """The number in the name of an episode's file, however padded; None where the name is another.

    Args:
        path: The file.
        patterns: Other forms than episode_N.parquet that a name may have.
    """
    for pattern in (_EPISODE, *patterns):
        if pattern is not None and (match := pattern.fullmatch(path.name)):
            return int(match[1])
    return None


def name_pattern(template: object) -> re.Pattern | None:
    """The form of a file's name by a data_path; None where it has not exactly one number, the episode's."""
    if not isinstance(template, str):
        return None
    parts = re.split(r"\{episode_index[^{}]*\}", template.rpartition("/")[2])
    if len(parts) != 2 or any("{" in part for part in parts):
        return None
    return re.compile(re.escape(parts[0]) + r"(\d{1,9})" + re.escape(parts[1]))
