"""Whether written statistics are the right ones: of numbers to the precision that they were added up in, of images roughly."""

from typing import Any

import numpy as np

from tools.dataset.checks.stats_formed import shape_of
from tools.dataset.features import Feature
from tools.dataset.motion import dimension_of
from tools.dataset.plain import counted

KEYS = ("min", "max", "mean", "std")
# Of min and max as a share of the number, of mean and std of the dimension's largest: statistics are written from float32
# and through text.
_TOLERANCE = 1e-4
# Of a camera's values in 0..1. Its mean is held against small pictures, which show no more than that.
_ROUNDED, _SHOWN = 1e-4, 0.1
# Of written text that is no such numbers, in characters.
_LONGEST = 80
_FLOATS = ("float16", "float32", "float64")


def difference(said: dict[str, Any], right: np.ndarray, rows: int, feature: Feature) -> tuple[str, str] | None:
    """Compares written statistics of numbers with the right ones.

    Args:
        said: What is written; what is missing in it, or not made of numbers, is for stats-formed to tell.
        right: min, max, mean and std, float64[4, D].
        rows: How many frames they are of.
        feature: Of the column.

    Returns:
        What was expected and what was found, of the first key that differs: the number that is furthest off, by its
        name, and how many are off. None where none is.
    """
    written = _as_numbers([said.get(key) for key in KEYS])
    if written is not None and written.shape == right.shape and not np.isnan(written).any():  # as it nearly always is
        is_wrong = (~_close(written, right, rows, feature)).any(axis=1)
        key = next((key for key, wrong in zip(KEYS, is_wrong, strict=True) if wrong), None)
    else:
        key = next((key for at, key in enumerate(KEYS) if not _same(said.get(key), right, at, rows, feature)), None)
    if key is not None:
        return _furthest(key, said.get(key), right, rows, feature)
    count = said.get("count")
    numbers = _as_numbers(count)
    if shape_of(count) is not None and (numbers is None or numbers.shape != (1, 1) or numbers[0, 0] != rows):
        return f"count [{rows}]", f"count {count}"
    return None


def _furthest(key: str, said: object, right: np.ndarray, rows: int, feature: Feature) -> tuple[str, str]:
    at = KEYS.index(key)
    written, wide = _as_numbers([said]), right.shape[1]
    if written is None or written.shape[1] != wide:
        text = str(said)
        return (
            f"{key}: {counted(wide, 'number')}",
            f"{key} {text if len(text) <= _LONGEST else text[:_LONGEST] + '...'}",
        )
    beside = right.copy()
    beside[at] = written[0]
    wrong = ~_close(beside, right, rows, feature)[at]
    sizes = np.abs(right).max(axis=0)
    with np.errstate(invalid="ignore", over="ignore"):
        # As a share of its range; one that does not move is held against its size.
        share = np.abs(beside[at] - right[at]) / np.maximum(right[1] - right[0], np.maximum(1e-2, sizes) * _TOLERANCE)
    share = np.where(np.isnan(share), np.inf, share)
    worst = int(np.where(wrong, share, -1).argmax())
    name = dimension_of(feature, feature.name, worst)
    many = f"; {int(wrong.sum())} of {counted(wide, 'number')} differ" if wide > 1 else ""
    return f"{key} {right[at, worst]:.6g} of {name}", f"{key} {beside[at, worst]:.6g}{many}"


def _same(said: object, right: np.ndarray, at: int, rows: int, feature: Feature) -> bool:
    if shape_of(said) is None:
        return True
    written = _as_numbers([said])
    if written is None or written.shape[1] != right.shape[1]:
        return False
    beside = right.copy()
    beside[at] = written[0]
    return bool(_close(beside, right, rows, feature)[at].all())


def _as_numbers(said: list) -> np.ndarray | None:
    """Written numbers as [N, D]; None where they are not as many in each, no numbers, or none that a float can hold."""
    try:
        return np.array(said, dtype=np.float64).reshape(len(said), -1)
    except (ValueError, TypeError, OverflowError):
        return None


def _close(written: np.ndarray, right: np.ndarray, rows: int, feature: Feature) -> np.ndarray:
    """Where written numbers are the right ones, bool[4, D].

    Mean and std may be off by what adding up so many numbers of the column's own precision can cost, as LeRobot does.
    """
    sizes = np.abs(right)
    largest = np.maximum(1e-2, np.maximum(sizes[0], sizes[1]))
    summed = rows * np.finfo(feature.dtype).eps if feature.dtype in _FLOATS else 0.0
    allowed = np.maximum(1e-2, np.maximum(np.abs(written), sizes)) * _TOLERANCE
    allowed[2:] = (_TOLERANCE + summed) * largest
    with np.errstate(invalid="ignore"):
        close = np.abs(written - right) <= allowed
    return close | (written == right) | np.isnan(right)  # a NaN in the data is another check's


def camera_fault(said: dict[str, Any]) -> tuple[str, str] | None:
    """Whether statistics of a camera can be those of images in 0..1.

    Returns:
        What was expected and what was found; None where they can be, or where stats-formed has to tell of them.
    """
    each = [_as_numbers([said.get(key)]) for key in KEYS]  # one by one: their shapes may differ
    if any(one is None or one.shape != (1, 3) for one in each):
        return None
    least, most, mean, std = numbers = np.concatenate(each)
    ordered = np.stack([np.zeros(3), least, mean, most, np.ones(3)])
    if (np.diff(ordered, axis=0) >= -_ROUNDED).all() and (np.abs(std - 0.25) <= 0.25 + _ROUNDED).all():
        return None
    found = ", ".join(f"{key} {_short(one)}" for key, one in zip(KEYS, numbers, strict=True))
    return "0 <= min <= mean <= max <= 1 and std from 0 to 0.5, of each colour", found


def unlike_shown(said: dict[str, Any], shown: np.ndarray | None) -> tuple[str, str] | None:
    """Whether a camera's mean is far from what its images show, float64[3] in 0..1; as `camera_fault`."""
    mean = _as_numbers([said.get("mean")])
    if shown is None or mean is None or mean.shape != (1, 3) or (np.abs(mean[0] - shown) <= _SHOWN).all():
        return None
    return f"mean {_short(shown)}, as its images show", f"mean {_short(mean[0])}"


def _short(numbers: np.ndarray) -> str:
    return f"[{', '.join(f'{one:.4g}' for one in numbers)}]"
