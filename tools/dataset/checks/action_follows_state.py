"""Asks whether each action is the next state, in a dataset whose actions are states."""

from collections.abc import Iterator

from tools.dataset.action_lag import action_lag as gist  # noqa: F401  (the runner calls it by this name)
from tools.dataset.action_lag import past_lag
from tools.dataset.action_lag import usual_lag
from tools.dataset.checks.actions_ahead import may_be_past
from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding
from tools.dataset.motion import dimension_of
from tools.dataset.motion import state_and_action

SENTENCE = "Where actions are states, action[t] = state[t+1], and the last one is the last state or near it."
SEVERITY = "warning"


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names the episodes where it does not hold though it does elsewhere, or that it is missed everywhere."""
    lag = usual_lag(gists)
    _, action = state_and_action(dataset.features)
    if lag == 1:
        yield from _last(dataset, gists)
        for episode, one in gists.items():
            if one and len(one["off"]):
                off = one["off"].tolist()
                yield Finding(
                    expected="action[t] = state[t+1], as in most of this dataset",
                    found=f"another action in {len(off)} frame{'s' * (len(off) > 1)}: {', '.join(map(str, off[:5]))}"
                    + (", ..." if len(off) > 5 else ""),
                    hint="the policy learns two conventions at once; make the action again from the state, or drop the episode",
                    file=dataset.name_of(dataset.episode_files[episode]),
                    episode=episode,
                    frame=off[0],
                    column=action,
                )
    elif lag is not None and (past_lag(gists) is None or may_be_past(dataset)):  # else actions-ahead tells it
        yield Finding(
            expected="action[t] = state[t+1]",
            found=f"action[t] = state[t{lag:+d}] in most frames" if lag else "action[t] = state[t] in most frames",
            hint=_learned(lag),
            column=action,
        )


def _last(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names the episodes that end with an action out of reach: no state comes after it that would tell."""
    state, action = state_and_action(dataset.features)
    for episode, one in gists.items():
        if one and one["away"] is not None:
            dimension, found, there = one["away"]
            name = dimension_of(dataset.features.get(action), action, dimension)
            yield Finding(
                expected=f"the last action near the last state, which is {there:.6g}",
                found=f"{found:.6g} in {name}, over five of this episode's largest steps away",
                hint=f"of the first frame or of another episode, or zero: it is repeated where a chunk goes past the end; "
                f"write the last {state} there",
                file=dataset.name_of(dataset.episode_files[episode]),
                episode=episode,
                frame=one["rows"] - 1,
                column=action,
            )


def _learned(lag: int) -> str:
    if lag < 0:
        return "the policy learns to go back to where it was; make the action again from the state"
    if lag == 0:
        return "the policy learns to stay where it is; make the action again from the state"
    skipped = "a frame" if lag == 2 else f"{lag - 1} frames"
    return f"the policy learns to skip {skipped}, and moves {lag} times as fast as it was shown"
