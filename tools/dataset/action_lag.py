"""By how many frames an episode's actions are ahead of its states, where they are states at all."""

import numpy as np

from tools.dataset.episode import Episode
from tools.dataset.motion import vector
from tools.dataset.robot_features import ACTION
from tools.dataset.robot_features import STATE

# 1 is the guide's convention, action[t] = state[t+1]; 0 and 2 are how it is missed.
LAGS = (0, 1, 2)
# Values that went through text or another width of float are the same within this.
_RELATIVE, _ABSOLUTE = 1e-5, 1e-6


def action_lag(episode: Episode) -> dict:
    """Compares each action with the states around it.

    Returns:
        {} where state and action cannot be compared; else `moving`, how many frames tell (the state changes after them),
        `same`, for each of LAGS in how many of those the action is the state so many frames later, and `off`, the frames
        whose action is not the next state, int[N].
    """
    state, action = vector(episode, STATE), vector(episode, ACTION)
    if state is None or action is None or state.shape != action.shape or len(state) < 3:
        return {}
    frames = len(state) - 2
    moving = (state[1:-1] != state[:-2]).any(axis=1)
    same = {lag: _same(action[:frames], state[lag : lag + frames]) for lag in LAGS}
    off = np.flatnonzero(~_same(action[:-1], state[1:]))
    return {"moving": int(moving.sum()), "same": {lag: int((same[lag] & moving).sum()) for lag in LAGS}, "off": off}


def usual_lag(gists: dict[int, dict]) -> int | None:
    """The one of LAGS that holds for more than half of the dataset's moving frames; None where none does."""
    moving = sum(one["moving"] for one in gists.values() if one)
    shares = {lag: sum(one["same"][lag] for one in gists.values() if one) / max(1, moving) for lag in LAGS}
    best = max(LAGS, key=lambda lag: shares[lag])
    return best if shares[best] > 0.5 else None


def _same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """In which frames two vectors are the same, bool[T]."""
    return (np.abs(one - other) <= _ABSOLUTE + _RELATIVE * np.abs(other)).all(axis=1)
