"""Asks whether each image is there and whole."""

from collections.abc import Iterator

from tools.dataset.checks.images_embedded import of_episode as told_by_footer
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import NO_BYTES
from tools.dataset.looks import Looks

SENTENCE = "Every image decodes, whole."
SEVERITY = "error"
ALL_IMAGES = True  # LeRobot decodes also what info.json does not tell of


def of_looks(episode: Episode, looks: dict[str, Looks]) -> Iterator[Finding]:
    """Names the first of each camera."""
    told = {finding.column for finding in told_by_footer(episode)}
    for camera, one in looks.items():
        # Cells without bytes were told without looking into them, unless the file does not count its nulls.
        problems = [(frame, why) for frame, why in one.problems if why != NO_BYTES or camera not in told]
        if problems:
            frame, why = problems[0]
            yield Finding(
                expected="an image in every cell, whole",
                found=why + (f"; {len(problems) - 1} more frames" if len(problems) > 1 else ""),
                hint="LeRobot stops at this frame, in the middle of training, or fills what is lost with grey",
                file=episode.name,
                episode=episode.index,
                frame=frame,
                column=camera,
            )
