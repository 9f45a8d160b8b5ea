"""Asks whether each frame has a picture of its own."""

from collections.abc import Iterator

from tools.dataset.checks.camera_keeps_up import SHARE
from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks
from tools.dataset.plain import counted
from tools.dataset.repeats import repeats

SENTENCE = "No frame repeats the picture of the one before while the robot moves."
SEVERITY = "note"


def gist_of_looks(episode: Episode, looks: dict[str, Looks]) -> dict:
    """By camera, the frames that do; of those with very many another check tells."""
    found = {camera: repeats(episode, one).single for camera, one in looks.items()}
    few = {camera: one for camera, one in found.items() if 0 < len(one) <= SHARE * (episode.rows - 1)}
    return {camera: (len(one), int(one[0]), episode.rows) for camera, one in few.items()}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Adds them up by camera."""
    for camera in sorted({camera for one in gists.values() for camera in one}):
        episodes = [episode for episode, one in gists.items() if camera in one]
        frames, rows = (sum(gists[episode][camera][at] for episode in episodes) for at in (0, 2))
        yield Finding(
            expected="a new picture in every frame",
            found=f"{frames:,} of the {rows:,} frames of {counted(len(episodes), 'episode')} repeat the one before; "
            f"{counted(len(gists), 'episode')} looked at in all",
            hint="a frame that came late: a few do no harm, many are a camera or a disk that does not keep up",
            file=dataset.name_of(dataset.episode_files[episodes[0]]),
            episode=episodes[0],
            frame=gists[episodes[0]][camera][1],
            column=camera,
        )
