"""Asks whether each action is the next state, in a dataset whose actions are states."""

from collections.abc import Iterator

from tools.dataset.action_lag import action_lag as gist  # noqa: F401  (the runner calls it by this name)
from tools.dataset.action_lag import usual_lag
from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding
from tools.dataset.robot_features import ACTION

SENTENCE = "Where actions are states, action[t] = state[t+1]."
SEVERITY = "warning"


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Names the episodes where it does not hold though it does elsewhere, or that it is missed everywhere."""
    lag = usual_lag(gists)
    if lag == 1:
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
                    column=ACTION,
                )
    elif lag is not None:
        standing = "the policy learns to stay where it is"
        yield Finding(
            expected="action[t] = state[t+1]",
            found=f"action[t] = state[t{'+2' if lag else ''}] in most frames",
            hint=standing if lag == 0 else "the policy learns to skip a frame, and moves twice as fast as it was shown",
            column=ACTION,
        )
