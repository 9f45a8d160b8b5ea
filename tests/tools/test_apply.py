"""`just apply` as a user runs it, on the real upstream of the mirror."""

from collections.abc import Iterator
import os
import pathlib
import shutil
import subprocess

import pytest

from tests.tools.project import show
from tests.tools.project import snapshot
from tools import apply
from tools.git import git
from tools.upstream import store

NAMES = ["overlay-configs", "shape-skip", "image-decoding", "lerobot-layout"]


def verdicts(answer: dict) -> dict[str, str]:
    return {patch["name"]: patch["verdict"] for patch in answer["patches"]}


@pytest.fixture
def fork(tmp_path, mirror_010) -> pathlib.Path:
    """A clone of OpenPI that belongs to the user, with a space and a letter of another alphabet in its path."""
    path = tmp_path / "mein Gerät" / "openpi"
    path.parent.mkdir()
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", str(mirror_010.repo), str(path)], check=True)
    git(path, "checkout", "--quiet", "--detach", mirror_010.commit)
    return path


def test_the_first_run_builds_and_the_second_says_already(project):
    done = project.just("apply")
    assert done.returncode == 0, show(done)
    assert all(name in done.stdout for name in NAMES)
    assert "applied" in done.stdout
    assert git(project.build, "status", "--porcelain") == b""
    before = snapshot(project.root / "build")
    again = project.just("apply")
    assert again.returncode == 0, show(again)
    assert "applied" not in again.stdout
    assert again.stdout.count("already") >= 3
    assert snapshot(project.root / "build") == before


def test_the_log_of_the_build_tells_the_story(project):
    project.just("apply")
    log = git(project.build, "log", "--reverse", "--format=%s%n%b").decode()
    subjects = git(project.build, "log", "--reverse", "--format=%s").decode().splitlines()
    assert subjects[1] == "Lay the overlay"
    assert [s.partition(":")[0] for s in subjects[2:]] == NAMES[: len(subjects) - 2]
    assert log.count("Remove when: ") == log.count("Upstream: https://") == len(subjects) - 2
    pristine = git(project.build, "rev-list", "--max-parents=0", "HEAD").decode().strip()
    changed = git(project.build, "diff", "--name-status", "--no-renames", pristine, "HEAD").decode().splitlines()
    assert sorted(line[2:] for line in changed if line[0] == "M") == [
        f"src/openpi/training/{name}.py" for name in ("config", "data_loader", "weight_loaders")
    ]
    assert all(line[0] in "AM" for line in changed)


def test_the_same_commit_comes_out_on_every_machine(project, tmp_path):
    first = project.json("apply")["commit"]
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\n name = Someone\n email = a@b.c\n[core]\n autocrlf = true\n[commit]\n gpgsign = true\n"
    )
    other = project.just("apply", "--out", tmp_path / "other", "--json", env={"HOME": str(home), "TZ": "Asia/Tokyo"})
    assert first in other.stdout, show(other)


def test_the_first_apply_says_once_that_it_is_not_the_locked_commit(project_011, mirror_011, monkeypatch, capfd):
    asked = iter([None])
    monkeypatch.setattr(store, "find_locked", lambda *_: next(asked))
    monkeypatch.setattr(apply, "sync", lambda *_: mirror_011)
    assert apply.apply(out=project_011.build) == 0
    said = capfd.readouterr()
    assert said.err == ""
    assert said.out.count("not the locked commit") == 1
    assert "; how it differs: just sync-upstream\n" in said.out
    assert len(said.out.splitlines()[1]) < 250


def test_json_has_the_promised_form(project):
    answer = project.json("apply")
    assert list(answer) == ["ok", "upstream", "patches", "overlay", "out", "commit"]
    assert answer["ok"] is True
    assert set(answer["upstream"]) == {"source", "id", "date"}
    assert answer["upstream"]["source"] == "sdist"
    assert [patch["name"] for patch in answer["patches"]] == NAMES
    for patch in answer["patches"]:
        assert list(patch) == ["name", "verdict", "reason", "edits", "by_hand"]
        for edit in patch["edits"]:
            assert set(edit) == {"file", "codemod", "places", "lines"}
            assert edit["places"] == 1
            lines = (project.build / edit["file"]).read_text().splitlines()
            shown = [lines[number - 1] for number in edit["lines"]]
            assert shown
            assert all(any(word in line for word in _OURS) for line in shown), shown
    assert answer["out"] == str(project.build)
    assert answer["commit"] == git(project.build, "rev-parse", "HEAD").decode().strip()


_OURS = ("overlay_configs", "shape_skip", "image_decoding", "training.lerobot_dataset", "))")


def test_the_mirror_that_has_the_new_layout_is_left_alone_there(project_011):
    answer = project_011.json("apply")
    assert verdicts(answer)["lerobot-layout"] == "upstream"
    assert "lerobot.datasets.lerobot_dataset" in answer["patches"][3]["reason"]
    loader = (project_011.build / "src/openpi/training/data_loader.py").read_text()
    assert "openpi.training.lerobot_dataset" not in loader
    assert "image_decoding.decode_images(lerobot_dataset.LeRobotDataset(" in loader


def test_check_writes_nothing_anywhere(project):
    before = snapshot(project.root)
    done = project.just("apply", "--check")
    assert done.returncode == 0, show(done)
    assert "nothing was written" in done.stdout
    assert project.json("apply", "--check")["commit"] is None
    assert snapshot(project.root) == before


def test_check_without_a_synced_upstream_says_what_to_do(project):
    shutil.rmtree(project.root / "build")
    done = project.just("apply", "--check")
    assert done.returncode == 1
    assert "do:       fetch it: just sync-upstream" in done.stderr
    assert not (project.root / "build").exists()


def test_skip_leaves_a_patch_out_on_purpose(project):
    answer = project.json("apply", "--skip", "shape-skip", "--skip", "image-decoding")
    assert verdicts(answer)["shape-skip"] == verdicts(answer)["image-decoding"] == "skipped"
    assert "shape_skip" not in (project.build / "src/openpi/training/weight_loaders.py").read_text()
    assert verdicts(project.json("apply"))["shape-skip"] == "applied"
    assert "shape_skip" in (project.build / "src/openpi/training/weight_loaders.py").read_text()


def test_a_fork_is_patched_and_never_written_to(project, fork, tmp_path):
    (fork / "src/openpi/my_file.py").write_text("x = 1\n")
    before = snapshot(fork)
    done = project.just("apply", "--upstream", fork, "--out", tmp_path / "büild dir" / "openpi")
    assert done.returncode == 0, show(done)
    assert (tmp_path / "büild dir" / "openpi" / "src/openpi/my_file.py").read_text() == "x = 1\n"
    assert snapshot(fork) == before


def test_a_plain_folder_gives_the_same_files_as_git(project, fork, tmp_path):
    plain = tmp_path / "plain"
    shutil.copytree(fork, plain, ignore=shutil.ignore_patterns(".git"))
    a, b = tmp_path / "a", tmp_path / "b"
    assert project.just("apply", "--upstream", fork, "--out", a).returncode == 0
    assert project.just("apply", "--upstream", plain, "--out", b).returncode == 0
    assert git(a, "rev-parse", "HEAD^{tree}") == git(b, "rev-parse", "HEAD^{tree}")


def test_the_build_itself_has_every_patch_already(project, tmp_path):
    project.just("apply", "--skip", "lerobot-layout")
    answer = project.json("apply", "--upstream", project.build, "--out", tmp_path / "out", "--skip", "lerobot-layout")
    assert set(verdicts(answer).values()) == {"already", "skipped"}


def refused(project, fork: pathlib.Path, *texts: str) -> None:
    """Asserts that apply refuses a fork with one message, exit code 1, no traceback, and that nothing was written."""
    before, out = snapshot(project.root), fork.parent / "out"
    done = project.just("apply", "--upstream", fork, "--out", out)
    assert done.returncode == 1, show(done)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    for text in texts:
        assert text in said, show(done)
    assert not out.exists()
    assert snapshot(project.root) == before


def test_a_fork_without_the_list_is_refused_with_what_is_nearest(project, fork):
    config = fork / "src/openpi/training/config.py"
    config.write_text(config.read_text().replace("_CONFIGS = [", "_CONFIG_LIST = ["))
    line = config.read_text().splitlines().index("_CONFIG_LIST = [") + 1
    refused(
        project, fork, "overlay-configs", "_CONFIGS", f"src/openpi/training/config.py:{line}", "nothing was written"
    )


def test_a_fork_that_opens_many_datasets_is_refused(project, fork):
    loader = fork / "src/openpi/training/data_loader.py"
    call = "    if data_config.prompt_from_task:\n"
    text = loader.read_text()
    assert text.count(call) == 1
    loader.write_text(text.replace(call, f"    lerobot_dataset.MultiLeRobotDataset([repo_id])\n\n{call}"))
    refused(project, fork, "image-decoding", "MultiLeRobotDataset beside it")


def test_a_fork_that_lacks_a_file_is_refused_by_its_name(project, fork):
    (fork / "src/openpi/training/weight_loaders.py").rename(fork / "src/openpi/weight_loaders.py")
    refused(project, fork, "looked for the file src/openpi/training/weight_loaders.py", "src/openpi/weight_loaders.py")


def test_a_syntax_error_in_upstreams_file_is_refused_with_its_line(project, fork):
    loader = fork / "src/openpi/training/weight_loaders.py"
    loader.write_text("import os\ndef broken(:\n    pass\n" + loader.read_text())
    refused(project, fork, "src/openpi/training/weight_loaders.py, line 2", "shape-skip")


def test_a_tree_that_lacks_what_the_overlay_imports_is_refused(project, fork):
    (fork / "src/openpi/models/pi0_config.py").unlink()
    refused(project, fork, "imports openpi.models.pi0_config, which upstream lacks", "expected:", "do:")


def test_a_tree_that_has_a_config_of_the_same_name_is_refused(project, fork):
    config = fork / "src/openpi/training/config.py"
    config.write_text(config.read_text().replace('name="debug_pi05"', 'name="pi05_so101_lora"'))
    refused(project, fork, "config.py has a config named pi05_so101_lora", "expected:", "do:")


def test_a_name_that_the_overlay_lacks_is_refused(project, fork):
    project.edit("overlay/src/openpi/training/shape_skip.py", "def skip_mismatched(", "def skip(")
    refused(project, fork, "shape-skip", "openpi.training.shape_skip has no skip_mismatched")


def test_a_module_that_the_overlay_lacks_is_refused(project, fork):
    (project.root / "overlay/src/openpi/training/image_decoding.py").unlink()
    refused(project, fork, "image-decoding", "no module openpi.training.image_decoding")


def test_an_overlay_file_over_one_of_upstreams_is_refused(project, fork):
    (project.root / "overlay/src/openpi/training/config.py").write_text("")
    refused(project, fork, "overlay/src/openpi/training/config.py", "expected:", "found:", "do:", "write a patch")


def test_an_overlay_file_that_does_not_compile_is_refused(project, fork):
    (project.root / "overlay/src/openpi/training/extra.py").write_text("x = 1\nif x\n    pass\n")
    refused(project, fork, "extra.py, line 2", "Python that compiles")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("--upstream", "no/such/place"), "no/such/place"),
        (("--skip", "no-such-patch"), "overlay-configs, shape-skip"),
        (("--no-such-option",), "no-such-option"),
        (("--out", "{root}/build/upstream.git/x"), "never written to"),
    ],
)
def test_wrong_usage_exits_with_2(project, args, text):
    before = snapshot(project.root)
    done = project.just("apply", *[arg.format(root=project.root) for arg in args])
    assert done.returncode == 2, show(done)
    assert text in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(project.root) == before


def test_a_folder_that_is_no_openpi_tree_is_refused(project, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "README.md").write_text("hello")
    done = project.just("apply", "--upstream", tmp_path / "other", "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "with src/openpi in it" in done.stderr


def test_a_lock_that_is_wrong_stops_everything_as_json_too(project):
    project.edit("upstream.lock", 'commit = "15a9616a', 'commit = "main')
    done = project.just("apply", "--json")
    assert done.returncode == 1
    assert '"ok": false' in done.stdout
    assert "upstream.lock" in done.stdout
    assert done.stderr == ""


def test_relative_paths_mean_what_they_say_where_the_user_stands(project, fork):
    done = project.just("apply", "--upstream", "openpi", "--out", "built here", cwd=fork.parent)
    assert done.returncode == 0, show(done)
    assert (fork.parent / "built here" / "pyproject.toml").exists()


@pytest.fixture
def read_only(tmp_path) -> Iterator[pathlib.Path]:
    """A folder that nobody can write to; root can write everywhere, but not to a disk that is mounted read-only."""
    folder = tmp_path / "read only"
    folder.mkdir()
    if os.geteuid() != 0:
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)
        return
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder], capture_output=True, check=False
    ).returncode:
        pytest.skip("root that may not mount")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_folder_that_may_not_be_written_to_is_refused_without_a_traceback(project_011, read_only):
    done = project_011.just("apply", "--out", read_only / "openpi")
    assert done.returncode == 1, show(done)
    assert "Traceback" not in done.stderr
    assert str(read_only) in done.stderr
    assert all(part in done.stderr for part in ("expected:", "found:", "do:"))
