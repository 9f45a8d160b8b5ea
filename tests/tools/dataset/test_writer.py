"""What the writer writes, what it refuses, and that an episode it has taken is lost to nothing."""

import errno
import io
import json
import pathlib
import shutil
import signal
import threading
import types

import numpy as np
import PIL.Image
import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.recording import ABOUT
from tests.tools.dataset.recording import JOINTS
from tests.tools.dataset.recording import SCENE
from tests.tools.dataset.recording import frame
from tests.tools.dataset.recording import run_script
from tests.tools.dataset.recording import span_of_lost
from tests.tools.dataset.recording import state
from tools.dataset import jpeg
from tools.dataset.check_run import check_dataset
from tools.dataset.dataset import read_dataset
from tools.dataset.episode import Episode
from tools.dataset.episode import image_cells
from tools.dataset.episode import read_episode
from tools.dataset.features import Feature
from tools.dataset.record import append_journal
from tools.dataset.record import episode_commit
from tools.dataset.record import recording
from tools.dataset.record import sizes
from tools.dataset.robot_features import RobotFeatures
from tools.dataset.robot_features import robot_features
from tools.dataset.writer import Writer
from tools.refusal import Refused


def record(root: pathlib.Path, *lengths: int, about: RobotFeatures = ABOUT, task: str = "Wave.") -> pathlib.Path:
    with Writer(root, about) as one:
        for length in lengths:
            for number in range(length):
                one.add_frame(frame(number, about), task)
            one.save_episode()
    return root


def episode(root: pathlib.Path, index: int) -> Episode:
    dataset = read_dataset(root)
    return read_episode(dataset.path_of(index), index, dataset.features, dataset.fps, root)


def cells(one: Episode) -> list[bytes]:
    return [cell["bytes"].as_py() for _, group in image_cells(one.path, [SCENE]) for cell in group[SCENE]]


def tree(root: pathlib.Path) -> dict[str, bytes]:
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {name: content for name, content in files.items() if name != ".writer.lock"}


def turned(image: np.ndarray) -> bytes:
    exif, out = PIL.Image.Exif(), io.BytesIO()
    exif[0x0112] = 3
    PIL.Image.fromarray(image).save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_an_episode_holds_what_was_given(tmp_path):
    record(tmp_path, 5, 230)
    one = episode(tmp_path, 1)
    states = np.stack([state(number) for number in range(230)])
    assert np.array_equal(one.columns["observation.state"], states)
    assert np.array_equal(one.columns["action"], np.concatenate([states[1:], states[-1:]]))
    assert one.columns["timestamp"].dtype == np.float32
    assert np.array_equal(one.columns["timestamp"], (np.arange(230) / 30).astype(np.float32))
    assert np.array_equal(one.columns["frame_index"], np.arange(230))
    assert np.array_equal(one.columns["index"], np.arange(5, 235))
    assert (one.columns["episode_index"] == 1).all()
    assert cells(one) == [jpeg.encode(frame(number)[SCENE], 60) for number in range(230)]
    assert one.footer.num_row_groups == 3
    assert one.odd == {}
    assert not [path for path in tmp_path.rglob(".*") if path.name != ".writer.lock"]


def test_the_meta_files_tell_of_it(tmp_path):
    record(tmp_path, 5)
    record(tmp_path, 7, task="Bow.")
    info = json.loads((tmp_path / "meta/info.json").read_bytes())
    assert {name: value for name, value in info.items() if name != "features"} == {
        "codebase_version": "v2.1",
        "robot_type": "tiny",
        "total_episodes": 2,
        "total_frames": 12,
        "total_tasks": 2,
        "total_videos": 0,
        "total_chunks": 1,
        "chunks_size": 1000,
        "fps": 30,
        "splits": {"train": "0:2"},
        "data_path": "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet",
        "video_path": None,
    }
    assert info["features"]["action"] == {"dtype": "float32", "shape": [3], "names": JOINTS}
    assert info["features"][SCENE] == {"dtype": "image", "shape": [48, 64, 3], "names": ["height", "width", "channels"]}
    dataset = read_dataset(tmp_path)
    assert dataset.tasks.values == [{"task_index": 0, "task": "Wave."}, {"task_index": 1, "task": "Bow."}]
    assert dataset.episodes.values == [
        {"episode_index": 0, "tasks": ["Wave."], "length": 5},
        {"episode_index": 1, "tasks": ["Bow."], "length": 7},
    ]
    stats = dataset.stats.values[1]["stats"]
    assert set(stats) == set(info["features"])
    assert stats["index"] == {"min": [5], "max": [11], "mean": [8.0], "std": [2.0], "count": [7]}
    assert np.shape(stats[SCENE]["mean"]) == (3, 1, 1)
    assert (episode(tmp_path, 1).columns["task_index"] == 1).all()


def test_the_schema_says_to_datasets_which_columns_are_images(tmp_path):
    record(tmp_path, 2)
    metadata = json.loads(pq.read_schema(read_dataset(tmp_path).path_of(0)).metadata[b"huggingface"])
    assert metadata["info"]["features"][SCENE] == {"_type": "Image"}
    assert metadata["info"]["features"]["action"]["_type"] == "Sequence"


def test_a_task_can_change_within_an_episode(tmp_path):
    with Writer(tmp_path, ABOUT) as one:
        for number, task in enumerate(["Reach.", "Grip.", "Reach."]):
            one.add_frame(frame(number), task)
        one.save_episode()
    assert read_dataset(tmp_path).episodes.values[0]["tasks"] == ["Reach.", "Grip."]
    assert episode(tmp_path, 0).columns["task_index"].tolist() == [0, 1, 0]


def test_an_action_that_is_given_is_kept_and_one_of_other_names_must_be(tmp_path):
    with Writer(tmp_path / "a", ABOUT) as one:
        for number in range(3):
            one.add_frame(frame(number) | {"action": state(-number)}, "Wave.")
        with pytest.raises(Refused, match="action"):
            one.add_frame(frame(3), "Wave.")
        one.save_episode()
        one.add_frame(frame(0), "Wave.")
        with pytest.raises(Refused) as error:
            one.add_frame(frame(1) | {"action": state(1)}, "Wave.")
        assert "never" in error.value.todo
        one.discard_episode()
    assert np.array_equal(episode(tmp_path / "a", 0).columns["action"], [state(0), state(-1), state(-2)])
    other = robot_features("tiny", 30, JOINTS, ["x", "y", "z"], {})
    with Writer(tmp_path / "b", other) as one, pytest.raises(Refused, match="action"):
        one.add_frame({"observation.state": state(0)}, "Wave.")


def test_jpegs_are_taken_as_they_are_and_arrays_may_be_used_again(tmp_path):
    data = jpeg.encode(frame(3)[SCENE], 66)
    image, joints = frame(0)[SCENE], state(0)
    with Writer(tmp_path, ABOUT) as one:
        one.add_frame({"observation.state": joints, SCENE: image}, "Wave.")
        joints[:], image[:] = 7, 7
        one.add_frame({"observation.state": joints, SCENE: bytearray(data)}, "Wave.")
        one.save_episode()
    assert episode(tmp_path, 0).columns["observation.state"].tolist() == [state(0).tolist(), [7, 7, 7]]
    assert cells(episode(tmp_path, 0)) == [jpeg.encode(frame(0)[SCENE]), data]


def test_numbers_of_every_kind_and_text(tmp_path):
    more = [
        Feature("touch", "bool", (1,)), Feature("grid", "int16", (2, 3)), Feature("level", "float64", (1,)),
        Feature("said", "string", (1,)),
    ]  # fmt: skip
    features = {one.name: one for one in more} | ABOUT.features
    with Writer(tmp_path, RobotFeatures("tiny", 12.5, features)) as one:
        for number in range(3):
            values = {"touch": np.bool_(number), "grid": np.full((2, 3), number, np.int16), "level": np.array([0.5])}
            one.add_frame(frame(number) | values | {"said": f"Grüße {number}"}, "Wave.")
        one.save_episode()
    columns = episode(tmp_path, 0).columns
    assert columns["touch"].tolist() == [False, True, True]
    assert columns["grid"].tolist() == [[[n] * 3] * 2 for n in range(3)]
    assert columns["level"].tolist() == [0.5] * 3
    assert np.array_equal(columns["timestamp"], (np.arange(3) / 12.5).astype(np.float32))
    assert pq.read_table(read_dataset(tmp_path).path_of(0))["said"].to_pylist()[2] == "Grüße 2"
    assert read_dataset(tmp_path).stats.values[0]["stats"]["touch"]["max"] == [True]


NAN = state(0)
NAN[1] = np.nan
WRONG = {
    "state of another length": ({"observation.state": np.zeros(4, np.float32)}, "observation.state", "float32[4]"),
    "state of another dtype": ({"observation.state": np.zeros(3)}, "observation.state", "float64[3]"),
    "state as a list": ({"observation.state": [0.0, 0.0, 0.0]}, "observation.state", "list"),
    "state with NaN": ({"observation.state": NAN}, "observation.state", "nan at place 1"),
    "state with infinity": ({"observation.state": np.array([0, 0, np.inf], np.float32)}, "observation.state", "inf"),
    "no state": ({"observation.state": None}, "observation.state", "nothing"),
    "no camera": ({SCENE: None}, SCENE, "nothing"),
    "camera of another size": ({SCENE: np.zeros((64, 48, 3), np.uint8)}, SCENE, "uint8[64, 48, 3]"),
    "camera with channels first": ({SCENE: np.zeros((3, 48, 64), np.uint8)}, SCENE, "uint8[3, 48, 64]"),
    "camera in floats": ({SCENE: np.zeros((48, 64, 3))}, SCENE, "float64"),
    "camera as text": ({SCENE: "scene.jpg"}, SCENE, "str"),
    "JPEG of another size": ({SCENE: jpeg.encode(np.zeros((48, 32, 3), np.uint8))}, SCENE, "48x32"),
    "JPEG that is cut": ({SCENE: jpeg.encode(frame(0)[SCENE])[:-30]}, SCENE, "not a whole JPEG"),
    "JPEG to be turned": ({SCENE: turned(frame(0)[SCENE])}, SCENE, "EXIF orientation 3"),
    "no JPEG": ({SCENE: b"\x89PNG and so on"}, SCENE, "not a whole JPEG"),
    "unknown name": ({"observation.images.wrist": frame(0)[SCENE]}, "observation.images.wrist", "does not have"),
    "timestamp": ({"timestamp": np.float32(0)}, "timestamp", "fills itself"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_frame_is_refused_by_name_and_costs_no_other(tmp_path, name):
    change, where, found = WRONG[name]
    wrong = {key: value for key, value in (frame(1) | change).items() if value is not None}
    with Writer(tmp_path, ABOUT) as one:
        one.add_frame(frame(0), "Wave.")
        with pytest.raises(Refused) as error:
            one.add_frame(wrong, "Wave.")
        assert f"episode 0, frame 1: {where}" == error.value.where
        assert found in error.value.found
        assert error.value.expected
        assert error.value.todo
        one.add_frame(frame(1), "Wave.")
        one.save_episode()
    assert np.array_equal(episode(tmp_path, 0).columns["observation.state"], [state(0), state(1)])


@pytest.mark.parametrize("task", ["", "  ", None, 3])
def test_a_frame_without_a_task_is_refused(tmp_path, task):
    with Writer(tmp_path, ABOUT) as one, pytest.raises(Refused, match="frame 0"):
        one.add_frame(frame(0), task)


@pytest.mark.parametrize(
    "change",
    [
        {"joints": Feature("joints", "complex64", (3,))},
        {"front": Feature("front", "video", (48, 64, 3))},
        {"grey": Feature("grey", "image", (48, 64, 1))},
        {"image_brightness": Feature("image_brightness", "float32", (1,))},
        {"a/b": Feature("a/b", "float32", (1,))},
        {"none": Feature("none", "float32", (0,))},
        {"texts": Feature("texts", "string", (2,))},
        {"timestamp": Feature("timestamp", "float64", (1,))},
    ],
)
def test_features_that_lerobot_would_not_read_are_refused(tmp_path, change):
    about = RobotFeatures("tiny", 30, ABOUT.features | change)
    with pytest.raises(Refused, match=next(iter(change))):
        Writer(tmp_path / "new", about)
    assert not (tmp_path / "new").exists()


def test_quality(tmp_path):
    for quality in (0, 101, 60.0, True):
        with pytest.raises(Refused, match="quality"):
            Writer(tmp_path, ABOUT, quality=quality)
    with pytest.warns(UserWarning, match="quality 90 fills"):
        Writer(tmp_path, ABOUT, quality=90).close()
    with Writer(tmp_path, ABOUT, quality=50) as one:
        one.add_frame(frame(0), "Wave.")
        one.save_episode()
    assert cells(episode(tmp_path, 0)) == [jpeg.encode(frame(0)[SCENE], 50)]


def test_an_episode_longer_than_lerobots_clock_is_refused():
    for fps in (10, 15, 30, 50):
        stamps = (np.arange(3000 * fps) / fps).astype(np.float32)
        late = np.flatnonzero(np.abs(np.diff(stamps) - 1 / fps) > 1e-4)[0] + 1
        for number in (0, 1, late // 2, late - 1):
            sizes.refuse_length(int(number), fps, "here")
        with pytest.raises(Refused, match="here"):
            sizes.refuse_length(int(late), fps, "here")


def test_nothing_is_saved_of_nothing_and_what_is_discarded_is_gone(tmp_path):
    with Writer(tmp_path, ABOUT) as one:
        with pytest.raises(Refused, match="episode 0"):
            one.save_episode()
        for number in range(4):
            one.add_frame(frame(number), "Wave.")
        assert one.frames == 4
        one.discard_episode()
        assert one.frames == 0
        one.add_frame(frame(9), "Bow.")
        assert one.save_episode() == 0
    assert np.array_equal(episode(tmp_path, 0).columns["observation.state"], [state(9)])
    assert read_dataset(tmp_path).tasks.values == [{"task_index": 0, "task": "Bow."}]


def test_frames_that_are_neither_saved_nor_discarded_are_not_lost_in_silence(tmp_path):
    with pytest.raises(Refused, match="just recover-dataset"), Writer(tmp_path, ABOUT) as one:
        one.add_frame(frame(0), "Wave.")
    shutil.rmtree(tmp_path)
    with pytest.warns(UserWarning, match="1 frames"), pytest.raises(ZeroDivisionError), Writer(tmp_path, ABOUT) as one:  # noqa: PT012, PT031
        one.add_frame(frame(0), "Wave.")
        raise ZeroDivisionError
    with pytest.raises(Refused, match="recover-dataset") as error:
        Writer(tmp_path, ABOUT)
    assert "1 frames" in error.value.found


def test_it_goes_on_with_a_dataset_and_leaves_what_others_wrote(tmp_path):
    record(tmp_path, 3, 4)
    path = tmp_path / "meta/episodes.jsonl"
    theirs = b'{"length": 3, "episode_index": 0, "task": "Wave."}\n{"episode_index":1, "length":4}'
    path.write_bytes(theirs)
    tasks = tmp_path / "meta/tasks.jsonl"
    tasks.write_bytes(b'{"task_index": 4, "task": "Wave.", "by": "hand"}\n')
    info = json.loads((tmp_path / "meta/info.json").read_bytes()) | {"of": "mine"}
    info["features"]["action"]["names"] = [JOINTS]
    info["features"][SCENE] = {"dtype": "image", "shape": [3, 48, 64], "names": ["channels", "height", "width"]}
    (tmp_path / "meta/info.json").write_text(json.dumps(info))
    record(tmp_path, 2, task="Bow.")
    assert path.read_bytes().startswith(theirs + b"\n{")
    assert (
        tasks.read_bytes() == b'{"task_index": 4, "task": "Wave.", "by": "hand"}\n{"task_index": 5, "task": "Bow."}\n'
    )
    after = json.loads((tmp_path / "meta/info.json").read_bytes())
    assert after["features"] == info["features"]
    assert (after["of"], after["total_episodes"], after["total_tasks"]) == ("mine", 3, 2)
    assert (episode(tmp_path, 2).columns["index"] == [7, 8]).all()


@pytest.mark.parametrize("end", [b"\r", b"\r\n"])
def test_it_goes_on_with_lines_that_end_as_on_other_systems(tmp_path, end):
    record(tmp_path, 3, 4)
    for path in (tmp_path / "meta").glob("*.jsonl"):
        path.write_bytes(path.read_bytes().replace(b"\n", end))
    record(tmp_path, 2)
    assert read_dataset(tmp_path).lengths == {0: 3, 1: 4, 2: 2}
    assert check_dataset(tmp_path).ok


@pytest.mark.parametrize(
    ("other", "where"),
    [
        (RobotFeatures("tiny", 10, ABOUT.features), "rate"),
        (RobotFeatures("other", 30, ABOUT.features), "robot"),
        (robot_features("tiny", 30, JOINTS, JOINTS, {}), SCENE),
        (robot_features("tiny", 30, JOINTS, JOINTS, {"scene": (64, 48)}), SCENE),
        (robot_features("tiny", 30, JOINTS, JOINTS, {"scene": (48, 64), "wrist": (48, 64)}), "wrist"),
        (robot_features("tiny", 30, ["elbow", "base", "gripper"], JOINTS, {"scene": (48, 64)}), "observation.state"),
    ],
)
def test_other_features_or_rate_are_refused(tmp_path, other, where):
    before = tree(record(tmp_path, 2))
    with pytest.raises(Refused, match=where):
        Writer(tmp_path, other)
    assert tree(tmp_path) == before


def test_a_dataset_that_is_not_in_order_is_not_appended_to(tmp_path):
    record(tmp_path / "good", 2, 2)
    breaks = {
        "meta/info.json": ['"total_episodes": 2', '"total_episodes": 3'],
        "meta/episodes.jsonl": ['"length": 2', '"length": 3'],
        "meta/episodes_stats.jsonl": ['"episode_index": 0, "stats"', '"episode_index": 5, "stats"'],
        "meta/tasks.jsonl": ["}\n", "}\n\n"],
    }
    for number, (name, (old, new)) in enumerate(breaks.items()):
        root = shutil.copytree(tmp_path / "good", tmp_path / str(number))
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new, 1))
        with pytest.raises(Refused, match="check-dataset"):
            Writer(root, ABOUT)
    stray = shutil.copytree(tmp_path / "good", tmp_path / "stray")
    shutil.copy(stray / "data/chunk-000/episode_000001.parquet", stray / "data/chunk-000/episode_000002.parquet")
    with pytest.raises(Refused, match="3 files in data/"):
        Writer(stray, ABOUT)
    lost = shutil.copytree(tmp_path / "good", tmp_path / "lost")
    (lost / "meta/info.json").unlink()
    with pytest.raises(Refused, match="missing"):
        Writer(lost, ABOUT)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/one.jpg").touch()
    with pytest.raises(Refused, match="a dataset"):
        Writer(tmp_path / "photos", ABOUT)


def test_a_slow_disk_drops_no_frame_in_silence(tmp_path, monkeypatch):
    monkeypatch.setattr(recording, "BACKLOG", 3)
    monkeypatch.setattr(recording, "LATEST_S", 600)
    go, appended = threading.Event(), []
    append = append_journal.AppendJournal.append

    def slow(self, *args):
        go.wait(60)
        append(self, *args)
        appended.append(args)

    monkeypatch.setattr(append_journal.AppendJournal, "append", slow)
    with Writer(tmp_path, ABOUT, live=True) as one:
        for number in range(3):
            one.add_frame(frame(number), "Wave.")
        assert appended == []  # it did not wait for the disk
        with pytest.raises(Refused, match="frame 3") as error:
            one.add_frame(frame(3), "Wave.")
        assert "frames that wait" in error.value.found
        go.set()
        one.save_episode()
    assert episode(tmp_path, 0).rows == 3
    go.clear()
    with Writer(tmp_path, ABOUT) as one:
        threading.Timer(0.3, go.set).start()
        for number in range(9):
            one.add_frame(frame(number), "Wave.")
        assert go.is_set()  # it waited for the disk
        one.save_episode()
    assert episode(tmp_path, 1).rows == 9


# Records with an encoder that takes 60 ms an image, says when it took which frame, and is killed at once: when 20 are taken,
# and for a robot not before one was refused.
SLOW_ENCODER = """
from tools.dataset import jpeg
from tools.refusal import Refused
encode = jpeg.encode
def slow(*args):
    time.sleep(0.06)
    return encode(*args)
jpeg.encode = slow
live = sys.argv[2] == "live"
refused, writer = 0, Writer(root, ABOUT, live=live)
for _ in range(500):
    before = time.monotonic()
    try:
        writer.add_frame(frame(writer.frames), "Wave.")
        print(before, time.monotonic(), flush=True)
    except Refused as e:
        refused += 1
        print("refused", e.found, flush=True)
    time.sleep(1 / 30)
    if writer.frames >= 20 and (refused or not live):
        break
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("mode", ["live", "waiting"])
def test_a_sigkill_costs_the_frames_of_100_ms_also_where_encoding_is_slow(tmp_path, mode):
    done = run_script(SLOW_ENCODER, tmp_path, mode)
    assert done.returncode == -signal.SIGKILL, done.stderr
    said = done.stdout.splitlines()
    taken = [line for line in said if not line.startswith("refused")]
    assert len(taken) >= 20
    assert (len(taken) < len(said)) == (mode == "live")
    assert all("the first of them for" in line for line in said if line.startswith("refused"))
    kept = len(append_journal.Journal.read(tmp_path / append_journal.NAME))
    assert span_of_lost(taken, kept) < 0.1  # two seconds of them waited before there was a bound


def test_frames_wait_for_each_other_and_none_for_longer_than_100_ms(tmp_path, monkeypatch):
    encode, now, go = jpeg.encode, 100.0, threading.Event()
    monkeypatch.setattr(recording, "time", types.SimpleNamespace(monotonic=lambda: now))
    monkeypatch.setattr(jpeg, "encode", lambda *args: (go.wait(60), encode(*args))[1])
    with Writer(tmp_path, ABOUT, live=True) as one:
        one.add_frame(frame(0), "Wave.")
        now += 0.099
        one.add_frame(frame(1), "Wave.")  # as where two cameras' frames come in pairs
        now += 0.002
        with pytest.raises(Refused, match="frame 2") as error:
            one.add_frame(frame(2), "Wave.")
        assert "2 frames that wait to be encoded or written, the first of them for 101 ms" in error.value.found
        go.set()
        one._recording.after_the_last_frame(lambda: None)  # noqa: SLF001
        one.add_frame(frame(2), "Wave.")
        one.save_episode()
    assert episode(tmp_path, 0).rows == 3


def test_a_frame_that_could_not_be_written_is_told_at_the_next_call(tmp_path, monkeypatch):
    append = append_journal.AppendJournal.append

    def full(self, about, blobs):
        if np.frombuffer(blobs["observation.state"], np.float32)[0] == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, about, blobs)

    monkeypatch.setattr(append_journal.AppendJournal, "append", full)
    with Writer(tmp_path, ABOUT) as one:
        for number in range(3):
            one.add_frame(frame(number), "Wave.")
        with pytest.raises(OSError, match="No space"):
            one.save_episode()
        with pytest.raises(OSError, match="No space"):
            one.add_frame(frame(3), "Wave.")
        one.discard_episode()
        one.add_frame(frame(0), "Wave.")
        one.save_episode()
    assert read_dataset(tmp_path).lengths == {0: 1}
    assert episode(tmp_path, 0).rows == 1


def test_an_episode_that_does_not_read_back_as_it_was_meant_is_not_saved(tmp_path, monkeypatch):
    write = episode_commit.write_parquet

    def wrong(path, dataset, journal, columns):
        write(path, dataset, journal, columns | {"action": columns["action"] + 1})

    with Writer(tmp_path, ABOUT) as one:
        for number in range(3):
            one.add_frame(frame(number), "Wave.")
        monkeypatch.setattr(episode_commit, "write_parquet", wrong)
        with pytest.raises(Refused, match="other values"):
            one.save_episode()
        assert {name for name in tree(tmp_path) if not name.startswith(".")} == set()
        monkeypatch.undo()
        assert one.save_episode() == 0
    assert episode(tmp_path, 0).rows == 3


def test_no_frame_is_encoded_in_the_loop_that_records(tmp_path, monkeypatch):
    encode, threads = jpeg.encode, []
    monkeypatch.setattr(jpeg, "encode", lambda *args: (threads.append(threading.get_ident()), encode(*args))[1])
    with Writer(tmp_path, ABOUT, live=True) as one:
        one.add_frame(frame(0), "Wave.")
        one.save_episode()
    assert len(threads) == 1
    assert threading.get_ident() not in threads


# Saves under a limit on the size of files, as on a disk that is full at that byte: pyarrow's writes too.
FULL = """
import resource, shutil
from tests.tools.dataset.test_writer import tree
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
with Writer(root, ABOUT) as writer:
    for number in range(3): writer.add_frame(frame(number), "Wave.")
    writer.save_episode()
    for number in range(20): writer.add_frame(frame(number), "Bow.")
    before, limit, failed = None, 0, 0
    while True:
        writer._recording.after_the_last_frame(lambda: None)
        before = before or tree(root)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            writer.save_episode()
        except OSError:
            failed += 1
        else:
            break
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        assert tree(root) == before, limit
        limit += 1000
    print(failed)
"""


def test_a_full_disk_leaves_the_old_and_the_frames(tmp_path):
    done = run_script(FULL, tmp_path)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10
    assert episode(tmp_path, 1).rows == 20
    assert read_dataset(tmp_path).lengths == {0: 3, 1: 20}


INTERRUPTED = """
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what is in the background without
from tools.dataset import writer as module
commit = module.commit
def slow(*args):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.2)
    commit(*args)
module.commit = slow
with Writer(root, ABOUT) as writer:
    for number in range(3): writer.add_frame(frame(number), "Wave.")
    writer.save_episode()
"""


def test_a_ctrl_c_does_not_end_saving_half_way(tmp_path):
    done = run_script(INTERRUPTED, tmp_path)
    assert "KeyboardInterrupt" in done.stderr
    assert read_dataset(tmp_path).lengths == {0: 3}
    assert not (tmp_path / ".recording.journal").exists()
