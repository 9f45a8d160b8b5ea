"""just upload-dataset against a hub on this machine, in order and with everything that goes wrong on a real one."""

from collections.abc import Callable
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import types

from huggingface_hub import constants
from huggingface_hub.utils import _http
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tools.dataset.hub_server import TOKEN
from tests.tools.dataset.hub_server import Blob
from tests.tools.dataset.hub_server import Fault
from tests.tools.dataset.hub_server import HubServer
from tests.tools.dataset.made_dataset import make_dataset
from tools.command import ROOT
from tools.command import run
from tools.dataset import check_run
from tools.dataset import progress
from tools.dataset.dataset import read_dataset
from tools.dataset.jsonl import to_jsonl
from tools.dataset.record import write_lock
from tools.dataset.upload import __main__ as upload_command
from tools.dataset.upload import plan as upload_plan
from tools.dataset.upload import publish as upload_publish
from tools.dataset.upload import refusals as upload_refusals
from tools.dataset.upload import send as upload_send
from tools.dataset.upload.dataset_card import is_ours
from tools.dataset.upload.files import files_to_upload

REPO = "me/arm"
CAMERA = "observation.images.scene"


@pytest.fixture(scope="session")
def four_episodes(tmp_path_factory) -> pathlib.Path:
    return make_dataset(tmp_path_factory.mktemp("four") / "arm", 4)


@pytest.fixture
def dataset(four_episodes, tmp_path) -> pathlib.Path:
    """A dataset of four episodes, to change freely."""
    return shutil.copytree(four_episodes, tmp_path / "arm")


@dataclasses.dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict:
        return json.loads(self.out)


@pytest.fixture
def waits() -> list[float]:
    """How long was waited, in seconds, in the order it was; nobody really waits."""
    return []


@pytest.fixture
def hub(monkeypatch, tmp_path, waits):
    """An empty hub, to which all requests go."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    clock = types.SimpleNamespace(**{key: value for key, value in vars(time).items() if not key.startswith("__")})
    clock.sleep = waits.append
    monkeypatch.setattr(_http, "time", clock)
    monkeypatch.setattr(upload_refusals, "time", clock)
    # Other processes for the images of four episodes take longer than the upload.
    monkeypatch.setattr(check_run.pool, "over", lambda function, items, **_: map(function, items))
    with HubServer() as server:
        monkeypatch.setattr(constants, "ENDPOINT", server.url)
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no_token"))
        template = server.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield server
        _http.close_session()


@pytest.fixture
def go(hub, monkeypatch, capsys) -> Callable[..., Done]:
    """Runs the command as the user does; the token is in nothing that it prints."""

    def call(*line: str | pathlib.Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["upload", *map(str, line)])
        with pytest.raises(SystemExit) as end:
            run(upload_command.upload, "just upload-dataset")
        said = capsys.readouterr()
        assert TOKEN not in said.out + said.err
        assert "Traceback" not in said.err
        return Done(end.value.code, said.out, said.err)

    return call


def content(root: pathlib.Path) -> dict[str, bytes]:
    """What a dataset's files hold, as they should be on the hub."""
    return {file.name: file.path.read_bytes() for file in files_to_upload(read_dataset(root))}


def on_hub(hub: HubServer, revision: str = "v2.1") -> dict[str, bytes]:
    """What the hub holds of a dataset at a revision."""
    files = hub.repos[REPO].at(revision).files
    return {name: blob.content for name, blob in files.items() if name.startswith(("data/", "meta/", "videos/"))}


def changes(hub: HubServer) -> list[str]:
    """The requests that change what the hub holds."""
    harmless = ("/preupload/", "/objects/batch", "/validate-yaml", "/verify")
    return [line for line in hub.asked if not line.startswith(("GET", "HEAD")) and not any(h in line for h in harmless)]


# In order


def test_a_dataset_is_uploaded_whole_and_tagged(hub, go, dataset):
    for name in (
        ".recording.journal",
        ".cache/huggingface/x",
        "data/.episode.new",
        "images/a.png",
        "notes.txt",
        "meta/.new.json",
    ):
        (dataset / name).parent.mkdir(parents=True, exist_ok=True)
        (dataset / name).write_bytes(b"not of the dataset")
    done = go(dataset, REPO)
    assert done.code == 0, done.err
    repo = hub.repos[REPO]
    assert repo.private
    meta = {f"meta/{name}" for name in ("info.json", "tasks.jsonl", "episodes.jsonl", "episodes_stats.jsonl")}
    data = {f"data/chunk-000/episode_{number:06}.parquet" for number in range(4)}
    assert set(repo.head.files) == {*data, *meta, "README.md", ".gitattributes"}
    assert on_hub(hub) == content(dataset)
    assert repo.tags == {"v2.1": repo.head.id}
    assert len(repo.commits) == 2
    assert "left here .cache/, .recording.journal, images/, notes.txt" in done.out
    assert "just recover-dataset" in done.err


def test_a_second_upload_changes_nothing(hub, go, dataset):
    go(dataset, REPO)
    hub.asked.clear()
    done = go(dataset, REPO, "--json")
    assert (done.code, changes(hub)) == (0, [])
    assert done.json["ok"]
    assert (done.json["files"], done.json["commits"], done.json["unchanged"]) == (0, 0, 8)


def test_json_is_all_that_is_printed_on_standard_output(hub, go, dataset):
    answer = go(dataset, REPO, "--json").json
    repo = hub.repos[REPO]
    assert answer["commit"] == repo.head.id
    assert answer["created"]
    assert answer["private"]
    assert answer["bytes"] == sum(map(len, content(dataset).values()))


def test_episodes_that_are_gone_are_deleted_and_named_and_what_is_not_ours_stays(hub, go, dataset, tmp_path):
    go(dataset, REPO)
    repo = hub.repos[REPO]
    first = repo.tags["v2.1"]
    repo.add("by hand", repo.head.files | {"tools/plot.py": Blob(b"print()"), "data/.keep": Blob(b"")})
    shorter = make_dataset(tmp_path / "shorter", 3)
    done = go(shorter, REPO, "--json")
    assert done.code == 0, done.err
    assert done.json["deleted"] == ["data/chunk-000/episode_000003.parquet"]
    assert "episode_000003.parquet" in done.err
    assert {name: one for name, one in on_hub(hub).items() if name != "data/.keep"} == content(shorter)
    assert {"tools/plot.py", "data/.keep"} <= set(repo.head.files)
    assert done.json["tag_was"] == first
    assert repo.at(first) is not None
    assert repo.tags["v2.1"] == repo.head.id != first


def test_many_files_go_in_several_commits_and_a_reader_of_the_tag_sees_whole_datasets_only(
    hub, go, dataset, tmp_path, monkeypatch
):
    for module in (upload_plan, upload_send):
        monkeypatch.setattr(module, "FILES_A_COMMIT", 2)
    monkeypatch.setattr(upload_send, "_GROUP_FILES", 1)
    go(dataset, REPO)
    other = make_dataset(tmp_path / "other", 6, seed=1)
    whole, seen = [content(dataset), content(other)], []
    hub.watch = lambda hub: "v2.1" in hub.repos[REPO].tags and seen.append(whole.index(on_hub(hub)))
    done = go(other, REPO)
    assert done.code == 0, done.err
    assert seen == sorted(seen)
    assert set(seen) == {0, 1}
    assert on_hub(hub) == content(other)
    commits = hub.repos[REPO].commits[-4:]
    assert [sum(name.startswith("data/") for name in commit.changed) for commit in commits] == [2, 2, 2, 0]
    assert [sum(name.startswith("meta/") for name in commit.changed) for commit in commits] == [0, 0, 0, 3]


def test_a_tag_without_a_dataset_behind_it_is_moved(hub, go, dataset):
    repo = hub.make(REPO)
    repo.tags["v2.1"] = repo.head.id
    assert go(dataset, REPO).code == 0
    assert on_hub(hub) == content(dataset)


def test_a_large_listing_is_read_to_its_end(hub, go, dataset):
    hub.make(REPO, files={f"data/chunk-000/old_{i:03}.parquet": b"%d" % i for i in range(250)})
    assert len(go(dataset, REPO, "--replace", "--json").json["deleted"]) == 250
    assert on_hub(hub) == content(dataset)


# Who may see it


@pytest.mark.parametrize("public", [False, True])
def test_a_new_repository_is_private_unless_asked(hub, go, dataset, public):
    assert go(dataset, REPO, *["--public"] * public).code == 0
    assert hub.repos[REPO].private is not public


def test_a_public_repository_stays_public_and_that_is_said(hub, go, dataset):
    hub.make(REPO, private=False)
    done = go(dataset, REPO)
    assert not hub.repos[REPO].private
    assert "public, and stays so" in done.err


def test_a_private_repository_is_not_made_public(hub, go, dataset):
    hub.make(REPO)
    done = go(dataset, REPO, "--public")
    assert done.code == 1
    assert "hf repos settings me/arm --type dataset --public" in done.err
    assert changes(hub) == []


# Dry run


def test_a_dry_run_needs_no_token_and_changes_nothing(hub, go, dataset, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    done = go(dataset, REPO, "--dry-run", "--json")
    assert done.code == 0
    assert {one["path"]: one["bytes"] for one in done.json["send"]} == {
        name: len(one) for name, one in content(dataset).items()
    }
    assert done.json["commits"] == 1
    assert all(line.startswith(("GET", "HEAD")) for line in hub.asked)
    assert hub.repos == {}


def test_a_dry_run_with_a_token_says_what_is_there_and_what_would_be_deleted(hub, go, dataset, tmp_path):
    go(dataset, REPO)
    hub.asked.clear()
    done = go(make_dataset(tmp_path / "shorter", 3), REPO, "--dry-run")
    assert "delete   data/chunk-000/episode_000003.parquet" in done.out
    assert "3 in the place of other content; 4 there already" in done.out
    assert "send     data/" not in done.out
    assert "send     meta/info.json" in done.out
    assert all(line.startswith(("GET", "HEAD")) for line in hub.asked)


def test_a_dry_run_without_a_hub_lists_the_files(hub, go, dataset, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    done = go(dataset, REPO, "--dry-run")
    assert done.code == 0
    assert "cannot be reached" in done.out
    assert "send     meta/info.json" in done.out


# The card


def card(hub: HubServer) -> str:
    return hub.repos[REPO].head.files["README.md"].content.decode()


def test_the_card_has_totals_tasks_features_and_leaves_the_license_open(hub, go, dataset):
    go(dataset, REPO)
    text = card(hub)
    assert '- LeRobot\n- "bench_arm"\n' in text
    assert "\nlicense:" not in text
    assert "4 episodes of 1 task, 24 frames at 10 Hz (2 s)" in text
    assert "- Pick up the cup." in text
    assert "| `observation.images.scene` | image | 3 x 16 x 16 | channels, height, width |" in text
    assert is_ours(text.encode())


def test_the_card_is_written_again_for_another_dataset_and_keeps_its_license(hub, go, dataset, tmp_path):
    go(dataset, REPO, "--license", "cc-by-4.0")
    go(make_dataset(tmp_path / "longer", 5), REPO)
    assert "5 episodes" in card(hub)
    assert "\nlicense: cc-by-4.0\n" in card(hub)


def test_an_edited_card_is_left(hub, go, dataset, tmp_path):
    go(dataset, REPO)
    repo = hub.repos[REPO]
    edited = card(hub).replace("Wave", "x").replace("# arm", "# My arm").encode()
    repo.add("by hand", repo.head.files | {"README.md": Blob(edited)})
    done = go(make_dataset(tmp_path / "longer", 5), REPO)
    assert card(hub).encode() == edited
    assert "left as someone has written it" in done.out


def test_a_card_in_the_folder_is_the_one_that_goes(hub, go, dataset):
    (dataset / "README.md").write_text("---\nlicense: mit\n---\n# Mine\n")
    go(dataset, REPO)
    assert card(hub) == "---\nlicense: mit\n---\n# Mine\n"


def test_a_license_that_the_hub_does_not_know_is_told(hub, go, dataset):
    done = go(dataset, REPO, "--license", "none-such")
    assert done.code == 1
    assert "license is not known" in done.err
    assert "v2.1" not in hub.repos[REPO].tags


# What is refused before anything is changed


@pytest.mark.parametrize("name", ["arm", "me/arm/x", "me/", "me/a b", "me/-arm", "me/a..b", "me/arm.git", ""])
def test_a_wrong_name_is_wrong_usage(hub, go, dataset, name):
    done = go(dataset, name)
    assert done.code == 2
    assert "my_name/my_dataset" in done.err
    assert hub.asked == []


def test_without_a_token_one_message_says_how_to_get_one(hub, go, dataset, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    done = go(dataset, REPO)
    assert done.code == 1
    assert "hf auth login" in done.err
    assert "HF_TOKEN" in done.err
    assert hub.asked == []


@pytest.mark.parametrize("token", ["hf_wrong", "hf_sécret", "hf_two words"])
def test_a_token_that_is_none_is_refused_and_not_shown(hub, go, dataset, monkeypatch, token):
    monkeypatch.setenv("HF_TOKEN", token)
    done = go(dataset, REPO)
    assert done.code == 1
    assert "hf auth login" in done.err
    assert token not in done.err


def test_a_token_that_only_reads_is_refused(hub, go, dataset):
    hub.role = "read"
    done = go(dataset, REPO)
    assert done.code == 1
    assert "only reads" in done.err
    assert changes(hub) == []


def test_a_dataset_with_errors_is_refused_and_they_are_named(hub, go, dataset):
    (dataset / "meta/episodes.jsonl").unlink()
    done = go(dataset, REPO)
    assert done.code == 1
    assert "just check-dataset" in done.err
    assert "episodes.jsonl" in done.err
    assert changes(hub) == []


def with_a_broken_image(root: pathlib.Path) -> pathlib.Path:
    path = root / "data/chunk-000/episode_000002.parquet"
    table = pq.read_table(path)
    cells = table[CAMERA].to_pylist()
    cells[3] = {"bytes": b"no picture", "path": None}
    column = pa.array(cells, table.schema.field(CAMERA).type)
    pq.write_table(table.set_column(table.schema.get_field_index(CAMERA), table.schema.field(CAMERA), column), path)
    return root


@pytest.mark.parametrize("dry", [False, True])
def test_every_image_is_looked_at_unless_told_otherwise(hub, go, dataset, dry):
    with_a_broken_image(dataset)
    done = go(dataset, REPO, *["--dry-run"] * dry)
    assert done.code == 1
    assert "images-decode" in done.err
    assert "episode 2" in done.err
    assert f"just check-dataset {dataset} --deep" in done.err
    assert changes(hub) == []
    done = go(dataset, REPO, "--shallow", *["--dry-run"] * dry)
    assert done.code == 0, done.err
    assert "images were not looked at" in done.err


def test_a_long_check_tells_how_far_it_is(hub, go, dataset, monkeypatch):
    clock = types.SimpleNamespace(monotonic=iter(range(0, 1000, 10)).__next__)
    monkeypatch.setattr(progress, "time", clock)
    done = go(dataset, REPO, "--dry-run", "--json")
    assert "checked 4 of 4 episodes" in done.err
    assert done.json["ok"]


@pytest.mark.parametrize("dry", [False, True])
def test_an_older_format_is_refused_with_the_command_that_converts_it(hub, go, dataset, dry):
    with_info(dataset, codebase_version="v2.0")
    done = go(dataset, REPO, *["--dry-run"] * dry)
    assert done.code == 1
    assert "v2.0" in done.err
    assert f"just convert-dataset {dataset}" in done.err
    assert changes(hub) == []


def test_a_dataset_that_is_being_written_is_refused(hub, go, dataset):
    with write_lock.held(dataset):
        done = go(dataset, REPO)
    assert done.code == 1
    assert "no other writer" in done.err
    assert changes(hub) == []


def test_a_repository_that_was_renamed_is_refused_with_its_new_name(hub, go, dataset):
    hub.make("me/new-arm")
    hub.renamed[REPO] = "me/new-arm"
    done = go(dataset, REPO)
    assert done.code == 1
    assert "just upload-dataset PATH me/new-arm" in done.err
    assert changes(hub) == []


@pytest.mark.parametrize("dry", [False, True])
def test_a_dataset_in_another_format_is_not_overwritten(hub, go, dataset, dry):
    hub.make(REPO, files={"meta/info.json": b'{"codebase_version": "v3.0"}', "data/chunk-000/file-000.parquet": b"x"})
    done = go(dataset, REPO, *["--dry-run"] * dry)
    assert done.code == 1
    assert "v3.0" in done.err
    assert changes(hub) == []


ELSE = {
    "no dataset of LeRobot's": {"data/train-00000-of-00001.parquet": b"rows", "videos/holiday.mp4": b"sea"},
    "a broken info.json": {"meta/info.json": b'{"codebase', "data/chunk-000/episode_000000.parquet": b"theirs"},
    "an info.json of no version": {"meta/info.json": b"{}", "data/chunk-000/episode_000001.parquet": b"theirs"},
    "an info.json of no known version": {"meta/info.json": b'{"codebase_version": "latest"}', "videos/a.mp4": b"a"},
    "an info.json that is a list": {"meta/info.json": b"[]", "data/a.parquet": b"a"},
}


@pytest.mark.parametrize("dry", [False, True])
@pytest.mark.parametrize("name", ELSE)
def test_files_of_something_else_are_neither_deleted_nor_written_over(hub, go, dataset, name, dry):
    repo = hub.make(REPO, files=ELSE[name])
    before = repo.head.files
    done = go(dataset, REPO, *["--dry-run"] * dry)
    assert done.code == 1
    assert next(one for one in ELSE[name] if not one.startswith("meta/")) in done.err
    assert "--replace" in done.err
    assert changes(hub) == []
    assert repo.head.files == before
    assert repo.tags == {}


def test_replace_takes_the_place_of_something_else_and_names_what_it_deletes(hub, go, dataset):
    hub.make(REPO, files=ELSE["no dataset of LeRobot's"])
    asked = go(dataset, REPO, "--replace", "--dry-run", "--json").json
    assert asked["delete"] == ["data/train-00000-of-00001.parquet", "videos/holiday.mp4"]
    assert go(dataset, REPO, "--replace", "--json").json["deleted"] == asked["delete"]
    assert on_hub(hub) == content(dataset)


def test_replace_does_not_overwrite_another_format(hub, go, dataset):
    hub.make(REPO, files={"meta/info.json": b'{"codebase_version": "v3.0"}', "data/chunk-000/file-000.parquet": b"x"})
    done = go(dataset, REPO, "--replace")
    assert done.code == 1
    assert changes(hub) == []


def test_a_first_upload_that_stopped_before_its_info_goes_on(hub, go, dataset):
    there = {name: one for name, one in content(dataset).items() if name.startswith("data/") and "000003" not in name}
    hub.make(REPO, files=there)
    done = go(dataset, REPO, "--json")
    assert done.code == 0, done.err
    assert (done.json["unchanged"], done.json["deleted"]) == (3, [])
    assert on_hub(hub) == content(dataset)


def test_a_broken_info_beside_the_very_files_of_the_dataset_is_mended(hub, go, dataset):
    data = {name: one for name, one in content(dataset).items() if name.startswith("data/")}
    hub.make(REPO, files=data | {"meta/info.json": b"{"})
    assert go(dataset, REPO).code == 0
    assert on_hub(hub) == content(dataset)


def with_info(root: pathlib.Path, **change) -> pathlib.Path:
    """The dataset with another info.json, as another robot's may differ from it."""
    path = root / "meta/info.json"
    info = json.loads(path.read_text())
    if task := change.pop("task", None):
        (root / "meta/tasks.jsonl").write_bytes(to_jsonl([{"task_index": 0, "task": task}]))
    info["features"] |= change.pop("features", {})
    path.write_text(json.dumps({**info, **change}))
    return root


OTHERS = {
    "robot_type": ({"robot_type": "aloha"}, "robot_type", "aloha"),
    "fps": ({"fps": 50}, "fps", "50"),
    "one more": (
        {"features": {"effort": {"dtype": "float32", "shape": [3], "names": None}}},
        "features",
        "effort",
    ),
    "shape": (
        {"features": {"action": {"dtype": "float32", "shape": [14], "names": None}}},
        "features",
        "action",
    ),
    "tasks": ({"task": "Fold the shirt."}, "none of these tasks", "Fold the shirt."),
    "names": (
        {"features": {"action": {"dtype": "float32", "shape": [3], "names": ["grip", "lift", "pan"]}}},
        "features",
        "action",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_dataset_of_another_robot_is_replaced_only_where_that_is_asked_for(hub, go, dataset, tmp_path, name):
    change, what, said = OTHERS[name]
    theirs = content(with_info(make_dataset(tmp_path / "theirs", 4, seed=9), **change))
    repo = hub.make(REPO, files=theirs)
    done = go(dataset, REPO)
    assert done.code == 1
    assert what in done.err
    assert said in done.err
    assert changes(hub) == []
    assert repo.tags == {}
    done = go(dataset, REPO, "--replace")
    assert done.code == 0, done.err
    assert on_hub(hub) == content(dataset)


def test_a_whole_number_is_the_same_rate_however_it_is_written(hub, go, dataset, tmp_path):
    hub.make(REPO, files=content(with_info(make_dataset(tmp_path / "theirs", 4), fps=10.0)))
    assert go(dataset, REPO).code == 0


@pytest.mark.parametrize("gone", [5, 6])
def test_many_episodes_are_deleted_only_where_that_is_asked_for(hub, go, tmp_path, gone):
    go(make_dataset(tmp_path / "before", gone + 2), REPO)
    hub.asked.clear()
    shorter = make_dataset(tmp_path / "shorter", 2)
    done = go(shorter, REPO, "--json")
    assert done.code == (gone > 5)
    if done.code:
        assert "6 episodes" in done.json["error"]["found"]
        assert "--replace" in done.json["error"]["do"]
        assert changes(hub) == []
        done = go(shorter, REPO, "--replace", "--json")
    assert len(done.json["deleted"]) == gone
    assert on_hub(hub) == content(shorter)


def test_an_episode_with_its_videos_is_one_that_is_gone(hub, go, tmp_path):
    before = make_dataset(tmp_path / "before", 4)
    videos = {f"videos/chunk-000/{cam}/episode_{n:06}.mp4": b"%d" % n for cam in ("a", "b", "c") for n in (2, 3)}
    hub.make(REPO, files=content(before) | videos)
    done = go(make_dataset(tmp_path / "shorter", 2), REPO, "--json")
    assert done.code == 0, done.err
    assert len(done.json["deleted"]) == 8


def test_a_branch_with_the_name_of_the_tag_is_refused(hub, go, dataset):
    hub.make(REPO).branches = ("v2.1",)
    done = go(dataset, REPO)
    assert done.code == 1
    assert "hf repos branch delete me/arm v2.1" in done.err
    assert changes(hub) == []


def test_offline_is_said(hub, go, dataset, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    done = go(dataset, REPO)
    assert done.code == 1
    assert "HF_HUB_OFFLINE" in done.err


def test_a_hub_that_cannot_be_reached_is_said(hub, go, dataset, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    done = go(dataset, REPO)
    assert done.code == 1
    assert "see to the network" in done.err


# Errors of the hub


ERRORS = {
    "no rights": (Fault("POST .*/repos/create", 403, body={"error": "no rights here"}), "write access to me"),
    "name taken": (
        Fault("POST .*/repos/create", 409, body={"error": "a model has this name"}),
        "a model has this name",
    ),
    "deleted meanwhile": (
        Fault("POST .*/commit/", 404, headers={"X-Error-Code": "RepoNotFound"}),
        "deleted or renamed",
    ),
    "quota": (Fault("POST .*/batch", 403, body={"error": "Private storage limit reached"}), "make room"),
    "bill": (Fault("POST .*/commit/", 402, body={"error": "Payment required: quota"}), "make room"),
    "logged out": (Fault("POST .*/commit/", 401, body={"error": "expired"}), "hf auth login"),
    "busy for long": (
        Fault("POST .*/commit/", 429, times=99, headers={"Retry-After": "1"}),
        "goes on where it stopped",
    ),
    "busy for hours": (Fault("POST .*/commit/", 429, times=99, headers={"Retry-After": "3600"}), "wait 60 min"),
    "down": (Fault("GET .*/tree/", 500, times=99), "a hub in order"),
    "storage down": (Fault("PUT ", 503, times=999), "a hub in order"),
    "storage refuses": (Fault("PUT ", 400, times=99), "mend what it names"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_of_the_hub_is_a_refusal_of_four_parts(hub, go, dataset, waits, name):
    fault, said = ERRORS[name]
    hub.faults.append(dataclasses.replace(fault))
    done = go(dataset, REPO)
    assert done.code == 1
    assert said in done.err
    assert done.err.count("refused: ") == 1
    assert all(f"\n  {part}:" in done.err for part in ("expected", "found", "do"))
    assert name != "busy for hours" or waits == []  # the user is told, and not kept
    hub.faults.clear()
    assert REPO not in hub.repos or "v2.1" not in hub.repos[REPO].tags
    assert go(dataset, REPO).code == 0  # and then it goes on
    assert len(hub.put) == len(set(hub.put)) == 4


def test_the_hub_is_waited_for_as_long_as_it_asks(hub, go, dataset, waits):
    hub.faults = [
        Fault("POST .*/commit/", 429, headers={"Retry-After": "37"}),
        Fault("POST .*/tag/", 429, headers={"RateLimit": '"api";r=0;t=55'}),
    ]
    assert go(dataset, REPO).code == 0
    assert waits == [37, 55]


EVERY_REQUEST = [
    "GET .*/whoami", "GET .*/me/arm$", "POST .*/create", "GET .*/refs", "GET .*/tree/", "GET .*/xet-write-token",
    "POST .*/preupload/", "POST .*/batch", "PUT ", "POST .*/verify", "POST .*/commit/", "DELETE .*/tag/",
    "POST .*/tag/", "GET .*/revision/", "GET .*/resolve/", "HEAD .*/resolve/",
]  # fmt: skip


@pytest.mark.parametrize("where", EVERY_REQUEST)
@pytest.mark.parametrize("kind", ["answers 500", "cuts the connection", "loses the answer"])
def test_a_passing_fault_anywhere_is_passed_over(hub, go, dataset, where, kind):
    if "create" not in where:  # else a tag that has to be moved
        repo = hub.make(REPO)
        repo.tags["v2.1"] = repo.head.id
    status, after = {"answers 500": (500, 0), "cuts the connection": (None, 100), "loses the answer": (None, -1)}[kind]
    fault = Fault(where, status, after)
    hub.faults.append(fault)
    done = go(dataset, REPO)
    assert done.code == 0, done.err
    assert fault.times == 0
    assert on_hub(hub) == content(dataset)
    assert len(hub.put) == len(set(hub.put)) + (where == "PUT " and kind == "loses the answer")
    assert len(hub.repos[REPO].commits) == 2


def test_a_commit_that_the_hub_gives_up_on_is_made_in_parts(hub, go, dataset, monkeypatch):
    monkeypatch.setattr(upload_send, "_FEWEST_A_COMMIT", 2)
    hub.commit_limit = 3
    done = go(dataset, REPO)
    assert done.code == 0, done.err
    assert "in two parts" in done.err
    assert on_hub(hub) == content(dataset)
    assert hub.repos[REPO].head.changed[-2:] == ("meta/info.json", "README.md")


# Others at work


def test_a_commit_beside_the_dataset_does_not_disturb(hub, go, dataset):
    go(dataset, REPO)
    make_dataset(dataset, 4, seed=2)
    repo = hub.repos[REPO]
    edit = lambda hub: repo.add("by hand", repo.head.files | {"README.md": Blob(b"# By hand\n")})  # noqa: E731
    hub.faults.append(Fault("POST .*/commit/", status=0, before=edit))
    hub.put.clear()
    done = go(dataset, REPO)
    assert done.code == 0, done.err
    assert on_hub(hub) == content(dataset)
    assert card(hub) == "# By hand\n"
    assert len(hub.put) == 4


def test_another_upload_at_the_same_time_is_refused_and_the_tag_stays(hub, go, dataset):
    go(dataset, REPO)
    before = content(dataset)
    make_dataset(dataset, 4, seed=2)
    repo = hub.repos[REPO]
    theirs = {"data/chunk-000/episode_000001.parquet": Blob(b"theirs", large=True)}
    hub.faults.append(
        Fault("POST .*/commit/", status=0, before=lambda hub: repo.add("theirs", repo.head.files | theirs))
    )
    done = go(dataset, REPO)
    assert done.code == 1
    assert "episode_000001.parquet" in done.err
    assert on_hub(hub) == before
    assert repo.head.title == "theirs"


def test_a_dataset_that_changes_during_the_upload_is_not_tagged(hub, go, dataset):
    hub.faults.append(Fault("POST .*/commit/", status=0, before=lambda hub: make_dataset(dataset, 4, seed=3)))
    done = go(dataset, REPO)
    assert done.code == 1
    assert "changed or taken away meanwhile" in done.err
    assert hub.repos[REPO].tags == {}


def test_files_that_the_hub_leaves_out_are_noticed_before_the_tag(hub, go, dataset):
    hub.ignored = "episode_000002"
    done = go(dataset, REPO)
    assert done.code == 1
    assert "data/chunk-000/episode_000002.parquet" in done.err
    assert hub.repos[REPO].tags == {}


def test_a_hub_that_holds_other_bytes_of_the_same_size_is_noticed_before_the_tag(hub, go, dataset):
    def spoil(hub: HubServer) -> None:
        name = hub.put[0]
        hub.stored[name] = bytes(reversed(hub.stored[name]))

    hub.faults.append(Fault("POST .*/commit/", status=0, before=spoil))
    done = go(dataset, REPO)
    assert done.code == 1
    assert "exactly the files that are here" in done.err
    assert hub.repos[REPO].tags == {}


def test_a_tag_that_someone_else_has_set_meanwhile_is_noticed(hub, go, dataset):
    def tag(hub: HubServer) -> None:
        hub.repos[REPO].tags["v2.1"] = hub.repos[REPO].commits[0].id

    hub.faults.append(Fault("POST .*/tag/", status=0, before=tag))
    done = go(dataset, REPO)
    assert done.code == 1
    assert "tag v2.1" in done.err


def test_stopping_between_the_two_halves_of_moving_the_tag_still_sets_it(hub, go, dataset, tmp_path):
    go(dataset, REPO)
    other = make_dataset(tmp_path / "other", 4, seed=5)
    stop = lambda hub: (os.kill(os.getpid(), signal.SIGINT), time.sleep(0.1))  # noqa: E731
    hub.faults.append(Fault("POST .*/tag/", status=None, before=stop))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
    try:
        done = go(other, REPO)
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.code == 130
    assert on_hub(hub) == content(other)


# How it goes there


def test_chunked_storage_is_used_where_the_hub_offers_it(hub, go, dataset, monkeypatch):
    sent = []

    def by_chunks(*, additions, **_) -> None:
        for one in additions:
            blob = pathlib.Path(one.path_or_fileobj).read_bytes()
            hub.stored[Blob(blob, large=True).sha256] = blob
            sent.append(one.path_in_repo)

    monkeypatch.setattr("huggingface_hub._commit_api._upload_xet_files", by_chunks)
    hub.xet = True
    assert go(dataset, REPO).code == 0
    assert (len(sent), hub.put) == (4, [])
    assert on_hub(hub) == content(dataset)


@pytest.fixture
def environment(hub, tmp_path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return kept | {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HOME": str(tmp_path / "home"), "NO_PROXY": "*"}


LINE = [sys.executable, "-P", "-m", "tools.dataset.upload"]


def test_a_killed_upload_goes_on_and_sends_no_file_twice(hub, environment, dataset, monkeypatch):
    make_dataset(dataset, 12, seed=4)
    hub.faults.append(Fault("PUT ", None, after=500, skip=6, before=lambda hub: process.send_signal(signal.SIGKILL)))
    process = subprocess.Popen([*LINE, dataset, REPO], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    assert process.wait(600) == -signal.SIGKILL
    hub.after_the_last_request()  # what was on its way comes in
    assert 0 < len(hub.put) < 12
    assert hub.repos[REPO].tags == {}
    done = subprocess.run(
        [*LINE, dataset, REPO], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(hub.put) == len(set(hub.put)) == 12
    assert on_hub(hub) == content(dataset)


def test_the_token_is_nowhere_in_what_a_talkative_hub_and_library_say(hub, environment, dataset):
    echo = {"error": f"you sent Authorization: Bearer {TOKEN}"}
    hub.faults = [
        Fault("GET .*/tree/", 500, body=echo, headers={"X-Error-Message": f"Bearer {TOKEN}"}),
        Fault("POST .*/commit/", 400, body=echo, headers={"X-Error-Message": f"Bearer {TOKEN}", "X-Request-Id": TOKEN}),
    ]
    for more in ([], ["--json"], ["--dry-run"]):
        done = subprocess.run(
            [*LINE, dataset, REPO, *more], cwd=ROOT, env=environment | {"HF_DEBUG": "1"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert TOKEN not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert "/api/datasets/me/arm" in done.stderr  # the library did talk
        if not more:
            assert done.returncode == 1
            assert "you sent Authorization: Bearer <token>" in done.stderr


def test_the_token_is_not_taken_from_the_command_line(go, dataset):
    assert go(dataset, REPO, "--token", "hf_x").code == 2


def test_other_peoples_edits_are_given_up_on_after_some_tries(hub, go, dataset):
    hub.make(REPO)
    repo = hub.repos[REPO]

    def edit(hub: HubServer) -> None:
        repo.add("by hand", repo.head.files | {"notes.md": Blob(b"%d" % len(repo.commits))})

    hub.faults.append(Fault("POST .*/commit/", status=0, times=99, before=edit))
    done = go(dataset, REPO)
    assert done.code == 1
    assert f"{upload_publish._TRIES} times" in done.err  # noqa: SLF001
