"""The dataset card: what a person reads on the hub, and how to tell ours from one that someone has edited."""

import hashlib
import json
import pathlib
import re
from typing import Any

import jinja2

from tools.dataset.dataset import VERSION
from tools.dataset.dataset import Dataset
from tools.dataset.features import INDEX_FEATURES
from tools.dataset.features import Feature
from tools.dataset.plain import counted

_TEMPLATE = "dataset_card.md.j2"
_TASKS_SHOWN = 20
# The last line of a card of ours: with the hash of what stands above it, an edit is seen, and the card left alone.
_MARK = re.compile(
    r"\n<!-- written by just upload-dataset; once edited it is never written over: ([0-9a-f]{16}) -->\n\Z"
)


def write_card(dataset: Dataset, repo_id: str, license_name: str | None) -> bytes:
    """The card of a dataset.

    Args:
        dataset: Without errors.
        repo_id: Where it lies on the hub.
        license_name: As the hub spells it, such as "apache-2.0"; None leaves it to be chosen.
    """
    info = dataset.info
    tasks = [_one_line(str(one["task"])) for one in dataset.tasks.values if one.get("task")]
    frames, fps = sum(dataset.lengths.values()), dataset.fps or 0
    loader = jinja2.FileSystemLoader(pathlib.Path(__file__).parent)
    template = jinja2.Environment(  # markdown, and not HTML: what could be taken for markup is escaped below
        loader=loader, trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    ).get_template(_TEMPLATE)
    text = template.render(
        license=license_name,
        tags=_tags(info),
        title=repo_id.partition("/")[2],
        info={"robot_type": _one_line(str(info.get("robot_type") or "")), "fps": f"{fps:g}"},
        episodes=counted(dataset.total_episodes, "episode"),
        frames=counted(frames, "frame"),
        duration=_duration(frames / fps if fps else 0),
        version=VERSION,
        images=any(feature.is_image for feature in dataset.features.values()),
        tasks=tasks,
        shown=_TASKS_SHOWN,
        features=[_row(one) for one in dataset.features.values() if one.name not in INDEX_FEATURES],
        repo_id=repo_id,
    )
    return f"{text}\n<!-- written by just upload-dataset; once edited it is never written over: {_hash(text)} -->\n".encode()


def is_ours(card: bytes) -> bool:
    """Whether a card is one that we wrote and nobody has edited since."""
    text = card.decode("utf-8", errors="replace")
    mark = _MARK.search(text)
    return mark is not None and _hash(text[: mark.start()]) == mark[1]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _tags(info: dict[str, Any]) -> list[str]:
    """The robot's name as a tag, where it can be one; quoted, since YAML takes some plain words for other things."""
    robot = str(info.get("robot_type") or "").strip()
    return [json.dumps(robot)] if re.fullmatch(r"[\w.-]{1,60}", robot) and robot.lower() != "lerobot" else []


def _row(feature: Feature) -> dict[str, str]:
    names = feature.names
    while isinstance(names, dict) and len(names) == 1:  # {"motors": [...]}
        names = next(iter(names.values()))
    while isinstance(names, list) and len(names) == 1 and isinstance(names[0], list):
        names = names[0]
    shown = ", ".join(map(str, names)) if isinstance(names, list) else "" if names is None else str(names)
    return {
        "name": _one_line(feature.name),
        "dtype": feature.dtype,
        "shape": " x ".join(map(str, feature.shape)),
        "names": _one_line(shown),
    }


def _one_line(text: str) -> str:
    """Text of a dataset as it can stand in a line or a cell of markdown."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", " ".join(text.split()))


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
