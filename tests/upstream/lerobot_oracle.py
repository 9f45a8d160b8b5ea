"""What LeRobot itself says of a dataset on disk, asked in the way in which OpenPI opens one.

Nothing may reach the network, so HF_HUB_OFFLINE, HF_DATASETS_OFFLINE, HF_HOME and HF_LEROBOT_HOME are set before this is
imported. Each dataset needs a folder of its own: the cache of `datasets` knows a file by its path and its time.
"""

import dataclasses
import hashlib

import torch

from openpi.training.lerobot_dataset import LeRobotDataset
from openpi.training.lerobot_dataset import LeRobotDatasetMetadata

# OpenPI's default for pi0.5 on a LeRobot robot; longer than the episodes of the tests, so that all of them are padded.
HORIZON = 10
# What differs when the same episode stands elsewhere in a dataset, with other tasks beside its own.
_OF_THE_EPISODES_PLACE = {"episode_index", "index", "task_index"}


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came of opening a dataset and reading every item.

    Attributes:
        refusal: The exception's type and the first line of its text; None where all was read.
        items: How many items there were.
        read: By key of the items, a digest of what they hold, in order; {} where it was refused.
        episodes: Of each episode in order, a digest of all that its items hold but for which episode they belong to.
    """

    refusal: str | None
    items: int = 0
    read: dict[str, str] = dataclasses.field(default_factory=dict)
    episodes: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether LeRobot read everything."""
        return self.refusal is None

    def differs_from(self, other: "Answer") -> set[str]:
        """The keys of `other` that hold something else here, or are not here; "items" where their number differs."""
        keys = {key for key, digest in other.read.items() if self.read.get(key) != digest}
        return keys | ({"items"} if self.items != other.items else set())


def ask(repo_id: str) -> Answer:
    """Opens `$HF_LEROBOT_HOME/<repo_id>` as OpenPI does, and reads every item of it."""
    try:
        # OpenPI asks the metadata for the rate first, on its own.
        fps = LeRobotDatasetMetadata(repo_id).fps
        dataset = LeRobotDataset(repo_id, delta_timestamps={"action": [t / fps for t in range(HORIZON)]})
        digests, episodes = {}, {}
        for at in range(len(dataset)):
            item = dataset[at]
            for key, value in item.items():
                digests.setdefault(key, hashlib.sha256()).update(_as_bytes(at, value))
            episode = episodes.setdefault(str(item["episode_index"]), hashlib.sha256())
            for key in sorted(item.keys() - _OF_THE_EPISODES_PLACE):
                episode.update(key.encode() + _as_bytes(0, item[key]))
    except Exception as e:  # whatever it is: that it fails is the answer
        lines = str(e).strip().splitlines()
        return Answer(f"{type(e).__name__}: {lines[0] if lines else ''}")
    read = {key: digest.hexdigest() for key, digest in digests.items()}
    return Answer(None, len(dataset), read, tuple(digest.hexdigest() for digest in episodes.values()))


def _as_bytes(at: int, value: object) -> bytes:
    """What an item holds under a key, with its place, type and shape: nothing else gives the same bytes."""
    if isinstance(value, torch.Tensor):
        return f"{at} {value.dtype} {tuple(value.shape)} ".encode() + value.contiguous().numpy().tobytes()
    return f"{at} {type(value).__name__} {value!r} ".encode()
