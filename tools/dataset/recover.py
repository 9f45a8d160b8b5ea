"""`just recover-dataset`: makes an episode of what was recorded when a recorder was killed."""

import dataclasses
import json as json_text
import pathlib
from typing import Annotated

import tyro

from tools.command import note
from tools.command import run
from tools.dataset.dataset import read_dataset
from tools.dataset.episode import UnreadableError
from tools.dataset.episode import read_episode
from tools.dataset.plain import counted
from tools.dataset.plain import say
from tools.dataset.record import write_lock
from tools.dataset.record.append_journal import NAME as JOURNAL
from tools.dataset.record.append_journal import Journal
from tools.dataset.record.appendable import Appendable
from tools.dataset.record.appendable import open_appendable
from tools.dataset.record.episode_commit import commit
from tools.dataset.record.episode_commit import remove_leavings
from tools.dataset.record.episode_commit import roll_back
from tools.dataset.record.episode_rows import gathered
from tools.dataset.robot_features import RobotFeatures
from tools.refusal import Refused


@dataclasses.dataclass(frozen=True)
class Recovered:
    """What came of it.

    Attributes:
        did: "nothing", "recovered", "was saved", "discarded".
        episode: The episode that the frames are, if there is one.
        frames: How many there were.
        lost_bytes: What was cut off the journal's end, since it was not whole.
        kept: Where the journal was put, when more than the end of one frame was cut off.
    """

    did: str
    episode: int | None = None
    frames: int = 0
    lost_bytes: int = 0
    kept: str | None = None


def recover_dataset(
    path: Annotated[pathlib.Path, tyro.conf.Positional], /, *, discard: bool = False, json: bool = False
) -> int:
    """Make an episode of the frames that were recorded when the recorder was killed, or its machine.

    Safe to run at any time and twice: it says so where there is nothing to recover, and refuses while a writer is alive.

    Example:
        just recover-dataset ~/datasets/so101

    Args:
        path: The dataset's folder.
        discard: Remove the frames instead.
        json: Print what was done as JSON.
    """
    done = recover(path, discard=discard)
    if json:
        print(json_text.dumps({"ok": True, **dataclasses.asdict(done)}, indent=2))
        return 0
    said = {
        "nothing": "nothing to recover",
        "recovered": f"episode {done.episode}: {counted(done.frames, 'frame')} recovered",
        "was saved": f"episode {done.episode} was saved already, with all its {counted(done.frames, 'frame')}",
        "discarded": f"{counted(done.frames, 'frame')} discarded",
    }
    cut = f"; {done.lost_bytes} bytes at the end were not a whole frame" if done.lost_bytes else ""
    say(f"{path}: {said[done.did]}{cut}" + (f"; the journal is kept as {done.kept}" if done.kept else ""))
    return 0


def recover(root: pathlib.Path, *, discard: bool = False) -> Recovered:
    """Does what the command does.

    Raises:
        Refused: A writer is alive, the journal is not one, or the dataset is not the one that it was recorded for.
    """
    root = root.expanduser().absolute()
    if not (root / JOURNAL).exists():
        if not (root / write_lock.NAME).exists():
            read_dataset(root)  # says what is wrong with the path, if something is
        return Recovered("nothing")
    with write_lock.held(root):
        journal = _read(root)
        frames, lost = len(journal), journal.torn
        if not frames:
            journal.path.unlink()
            return Recovered("nothing", None, frames, lost)
        half = journal.about["episode"]
        dataset = open_appendable(root, RobotFeatures.of_json(journal.about), half_saved=half)
        remove_leavings(dataset)
        if discard:
            if dataset.total == half:
                roll_back(dataset)
            journal.path.unlink()
            return Recovered("discarded", None, frames, lost)
        number = half if _is_saved(dataset, journal, half) else dataset.total
        did = "was saved" if dataset.total > number else "recovered"
        if did == "recovered":
            note(f"{root}: making episode {number} of {counted(frames, 'frame')}")
            commit(dataset, journal)
        return Recovered(did, number, frames, lost, _put_away(journal))


def _read(root: pathlib.Path) -> Journal:
    try:
        journal = Journal.read(root / JOURNAL)
        if journal.about or not len(journal):
            return journal
        why = "no word about the episode"
    except ValueError as e:
        why = str(e)
    raise Refused(
        str(root / JOURNAL),
        expected="the journal of an episode",
        found=why,
        todo="recover it with the version of these tools that recorded it, or move the file away",
    )


def _is_saved(dataset: Appendable, journal: Journal, episode: int) -> bool:
    """Whether the process died between the last step of saving the episode and removing the journal."""
    if episode >= dataset.total:
        return False
    try:
        saved = read_episode(dataset.path_of(episode), episode, dataset.about.features, dataset.about.fps, dataset.root)
    except UnreadableError:
        return False
    _, meant = gathered(dataset, journal)
    return saved.rows == len(journal) and all(
        name in saved.columns and saved.columns[name].tobytes() == values.tobytes() for name, values in meant.items()
    )


def _put_away(journal: Journal) -> str | None:
    """Removes a journal whose frames are saved; keeps one that holds more than a torn last frame."""
    largest = max((journal.size_of(frame) for frame in range(len(journal))), default=0)
    if journal.torn <= 2 * largest:
        journal.path.unlink()
        return None
    kept = journal.path.with_name(f"{JOURNAL}.{journal.end}.kept")
    journal.path.rename(kept)
    return kept.name


if __name__ == "__main__":
    run(recover_dataset, "just recover-dataset")
