"""By how many frames an episode's actions are ahead of its states, where they are states at all."""

import numpy as np

from tools.dataset.episode import Episode
from tools.dataset.motion import state_and_action
from tools.dataset.motion import vector

# 1 is the guide's convention, action[t] = state[t+1]; the others are how it is missed.
LAGS = (1, 0, 2, -1, 3, -2, 4, 5)
# Values that went through text or another width of float are the same within this.
_RELATIVE, _ABSOLUTE = 1e-5, 1e-6
# The last action may be the state that was not recorded any more, or a target: so many of the episode's largest steps away.
# A dimension that hardly ever moves is held against a share of the largest step of all.
_STEPS_AWAY, _SHARE = 5, 0.01
# Of the dataset's frames that can tell: so many, and this share of them, make sure that its actions are states of before.
_ENOUGH, _NEARLY_ALL = 10, 0.95


def action_lag(episode: Episode) -> dict:
    """Compares each action with the states around it.

    Returns:
        {} where state and action cannot be compared; else `rows`, `away` as `_away` has it, `moving`, how many frames tell (the state changes after them),
        `off`, the frames whose action is not the next state, int[N], and by each of LAGS `same`, in how many frames that
        tell the action is the state so many frames later, and `other`, in how many frames at all it is not. Where it is the
        next state in all frames the other lags are not asked. By each of LAGS below 0, `tells` is how many frames have an
        earlier state there that is none of the frame's own or of those after it, and `past` in how many of them the action is it;
        `exactly` says whether every action but the first is the state of the frame before, to the last bit.
    """
    state, action = (vector(episode, name) if name else None for name in state_and_action(episode.columns))
    if state is None or action is None or state.shape != action.shape or len(state) < 3:
        return {}
    moving = np.append((state[1:] != state[:-1]).any(axis=1), False)
    same, other = dict.fromkeys(LAGS, 0), dict.fromkeys(LAGS, len(state))
    off = np.zeros(0, int)
    for lag in LAGS:
        first, end = max(0, -lag), len(state) - max(0, lag)
        if first < end:
            is_same = _same(action[first:end], state[first + lag : end + lag])
            same[lag], other[lag] = int((is_same & moving[first:end]).sum()), int((~is_same).sum())
        if lag == 1:
            off = np.flatnonzero(~is_same)
            if not len(off):
                break
    past, tells = {}, {}
    for lag in (lag for lag in LAGS if lag < 0):
        past[lag], tells[lag] = _past(state, action, lag) if same[lag] else (0, int(moving.sum()))
    told = {"rows": len(state), "away": _away(state, action), "past": past, "tells": tells}
    told |= {"exactly": bool((action[1:] == state[:-1]).all())}
    return told | {"moving": int(moving.sum()), "off": off, "same": same, "other": other}


def usual_lag(gists: dict[int, dict]) -> int | None:
    """The one of LAGS that holds for more than half of the dataset's moving frames; None where none does.

    Several can, where a robot moves seldom and rests in between: of those the one with the fewest exceptions anywhere.
    """
    there = [one for one in gists.values() if one]
    moving = sum(one["moving"] for one in there)
    can_be = [lag for lag in LAGS if sum(one["same"][lag] for one in there) > 0.5 * moving]
    return min(can_be, key=lambda lag: sum(one["other"][lag] for one in there), default=None)


def past_lag(gists: dict[int, dict]) -> int | None:
    """The one of LAGS below 0 that holds in nearly all frames of the dataset that tell it from all later states; else None."""
    there = [one for one in gists.values() if one]
    can_be = []
    for lag in (lag for lag in LAGS if lag < 0):
        tells = sum(one["tells"][lag] for one in there)
        if tells >= _ENOUGH and sum(one["past"][lag] for one in there) >= _NEARLY_ALL * tells:
            can_be.append(lag)
    return min(can_be, key=lambda lag: sum(one["other"][lag] for one in there), default=None)


def _past(state: np.ndarray, action: np.ndarray, lag: int) -> tuple[int, int]:
    """In how many frames the action is an earlier state and no later one, and in how many that could be told.

    A robot that rests, or swings to and fro within the lags that are asked, tells nothing.
    """
    frames = np.arange(-lag, len(state))
    before = state[frames + lag]
    tells = np.ones(len(frames), bool)
    for later in range(max(LAGS) + 1):
        tells &= ~_same(before, state[np.minimum(frames + later, len(state) - 1)])
    return int((tells & _same(action[frames], before)).sum()), int(tells.sum())


def _away(state: np.ndarray, action: np.ndarray) -> tuple[int, float, float] | None:
    """Whether the last action, which no next state tells of, is where the robot cannot have gone.

    Returns:
        The dimension that is furthest off, the action and the state there; None where none is.
    """
    last, here = action[-1].astype(np.float64), state[-1].astype(np.float64)
    off = np.abs(last - here)
    if not off.any():
        return None
    steps = np.abs(np.diff(state.astype(np.float64), axis=0)).max(axis=0)
    share = off / (_STEPS_AWAY * np.maximum(steps, _SHARE * steps.max()) + _ABSOLUTE)
    at = int(share.argmax())
    return (at, float(last[at]), float(here[at])) if share[at] > 1 else None


def _same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """In which frames two vectors are the same, bool[T]."""
    return (np.abs(one - other) <= _ABSOLUTE + _RELATIVE * np.abs(other)).all(axis=1)
