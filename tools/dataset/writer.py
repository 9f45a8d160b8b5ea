"""Writes a LeRobot v2.1 dataset, one episode after the other: what a recorder and a demo use.

A frame is refused where it is wrong, at once; one that is taken is encoded and put into a journal by a thread, so that a
30 Hz loop goes on. Saving makes an episode of the journal; a process that is killed leaves the journal, of which
`just recover-dataset` makes one. What it lacks are the frames of 100 ms at most: with more that wait, none is taken.
"""

from collections.abc import Mapping
import pathlib
from typing import Any, Self
import warnings

from tools.dataset import jpeg
from tools.dataset.plain import just
from tools.dataset.record import write_lock
from tools.dataset.record.append_journal import NAME as JOURNAL
from tools.dataset.record.append_journal import Journal
from tools.dataset.record.append_refusals import refuse_journal
from tools.dataset.record.appendable import open_appendable
from tools.dataset.record.episode_commit import commit
from tools.dataset.record.episode_commit import remove_leavings
from tools.dataset.record.frame import checked_frame
from tools.dataset.record.frame import follows_from_state
from tools.dataset.record.recording import LATEST_S
from tools.dataset.record.recording import Recording
from tools.dataset.record.sizes import refuse_features
from tools.dataset.record.sizes import refuse_length
from tools.dataset.record.sizes import refuse_quality
from tools.dataset.robot_features import ACTION
from tools.dataset.robot_features import RobotFeatures
from tools.refusal import Refused


class Writer:
    """Creates a dataset, or goes on with one; a context manager, or else `close` ends it.

    Args:
        root: The dataset's folder; made where it is not there.
        about: What every episode is made of, such as `read_robot_features` gives it.
        quality: Of the JPEGs, 50 to 70 by the guide.
        live: A robot waits for nobody: where a frame is not in the journal LATEST_S after it was taken, the next is
            refused. Otherwise `add_frame` waits until it is.

    Raises:
        Refused: The folder holds something else, a dataset of other features, rate or robot, one that is not in order, or an
            episode that waits to be recovered; another writer is at work on it; the features cannot be written.
    """

    def __init__(self, root: pathlib.Path, about: RobotFeatures, *, quality: int = jpeg.QUALITY, live: bool = False):
        refuse_features(about)
        refuse_quality(quality)
        self.root = pathlib.Path(root).expanduser().absolute()
        self._live = live
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = write_lock.take(self.root)
        try:
            self._refuse_unsaved()
            self._dataset = open_appendable(self.root, about)
            remove_leavings(self._dataset)
        except BaseException:
            self._lock.close()
            raise
        self._recording = Recording(self.root / JOURNAL, quality)
        self._with_action: bool | None = None

    @property
    def episodes(self) -> int:
        """How many episodes are saved."""
        return self._dataset.total

    @property
    def frames(self) -> int:
        """How many frames of the current episode were taken."""
        return self._recording.frames

    def add_frame(self, frame: Mapping[str, Any], task: str) -> None:
        """Takes one frame of the current episode; its arrays may be used again at once.

        Args:
            frame: By feature: numbers as arrays of its shape and dtype, images as uint8[H, W, 3] RGB or JPEG bytes. `action`
                may be left out, in all frames of the episode, where it has the dimensions of the state: it then is the
                state of the next frame, and in the last frame its own.
            task: What the robot is doing, in the words that the policy will be told.

        Raises:
            Refused: A value is wrong, the episode is longer than LeRobot's clock allows, or encoder or disk are behind. The
                frame was not taken; those before it are.
            OSError: A frame before this one could not be written. Discard the episode, or close and recover it.
        """
        self._recording.raise_failure()
        where = f"episode {self.episodes}, frame {self.frames}"
        if not isinstance(task, str) or not task.strip():
            raise Refused(where, expected="a task in words", found=f"{task!r}", todo="say what the robot is doing")
        about = self._dataset.about
        if not self.frames:
            self._with_action = ACTION in frame or not follows_from_state(about.given)
        values = checked_frame(about.given, frame, where, with_action=self._with_action)
        refuse_length(self.frames, about.fps, where)
        if not self._live:
            self._recording.wait_for_room()
        elif not self._recording.has_room():
            raise self._behind(where)
        self._recording.append({"episode": self.episodes, **about.as_json()}, values, task)

    def save_episode(self) -> int:
        """Makes an episode of the frames since the last one; returns its number when it is safe on the disk.

        Raises:
            Refused: There is no frame.
            OSError: The disk is full or fails. The dataset is as it was and the frames are in the journal: call it again when
                there is room, or recover them later.
        """
        number = self.episodes
        if not self.frames:
            raise Refused(
                f"episode {number}",
                expected="one frame or more",
                found="none",
                todo="add frames before you save the episode",
            )
        self._recording.after_the_last_frame(self._save)
        return number

    def discard_episode(self) -> None:
        """Throws away the frames since the last episode."""
        self._recording.after_the_last_frame(self._recording.remove)

    def close(self) -> None:
        """Lets go of the dataset. Frames that were not saved stay in the journal, for `just recover-dataset`.

        Raises:
            Refused: There are such frames.
            OSError: Some could not be written.
        """
        if self._lock.closed:
            return
        try:
            self._recording.close()
        finally:
            self._lock.close()
        self._recording.raise_failure()
        if self.frames:
            raise Refused(
                str(self.root),
                expected="save_episode or discard_episode before the end",
                found=f"{self.frames} frames that are neither",
                todo=f"{just('recover-dataset', self.root)} makes an episode of them, with --discard it removes them",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        try:
            self.close()
        except (Refused, OSError) as e:
            if kind is None:
                raise
            warnings.warn(str(e), stacklevel=2)  # what ended the body is what the caller must see

    def _behind(self, where: str) -> Refused:
        frames, seconds = self._recording.backlog()
        return Refused(
            where,
            expected=f"each frame in the journal {1000 * LATEST_S:.0f} ms after it was taken, since a killed process loses "
            "those that are not",
            found=f"{frames} frames that wait to be encoded or written, the first of them for {1000 * seconds:.0f} ms",
            todo="record smaller images or fewer cameras, hand over the JPEGs that a camera makes itself, or take a faster "
            "disk; the frames before this one stay",
        )

    def _save(self) -> None:
        self._recording.raise_failure()
        journal = Journal.read(self.root / JOURNAL)
        if len(journal) != self.frames:
            raise Refused(
                str(journal.path),
                expected=f"the {self.frames} frames that were recorded",
                found=f"{len(journal)} that are whole",
                todo="see to the disk; just recover-dataset makes an episode of those",
            )
        commit(self._dataset, journal)
        self._recording.remove()

    def _refuse_unsaved(self) -> None:
        path = self.root / JOURNAL
        if path.exists():
            try:
                frames = len(Journal.read(path))
            except ValueError:
                frames = 1
            if frames:
                refuse_journal(self.root, frames)
            path.unlink()
