"""Asks whether the actions are states of frames before, as a shift the wrong way makes them."""

from collections.abc import Iterator
import functools
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset.action_lag import action_lag
from tools.dataset.action_lag import past_lag
from tools.dataset.dataset import Dataset
from tools.dataset.drafts.draft import Draft
from tools.dataset.drafts.steps import without_images
from tools.dataset.episode import Episode
from tools.dataset.episode import to_array
from tools.dataset.finding import Finding
from tools.dataset.motion import state_and_action
from tools.dataset.robot_described import described
from tools.dataset.row_order import Order
from tools.dataset.row_order import order_of
from tools.dataset.row_order import order_of_file

SENTENCE = "The actions of a dataset are not the states of frames before."
SEVERITY = "error"
REPAIR_AFTER = ("schema_metadata", "episode_files")


def gist(episode: Episode) -> dict:
    """How action and state lie to each other, and whether the rows lie in the order in which they were recorded."""
    lag = action_lag(episode)
    return lag | {"in order": _in_order(order_of(episode))} if lag else {}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Says so where it is so in nearly all frames.

    An action is chosen after the state of its frame was read, and what it does is seen in states that follow. One that is
    a state of before to five digits, and none of those that follow, was put into the wrong row: no follower's lag and no
    leader's arm makes that, since both bring the state after the action, and neither to five digits. Steps and speeds
    are seldom equal to a state. Where a robot's description says that its actions are such, and its states may be the sticks
    that were read a moment later than they were acted upon, it is left to the warning of action-follows-state.
    """
    lag = past_lag(gists)
    if lag is None or may_be_past(dataset):
        return
    state, action = state_and_action(dataset.features)
    there = [one for one in gists.values() if one]
    tells, past = (sum(one[key][lag] for one in there) for key in ("tells", "past"))
    repairable = lag == -1 and all(one["exactly"] and one["in order"] for one in there)
    again = f"{action}[t] = {state}[t+1], and in an episode's last frame {state}[t]"
    if repairable:
        todo = f"The repair makes it again: {again}"
    else:
        todo = (
            f"Make it again with your own script as {again}, then just repair-dataset for the statistics; or record "
            "again with the action put into the row of the state before it"
        )
    yield Finding(
        expected="action[t] = state[t+1], or another action that comes before what it does",
        found=f"action[t] = state[t{lag}] in {past:,} of the {tells:,} frames in which the robot moves enough to tell",
        hint=f"shifted the wrong way: the policy learns to go back to where it was. {todo}",
        column=action,
        repairable=repairable,
    )


def may_be_past(dataset: Dataset) -> bool:
    """Whether actions that are states of before may be meant so: where the robot's description calls them relative."""
    return described(dataset.info).get("actions") == "relative"


def repair(draft: Draft) -> None:
    """Makes the actions again from the states, in files in which each is exactly the state of the frame before."""
    state, action = state_and_action(draft.features())
    if state is not None and action is not None:
        draft.steps.append(functools.partial(_made_again, state=state, action=action, paths=dict(draft.files)))


@without_images
def _made_again(
    table: pa.Table, episode: int, first: int, *, state: str, action: str, paths: dict[int, pathlib.Path]
) -> pa.Table:
    path = paths[episode]
    right = _next_states(path, path.stat().st_mtime_ns, state, action)
    at = table.schema.get_field_index(action)
    if right is None or at < 0 or not _in_order(order_of_file(path)):
        return table
    field = table.schema.field(at)
    return table.set_column(at, field, right.slice(first, table.num_rows).cast(field.type))


@functools.lru_cache(maxsize=1)  # its row groups come one after another
def _next_states(path: pathlib.Path, _time_ns: int, state: str, action: str) -> pa.Array | None:
    """The state one frame later, and in the last frame its own; None where the file's actions are not the states before."""
    with pq.ParquetFile(path, memory_map=True) as file:
        if not {state, action} <= set(file.schema_arrow.names):
            return None
        table = file.read(columns=[state, action])
    try:
        with np.errstate(over="ignore"):  # of a number beyond float32 numbers-fit tells
            states, actions = (to_array(table.column(name)).astype(np.float32) for name in (state, action))
    except ValueError:  # of nulls and lists of several lengths other checks tell
        return None
    if len(states) < 2 or states.shape != actions.shape or not (actions[1:] == states[:-1]).all():
        return None
    column = pa.concat_arrays(table.column(state).chunks)
    return pa.concat_arrays([column.slice(1), column.slice(len(column) - 1)])


def _in_order(order: Order) -> bool:
    return not order.falls and order.frame_index is not False and order.index is not False
