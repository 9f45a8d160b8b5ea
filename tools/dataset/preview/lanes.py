"""Curves of states and actions: one lane for each number, its state and its action on one scale."""

from collections.abc import Iterable
import dataclasses

import numpy as np

from tools.dataset.motion import ACTIONS
from tools.dataset.motion import STATES
from tools.dataset.preview.dimensions import Dimension
from tools.dataset.preview.ranges import Range

# A lane's own units from its lowest to its highest value: what a value on the page is exact to.
HEIGHT = 10_000
MOST_LANES = 32
# Points of all curves on a page, and of one: some nine bytes each.
_POINTS = 400_000
_MOST_POINTS, _FEWEST_POINTS = 300, 24
# Of the height of a lane, what the flatter of two curves must take to be seen beside the other.
_SHARE = 0.2


@dataclasses.dataclass(frozen=True)
class Lane:
    """What is drawn in one lane, in every episode.

    Attributes:
        label: Its name.
        unit: "" where nobody says.
        gripper: Whether it is to stand out.
        parts: The dimensions in it, by "state", "action" or "other".
        low: Of all episodes, what lies at the bottom.
        high: What lies at the top.
    """

    label: str
    unit: str
    gripper: bool
    parts: dict[str, Dimension]
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Curve:
    """One line of a lane.

    Attributes:
        kind: "state", "action" or "other".
        path: For an SVG path: x is the frame, y 0 at the top and HEIGHT at the bottom.
        closed: The same down to the bottom, to be filled; "" where it is not.
    """

    kind: str
    path: str
    closed: str = ""


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A lane of one episode.

    Attributes:
        lane: The lane.
        curves: Its lines, those below first.
        low: The lowest value of this episode, NaN where there is none.
        high: The highest.
        top: Where that lies, in the lane's own units.
        bottom: Where the lowest lies.
    """

    lane: Lane
    curves: tuple[Curve, ...]
    low: float
    high: float
    top: float
    bottom: float


def lanes_of(ranges: dict[str, list[Range]]) -> list[Lane]:
    """The lanes of a dataset: a state and the action of its name share one where they share a unit and a scale.

    Args:
        ranges: Of each column, in order.
    """
    states = [one for name in STATES for one in ranges.get(name, ())]
    actions = [one for name in ACTIONS for one in ranges.get(name, ())]
    if not states and not actions:
        others = [one for ones in ranges.values() for one in ones]
        return [_lane({"other": one}, one.dimension.label) for one in others]
    partners = {_key(one, len(actions)): one for one in actions}
    lanes, paired = [], set()
    for state in states:
        action = partners.get(_key(state, len(states)))
        if action and _alike(state, action):
            paired.add(action.dimension)
            lanes.append(_lane({"state": state, "action": action}, state.dimension.name or f"{state.dimension.index}"))
        else:
            lanes.append(_lane({"state": state}, state.dimension.label, " (state)" if state.dimension.name else ""))
    return lanes + [
        _lane({"action": one}, one.dimension.label, " (action)" if one.dimension.name else "")
        for one in actions
        if one.dimension not in paired
    ]


def points_for(lanes: int, episodes: int) -> int:
    """How many points a curve may have, so that the page stays small."""
    return max(_FEWEST_POINTS, min(_MOST_POINTS, _POINTS // max(1, 2 * lanes * episodes)))


def draw(lane: Lane, columns: dict[str, np.ndarray], points: int, also: Iterable[int] = ()) -> Drawn:
    """A lane of one episode.

    Args:
        lane: The lane.
        columns: By name, [T, D].
        points: How many a curve may have.
        also: Frames that are drawn in any case.
    """
    curves, seen = [], [np.array([])]
    for kind in ("action", "state", "other"):  # the state is thinner and lies on top
        part = lane.parts.get(kind)
        if part is None or part.feature not in columns or columns[part.feature].shape[1] <= part.index:
            continue
        values = columns[part.feature][:, part.index].astype(np.float64)
        seen.append(values[np.isfinite(values)])
        segments = _segments(values, _levels(values, lane), chosen_frames(values, points, also))
        path = "".join(map(_line, segments))
        closed = "".join(map(_area, segments)) if lane.gripper and kind != "action" else ""
        curves.append(Curve(kind, path, closed))
    finite = np.concatenate(seen)
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (np.nan, np.nan)
    bottom, top = (float(one) for one in _levels(np.array([low, high]), lane)) if len(finite) else (HEIGHT, 0.0)
    return Drawn(lane, tuple(curves), low, high, top, bottom)


def chosen_frames(values: np.ndarray, points: int, also: Iterable[int] = ()) -> np.ndarray:
    """The frames to draw: all, or the first, the last, and of equal stretches the lowest and the highest each.

    A spike of one frame is among them. Frames that are NaN or infinite are not.
    """
    finite = np.isfinite(values)
    if len(values) <= points:
        return np.flatnonzero(finite)
    edges = np.linspace(0, len(values), points // 2).astype(int)[:-1]
    stretch = np.repeat(np.arange(len(edges)), np.diff([*edges, len(values)]))
    order = np.lexsort((np.where(finite, values, 0.0), stretch))
    order = order[finite[order]]
    firsts = np.flatnonzero(np.diff(stretch[order], prepend=-1))
    lasts = np.append(firsts[1:] - 1, len(order) - 1) if len(order) else firsts
    ends = np.flatnonzero(finite)[[0, -1]] if finite.any() else np.array([], int)
    asked = np.array([frame for frame in also if 0 <= frame < len(values) and finite[frame]], int)
    return np.unique(np.concatenate([order[firsts], order[lasts], ends, asked]))


def _lane(parts: dict[str, Range], label: str, kind: str = "") -> Lane:
    one = next(iter(parts.values()))
    lows = [part.low for part in parts.values() if not part.empty]
    highs = [part.high for part in parts.values() if not part.empty]
    low, high = min(lows, default=0.0), max(highs, default=1.0)
    dimensions = {name: part.dimension for name, part in parts.items()}
    return Lane(label + kind, one.dimension.unit, one.dimension.is_gripper, dimensions, low, high)


def _key(one: Range, of: int) -> tuple[str, int]:
    """What a state and its action have in common: the name, or without names the place among as many."""
    return (one.dimension.name, 0) if one.dimension.name else (f"one of {of}", one.dimension.index)


def _alike(state: Range, action: Range) -> bool:
    """Whether both are the same quantity: of one unit, and neither lost on the other's scale."""
    if state.dimension.unit != action.dimension.unit or state.empty or action.empty:
        return False
    spans = ((state.low, state.high, action.low, action.high), (state.q01, state.q99, action.q01, action.q99))
    return any(
        min(high_1 - low_1, high_2 - low_2) >= _SHARE * (max(high_1, high_2) - min(low_1, low_2))
        for low_1, high_1, low_2, high_2 in spans
    )


def _levels(values: np.ndarray, lane: Lane) -> np.ndarray:
    if lane.high == lane.low:
        return np.full(len(values), HEIGHT / 2)
    part = (values / 2 - lane.low / 2) / (lane.high / 2 - lane.low / 2)
    return HEIGHT * (1 - np.clip(part, 0, 1))


def _segments(values: np.ndarray, levels: np.ndarray, frames: np.ndarray) -> list[list[tuple[int, int]]]:
    """The points of a curve; it breaks where a value between two of them is NaN or infinite."""
    lost = np.cumsum(~np.isfinite(values))
    breaks = np.flatnonzero(np.diff(lost[frames])) + 1
    return [
        [(int(frame), round(float(levels[frame]))) for frame in part] for part in np.split(frames, breaks) if len(part)
    ]


def _line(points: list[tuple[int, int]]) -> str:
    (x, y), *others = points
    if not others:
        return f"M{x} {y}h0"  # a dot, by its round ends
    return f"M{x} {y}L" + " ".join(f"{x} {y}" for x, y in others)


def _area(points: list[tuple[int, int]]) -> str:
    return f"M{points[0][0]} {HEIGHT}L" + " ".join(f"{x} {y}" for x, y in points) + f"V{HEIGHT}Z"
