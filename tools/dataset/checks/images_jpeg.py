"""Asks whether the images are stored as JPEG."""

from collections.abc import Iterator

from tools.dataset.dataset import Dataset
from tools.dataset.episode import Episode
from tools.dataset.finding import Finding
from tools.dataset.looks import Looks

SENTENCE = "Images are JPEG."
SEVERITY = "note"


def gist_of_looks(episode: Episode, looks: dict[str, Looks]) -> dict:
    """By camera, how many images are of another format, and which."""
    other = {camera: [kind for kind in one.formats if kind not in ("JPEG", "")] for camera, one in looks.items()}
    return {camera: (len(kinds), kinds[0]) for camera, kinds in other.items() if kinds}


def of_gists(dataset: Dataset, gists: dict[int, dict]) -> Iterator[Finding]:
    """Adds them up."""
    for camera in sorted({camera for one in gists.values() for camera in one}):
        of_camera = [one[camera] for one in gists.values() if camera in one]
        yield Finding(
            expected="JPEG of quality 50 to 70",
            found=f"{of_camera[0][1]}, {sum(number for number, _ in of_camera)} images",
            hint="it takes several times the room and the decoding time, and the model sees 224x224 pixels: "
            "just edit-dataset recompress",
            column=camera,
        )
