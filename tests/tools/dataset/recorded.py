"""Recordings like those of real robots, in memory: to be spoilt in one way, written as a dataset and checked."""

import dataclasses
import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tools.dataset import dataset as dataset_lib
from tools.dataset.features import schema_of
from tools.dataset.jpeg import encode
from tools.dataset.jsonl import to_jsonl
from tools.dataset.robot_features import ACTION
from tools.dataset.robot_features import CAMERA
from tools.dataset.robot_features import STATE
from tools.dataset.robot_features import robot_features
from tools.dataset.statistics import episode_stats

SCENE, WRIST = CAMERA + "scene", CAMERA + "wrist"
JOINTS = ["pan", "lift", "elbow", "flex", "roll", "gripper"]
SIZE = 64
TASK = "Pick up the bottle."


@dataclasses.dataclass
class Recording:
    """What a robot recorded, to change freely.

    Attributes:
        fps: Frames a second.
        states: float32[T, 6] by episode.
        actions: The same, the next states unless changed.
        images: By camera and episode, a list of pictures uint8[64, 64, 3] or of ready bytes, or None for a null cell.
        tasks: The texts of tasks.jsonl; all frames are of the first.
        robot: For info.json.
    """

    fps: int
    states: list[np.ndarray]
    actions: list[np.ndarray]
    images: dict[str, list[list[np.ndarray | bytes | None]]]
    tasks: list[str] = dataclasses.field(default_factory=lambda: [TASK])
    robot: str = "tiny"

    def write(self, root: pathlib.Path) -> pathlib.Path:
        """Writes it as a dataset in order."""
        about = robot_features(
            self.robot, self.fps, JOINTS, JOINTS, {name.removeprefix(CAMERA): (SIZE, SIZE) for name in self.images}
        )
        schema = schema_of(about.features.values())
        (root / "data/chunk-000").mkdir(parents=True)
        (root / "meta").mkdir()
        first, stats = 0, []
        for episode, (state, action) in enumerate(zip(self.states, self.actions, strict=True)):
            rows = len(state)
            numbers = {
                STATE: state.astype(np.float32),
                ACTION: action.astype(np.float32),
                "timestamp": (np.arange(rows) / self.fps).astype(np.float32),
                "frame_index": np.arange(rows),
                "episode_index": np.full(rows, episode),
                "index": np.arange(first, first + rows),
                "task_index": np.zeros(rows, np.int64),
            }
            cells = {name: [_cell(image) for image in by_episode[episode]] for name, by_episode in self.images.items()}
            columns = {name: list(values) for name, values in numbers.items()} | cells
            arrays = [pa.array(columns[field.name], field.type) for field in schema]
            path = root / dataset_lib.DATA_PATH.format(episode_chunk=0, episode_index=episode)
            pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, row_group_size=25)
            with np.errstate(invalid="ignore"):  # of an infinite number
                of_episode = episode_stats({name: numbers[name] for name in (STATE, ACTION)})
            stats.append({"episode_index": episode, "stats": of_episode})
            first += rows
        episodes = [
            {"episode_index": n, "tasks": self.tasks[:1], "length": len(state)} for n, state in enumerate(self.states)
        ]
        tasks = [{"task_index": n, "task": text} for n, text in enumerate(self.tasks)]
        for name, objects in (("tasks", tasks), ("episodes", episodes), ("episodes_stats", stats)):
            with (root / f"meta/{name}.jsonl").open("wb") as file:
                file.write(_lines(objects))
        info = about.as_json() | {
            "codebase_version": "v2.1",
            "total_episodes": len(self.states),
            "total_frames": first,
            "total_tasks": len(self.tasks),
            "total_videos": 0,
            "total_chunks": 1,
            "chunks_size": 1000,
            "splits": {"train": f"0:{len(self.states)}"},
            "data_path": dataset_lib.DATA_PATH,
            "video_path": None,
        }
        (root / "meta/info.json").write_text(json.dumps(info))
        return root


def _lines(objects: list[dict]) -> bytes:
    try:
        return to_jsonl(objects)
    except ValueError:  # statistics of a NaN
        return "".join(json.dumps(one) + "\n" for one in objects).encode()


def _cell(image: np.ndarray | bytes | None) -> dict | None:
    if image is None:
        return None
    return {"bytes": image if isinstance(image, bytes) else encode(image), "path": None}


def teleoperated(seed: int = 0, episodes: int = 10, fps: int = 20, *, pictures: bool = True) -> Recording:
    """An arm led by hand: smooth ways between points, readings with noise, a gripper that is closed for long."""
    rng = np.random.default_rng(seed)
    states = []
    for _ in range(episodes):
        rows = int(rng.integers(50, 60))
        state = _ways(rng, rows, 5, 60) + rng.normal(0, 0.05, (rows, 5))
        grip = np.full(rows, 5.0)
        grip[: int(rng.integers(4, 9))] = 70
        state = np.column_stack([state, _smooth(grip, 3) + rng.normal(0, 0.05, rows)]).astype(np.float32)
        states.append(state)
    return _recording(rng, fps, states, 3.0, pictures=pictures)


def simulated(seed: int = 1, episodes: int = 10, fps: int = 10, *, pictures: bool = True) -> Recording:
    """A simulator: no noise anywhere, an idle second at the start, pictures in which only a small arm moves."""
    rng = np.random.default_rng(seed)
    states = []
    for _ in range(episodes):
        rows = int(rng.integers(50, 70))
        state = _ways(rng, rows, 6, 1.5)
        state[:, 5] = np.where(np.arange(rows) > rng.integers(20, 40), 1.0, 0.0)  # a gripper that is open or shut
        state[: fps + 2] = state[fps + 2]
        states.append(state.astype(np.float32))
    return _recording(rng, fps, states, 0.0, pictures=pictures)


def commanded(seed: int = 2, episodes: int = 10, fps: int = 30, *, pictures: bool = True) -> Recording:
    """A follower arm that lags behind the targets of a leader, in mixed units, with pauses; actions are the targets."""
    rng = np.random.default_rng(seed)
    states, actions = [], []
    for _ in range(episodes):
        rows = int(rng.integers(55, 70))
        target = _ways(rng, rows, 6, 1.0) * [0.3, 0.3, 0.2, 2.5, 2.5, 100]
        pause = int(rng.integers(20, 40))
        target = target[np.r_[:pause, [pause] * 12, pause : rows - 12]]
        state = np.copy(target)
        for frame in range(1, rows):
            state[frame] = 0.6 * state[frame - 1] + 0.4 * target[frame - 1]
        states.append((state + rng.normal(0, 1e-3, state.shape) * [0.3, 0.3, 0.2, 2.5, 2.5, 100]).astype(np.float32))
        actions.append(target.astype(np.float32))
    recording = _recording(rng, fps, states, 2.0, pictures=pictures)
    recording.actions = actions
    return recording


def with_sticks(seed: int = 3, episodes: int = 10, fps: int = 10, *, pictures: bool = True) -> Recording:
    """The guide's robot: its state is the operator's sticks, mostly at rest, pushed and let go at once, some seldom."""
    rng = np.random.default_rng(seed)
    states = []
    for _ in range(episodes):
        rows = int(rng.integers(60, 80))
        state = np.zeros((rows, 6))
        for axis, times in enumerate((5, 4, 3, 2, 2, 1)):
            for begin in rng.integers(8, rows - 8, times if rng.uniform() < 0.9 else 0):
                length = int(rng.integers(1, 8))
                state[begin : begin + length, axis] = rng.choice([-1, 1]) * (
                    1 if axis == 5 else rng.uniform(0.3, 1, length)
                )
        states.append((state + rng.normal(0, 0.002, state.shape) * (np.arange(6) < 5)).astype(np.float32))
    return _recording(rng, fps, states, 2.0, pictures=pictures)


GOOD = {"teleoperated": teleoperated, "simulated": simulated, "commanded": commanded, "with sticks": with_sticks}


def _ways(rng: np.random.Generator, rows: int, joints: int, size: float) -> np.ndarray:
    """Smooth ways between random points, float64[rows, joints]."""
    points = rng.uniform(-size, size, (rows // 20 + 3, joints))
    at = np.linspace(0, len(points) - 1.001, rows)
    share = (at % 1)[:, None]
    share = share**3 * (10 - 15 * share + 6 * share**2)  # of least jerk
    return points[at.astype(int)] * (1 - share) + points[at.astype(int) + 1] * share


def _smooth(values: np.ndarray, frames: int) -> np.ndarray:
    return np.convolve(np.pad(values, frames // 2, mode="edge"), np.ones(frames) / frames, "valid")[: len(values)]


def _recording(
    rng: np.random.Generator, fps: int, states: list[np.ndarray], noise: float, *, pictures: bool
) -> Recording:
    low = np.min([state.min(axis=0) for state in states], axis=0)
    way = np.max([state.max(axis=0) for state in states], axis=0) - low
    images = {}
    for name, tint in ((SCENE, (170, 120, 70)), (WRIST, (110, 115, 120))) if pictures else ():
        ground = _ground(rng, tint)
        images[name] = [[_picture(rng, ground, share, noise) for share in (s - low) / way] for s in states]
    return Recording(fps, states, [np.concatenate([s[1:], s[-1:]]) for s in states], images)


def _ground(rng: np.random.Generator, tint: tuple[int, int, int]) -> np.ndarray:
    """A table with things on it: fields of several brightness, in one tint."""
    fields = np.kron(rng.uniform(0.5, 1.4, (8, 8)), np.ones((SIZE // 8, SIZE // 8)))
    return fields[..., None] * tint


def _picture(rng: np.random.Generator, ground: np.ndarray, share: np.ndarray, noise: float) -> np.ndarray:
    """The ground with three links of an arm, each where two joints put it (0..1 of their way), and a sensor's noise."""
    image = ground.copy()
    pixels = np.arange(SIZE)
    for down, right in share.reshape(3, 2) * (SIZE - 12):
        covers = [np.clip(7 - np.abs(pixels - at - 6), 0, 1) for at in (down, right)]  # of a pixel in part at the edges
        cover = (covers[0][:, None] * covers[1])[..., None]
        image = image * (1 - cover) + cover * (230, 200, 60)
    if noise:
        image += rng.normal(0, noise, image.shape)
    return image.clip(0, 255).astype(np.uint8)
