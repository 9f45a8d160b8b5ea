"""Asks whether the actions are states, and says it where they are not."""

from collections.abc import Iterator

from tools.dataset.action_lag import LAGS
from tools.dataset.action_lag import action_lag as gist  # noqa: F401  (the runner calls it by this name)
from tools.dataset.action_lag import usual_lag
from tools.dataset.dataset import Dataset
from tools.dataset.finding import Finding
from tools.dataset.motion import state_and_action

SENTENCE = "Actions are states, one frame later."
SEVERITY = "note"


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Notes actions of another kind."""
    if sum(one["moving"] for one in gists.values() if one) and usual_lag(gists) is None:
        yield Finding(
            expected="action[t] = state[t+1], the guide's convention",
            found=f"actions that are no states, of {-min(LAGS)} frames earlier to {max(LAGS)} later",
            hint="right for commands: targets of a leader arm, speeds, steps; wrong where they should have been the states",
            column=state_and_action(dataset.features)[1],
        )
