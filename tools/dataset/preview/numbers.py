"""How a page writes numbers, and the marks of its axes."""

import math

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
# Seconds between two marks of a time axis, the first that leaves ten at most.
_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)


def number(value: float, span: float = 0.0) -> str:
    """A value as people write it, to a few hundredths of what it ranges over.

    Args:
        value: The value.
        span: From the least to the greatest of its kind; 0 where there is no other.
    """
    if not math.isfinite(value):
        return "none"
    if abs(value) >= 1e15 or 0 < abs(value) < 1e-6:
        return f"{value:.1e}".replace("-", MINUS)
    # Two digits are enough of what is large beyond all reading, such as 76,000,000.
    if abs(value) >= 1e6:
        value = float(f"{value:.2g}")
    measure = span if 0 < span < math.inf else abs(value)
    digits = min(9, max(0, 2 - math.floor(math.log10(measure)))) if measure else 0
    if 0 < abs(value) < 0.5 * 10**-digits:  # what is not zero is not called zero
        digits = 1 - math.floor(math.log10(abs(value)))
    text = f"{value:,.{digits}f}"
    return text.replace("-", MINUS) if text.strip("-0.") else text.removeprefix("-")


def ticks(rows: int, fps: float | None) -> list[tuple[float, str]]:
    """The marks of an episode's time axis: where, in percent, and their text."""
    span = max(1, rows - 1)
    if fps is None:
        step = 10 ** max(0, math.ceil(math.log10(span / 8)))
        return [(100 * frame / span, f"{frame:,}") for frame in range(0, rows, step)]
    step = next((one for one in _STEPS_S if span / fps / one <= 10), 10 ** math.ceil(math.log10(span / fps / 10)))
    return [(100 * at * step * fps / span, f"{at * step:.6g} s") for at in range(int(span / fps / step + 1e-9) + 1)]


def marks(lengths: dict[int, int], fps: float | None) -> list[tuple[float, str]]:
    """Round figures for the axis of lengths: each in frames, and its text."""
    highest = max(lengths.values(), default=0) / (fps or 1)
    if not highest:
        return [(0.0, "0")]
    step = 10 ** math.floor(math.log10(highest))
    step *= next(part for part in (0.2, 0.5, 1, 2) if highest / (part * step) <= 5)
    unit = " s" if fps else ""
    return [(at * step * (fps or 1), f"{at * step:.6g}{unit}") for at in range(int(highest / step + 1e-9) + 1)]


def duration(seconds: float) -> str:
    """A time in the unit that fits it."""
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.1f} h"


def in_bytes(count: int) -> str:
    """A size in the unit that fits it."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} GB" if count < 1000 else f"{count:,.0f} GB"
