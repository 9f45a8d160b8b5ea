"""A bump: the lock moves only when everything is in order, in one commit that says what was tried."""

import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

from tests import mutations
from tests.tools.made_history import MadeHistory
from tests.tools.project import show
from tests.tools.project import snapshot
from tools import upstream_tests
from tools.bump import elapsed
from tools.bump import lock_commit
from tools.bump import tests_here
from tools.command import ROOT
from tools.git import git
from tools.lock import read_lock
from tools.refusal import Refused
from tools.upstream import python_env
from tools.upstream.history import Commit

COMMENT = "# kept to the byte: 15a9616a00943ada6c20a0f158e3adb39df2ccac\n"


@pytest.fixture(scope="module")
def upstream(tmp_path_factory, mirror_010, mirror_011) -> MadeHistory:
    """The first release, a document, a change of the loader, and the second release, which finds both LeRobots."""
    history = MadeHistory(tmp_path_factory.mktemp("upstream") / "clone")
    history.from_mirror(mirror_010, "2025-10-18", "the first release")
    history.change("2025-10-20", "a document", {"docs/new.md": "# New\n"})
    loader = history.text(mutations.LOADER)
    history.change("2025-10-25", "a comment in the loader", {mutations.LOADER: loader + "# more\n"})
    history.from_mirror(mirror_011, "2025-12-02", "the second release")
    history.check_out()
    return history


@pytest.fixture
def locked(project_011, upstream):
    """A committed copy of the project whose lock names the first commit; gives it and a function that bumps."""
    root = project_011.root
    project_011.edit("upstream.lock", "15a9616a00943ada6c20a0f158e3adb39df2ccac", upstream.commits[0])
    project_011.edit("upstream.lock", 'date = "2026-06-15"', "date = '2025-10-18'")
    (root / "upstream.lock").write_text(COMMENT + (root / "upstream.lock").read_text())
    (root / ".gitignore").write_text("/build/\n__pycache__/\n")
    git(root, "init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "someone"), ("user.email", "someone@example")):
        git(root, "config", key, value)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "-m", "one")
    return project_011


@pytest.fixture
def bump(locked, upstream):
    """Bumps the locked project."""

    def run(*args: str, url: pathlib.Path = upstream.path, openpi: bool = False) -> subprocess.CompletedProcess:
        return locked.just("bump", "--url", url, *([] if openpi else ["--without-openpi"]), *args)

    return run


def test_the_lock_moves_in_one_commit_that_says_everything(bump, locked, upstream):
    before = (locked.root / "upstream.lock").read_text()
    done = bump()
    assert done.returncode == 0, show(done)
    lock = read_lock(locked.root / "upstream.lock")
    assert (lock.commit, lock.date) == (upstream.commits[-1], "2025-12-02")
    text = (locked.root / "upstream.lock").read_text()
    assert text.startswith(COMMENT)
    assert text == before.replace(upstream.commits[0], upstream.commits[-1], 1).replace(
        "date = '2025-10-18'", "date = '2025-12-02'", 1
    )
    assert git(locked.root, "rev-list", "--count", "HEAD").strip() == b"2"
    assert git(locked.root, "diff", "--name-only", "HEAD~1").decode().split() == ["upstream.lock"]
    assert git(locked.root, "status", "--porcelain") == b""
    message = git(locked.root, "log", "-1", "--format=%B").decode()
    for part in (
        f"Bump OpenPI to {upstream.commits[-1][:12]} of 2025-12-02",
        upstream.commits[0],
        "3 first-parent commits, 2 of which change",
        f"{upstream.commits[2][:12]} 2025-10-25 a comment in the loader",
        "overlay-configs: applied",
        (
            "lerobot-layout: upstream (it imports lerobot.datasets.lerobot_dataset and not always "
            "lerobot.common.datasets.lerobot_dataset); no longer needed"
        ),
        "compile: passed",
        "apply a second time: passed",
        "tests/upstream tests/overlay tests/robots: not run (left out with --without-openpi)",
    ):
        assert part in message
    on_build, _, of_tools = message.partition("Tried on a build of it:")[2].partition("Tried of our tools")
    assert all(part in on_build for part in ("compile", "apply a second time", "tests/upstream"))
    assert "tests/codemods tests/test_layout.py: not run" in of_tools
    assert "a document" not in message
    assert "proposed: remove lerobot-layout" in done.stdout
    assert (locked.root / "patches" / "lerobot-layout.toml").exists()
    assert [path.name for path in (locked.root / "build").iterdir() if path.name.startswith("bump-")] == []
    again = bump()
    assert (again.returncode, "already" in again.stdout) == (0, True)


def test_a_dry_run_says_the_same_and_changes_nothing(bump, locked, upstream):
    (locked.root / "notes.txt").write_text("not committed")
    before = {path: entry for path, entry in snapshot(locked.root).items() if not path.startswith("build")}
    done = bump("--dry-run")
    assert done.returncode == 0, show(done)
    assert f"Bump OpenPI to {upstream.commits[-1][:12]}" in done.stdout
    assert "nothing was changed (--dry-run)" in done.stdout
    after = {path: entry for path, entry in snapshot(locked.root).items() if not path.startswith("build")}
    assert after == before
    found = json.loads(bump("--dry-run", "--json").stdout)
    assert (found["new"]["commit"], found["commit"], found["no_longer_needed"]) == (
        upstream.commits[-1],
        None,
        ["lerobot-layout"],
    )


def test_a_ref_is_taken_and_an_older_one_only_when_it_is_named(bump, locked, upstream, tmp_path):
    assert bump(upstream.commits[2]).returncode == 0
    assert read_lock(locked.root / "upstream.lock").commit == upstream.commits[2]
    old = tmp_path / "old"
    git(None, "clone", "--quiet", str(upstream.path), str(old))
    git(old, "checkout", "--quiet", upstream.commits[1])
    git(old, "remote", "remove", "origin")
    done = bump(url=old)
    assert done.returncode == 1, show(done)
    assert "an older one" in done.stderr
    assert read_lock(locked.root / "upstream.lock").commit == upstream.commits[2]
    assert bump(upstream.commits[1]).returncode == 0
    assert read_lock(locked.root / "upstream.lock").commit == upstream.commits[1]


def test_a_project_with_changes_is_refused(bump, locked, upstream):
    locked.edit("patches/series", "lerobot-layout\n", "lerobot-layout\n# mine\n")
    done = bump()
    assert done.returncode == 1
    assert "patches/series" in done.stderr
    git(locked.root, "checkout", "--quiet", "--", "patches")
    (locked.root / "overlay" / "new.py").write_text("x = 1\n")
    assert "overlay/" in bump().stderr
    assert read_lock(locked.root / "upstream.lock").commit == upstream.commits[0]


def test_a_refused_patch_stops_it_and_names_the_first_break(bump, locked, upstream, tmp_path):
    broken = MadeHistory(tmp_path / "broken")
    git(broken.path, "fetch", "--quiet", "--update-head-ok", str(upstream.path), "main:refs/heads/main")
    broken.commits = list(upstream.commits)
    config = broken.text(mutations.CONFIG)
    first = broken.change("2026-01-01", "rename the list", {mutations.CONFIG: config.replace("_CONFIGS", "LISTED")})
    broken.change("2026-01-02", "on top", {"README.md": "x\n"})
    before = (locked.root / "upstream.lock").read_bytes()
    done = bump(url=broken.path)
    assert done.returncode == 1
    assert first[:12] in done.stderr
    assert "rename the list" in done.stderr
    assert "-_CONFIGS = [" in done.stderr
    assert (locked.root / "upstream.lock").read_bytes() == before
    assert git(locked.root, "rev-list", "--count", "HEAD").strip() == b"1"


def test_a_break_that_was_taken_back_is_not_the_one_to_mend(bump, upstream, tmp_path):
    broken = MadeHistory(tmp_path / "broken")
    git(broken.path, "fetch", "--quiet", "--update-head-ok", str(upstream.path), "main:refs/heads/main")
    broken.commits = list(upstream.commits)
    config, weights = broken.text(mutations.CONFIG), broken.text(mutations.WEIGHTS)
    broken.change("2026-01-01", "rename the list", {mutations.CONFIG: config.replace("_CONFIGS", "LISTED")})
    broken.change("2026-01-02", "name it back", {mutations.CONFIG: config})
    renamed = {mutations.WEIGHTS: weights.replace("_merge_params", "_merge")}
    last = broken.change("2026-01-03", "rename the function", renamed)
    done = bump(url=broken.path)
    assert done.returncode == 1
    assert f"refused: shape-skip on {last[:12]}" in done.stderr
    assert f"refused since {last[:12]} of 2026-01-03, rename the function" in done.stderr
    assert "rename the list" not in done.stderr


def test_a_failing_test_stops_it(bump, locked):
    (locked.root / "tests" / "codemods").mkdir(parents=True)
    (locked.root / "tests" / "codemods" / "test_no.py").write_text("def test_no():\n    assert False\n")
    git(locked.root, "add", "--all")
    git(locked.root, "commit", "--quiet", "-m", "two")
    done = bump()
    assert done.returncode == 1
    assert "test_no.py::test_no" in done.stderr
    assert git(locked.root, "rev-list", "--count", "HEAD").strip() == b"2"
    (locked.root / "tests" / "codemods" / "test_no.py").write_text("def test_no():\n    pass\n")
    git(locked.root, "commit", "--quiet", "-am", "three")
    done = bump()
    assert done.returncode == 0, show(done)
    assert "tests/codemods: passed (1 passed" in done.stdout


def test_a_hook_that_refuses_the_commit_leaves_the_old_lock(bump, locked):
    hook = locked.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
    hook.chmod(0o755)
    before = (locked.root / "upstream.lock").read_bytes()
    done = bump()
    assert done.returncode == 1
    assert "not today" in done.stderr
    assert (locked.root / "upstream.lock").read_bytes() == before
    assert git(locked.root, "status", "--porcelain") == b""


@pytest.fixture
def venv(locked):
    """A stand-in for the environment in which OpenPI runs: it writes down what it is asked, and says what it is told to."""
    shutil.copytree(ROOT / "requirements", locked.root / "requirements")
    for name in upstream_tests.PATHS:
        (locked.root / name).mkdir(parents=True)
        (locked.root / name / "test_it.py").write_text("")
    git(locked.root, "add", "--all")
    git(locked.root, "commit", "--quiet", "-m", "two")
    folder = locked.root / "build" / "upstream-venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "made-of").write_text(python_env._wanted(ROOT / "requirements"))  # noqa: SLF001
    python = folder / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$*" >>"{folder}/asked"\ncat "{folder}/said"\nexit "$(cat "{folder}/code")"\n')
    python.chmod(0o755)
    (folder / "said").write_text("3 passed in 1s\n")
    (folder / "code").write_text("0")
    return folder


def test_all_that_just_test_runs_on_a_build_is_run_on_the_new_one(bump, locked, venv):
    (venv / "said").write_text("FAILED tests/robots/test_it.py::test_no\n1 failed in 1s\n")
    (venv / "code").write_text("1")
    done = bump(openpi=True)
    assert done.returncode == 1
    assert "tests/upstream tests/overlay tests/robots: FAILED tests/robots/test_it.py::test_no" in done.stderr
    assert (venv / "asked").read_text().split()[-3:] == list(upstream_tests.PATHS)
    (venv / "said").write_text("3 passed in 1s\n")
    (venv / "code").write_text("0")
    done = bump(openpi=True)
    assert done.returncode == 0, show(done)
    assert "tests/upstream tests/overlay tests/robots: passed (3 passed in 1s)" in done.stdout


def test_without_the_environment_the_lock_stays_unless_the_user_says_so(bump, locked, upstream, venv):
    (venv / "made-of").write_text("other lists")
    for found in ("one of other packages", "nothing there"):
        done = bump(openpi=True)
        assert done.returncode == 1, show(done)
        for part in ("just upstream-env", "--without-openpi", found):
            assert part in done.stderr
        shutil.rmtree(venv, ignore_errors=True)
    assert read_lock(locked.root / "upstream.lock").commit == upstream.commits[0]
    done = bump("--dry-run", openpi=True)
    assert done.returncode == 0, show(done)
    assert "tests/robots: not run (there is no build/upstream-venv in order)" in done.stdout
    assert bump().returncode == 0


def test_what_a_killed_bump_left_is_removed_and_two_at_a_time_are_refused(bump, locked):
    left = locked.root / "build" / "bump-1234"
    left.mkdir()
    (left / "file").write_text("")
    with open(locked.root / "build" / "bump.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = bump("--dry-run")
        assert done.returncode == 1
        assert "no other bump at work" in done.stderr
        assert left.exists()
    done = bump("--dry-run")
    assert done.returncode == 0, show(done)
    assert not left.exists()


def test_a_bump_that_was_killed_at_its_last_step_says_how_to_go_on(bump, locked, upstream):
    path = locked.root / "upstream.lock"
    old, new = (Commit(upstream.commits[i], day, "") for i, day in ((0, "2025-10-18"), (-1, "2025-12-02")))
    path.write_text(lock_commit.moved(path.read_text(), old, new))
    path.with_name(".upstream.lock.new").write_text("half")
    done = bump()
    assert done.returncode == 1
    for part in (new.id[:12], "stopped at its last step", "git checkout HEAD -- upstream.lock"):
        assert part in done.stderr
    path.write_text(path.read_text() + "# mine\n")
    assert "commit or stash it" in bump().stderr
    git(locked.root, "checkout", "HEAD", "--", "upstream.lock")
    assert bump().returncode == 0


def test_a_head_on_no_branch_is_refused(bump, locked):
    git(locked.root, "checkout", "--quiet", "--detach")
    done = bump()
    assert done.returncode == 1
    assert "a detached HEAD" in done.stderr
    assert git(locked.root, "rev-list", "--count", "HEAD").strip() == b"1"
    assert bump("--dry-run").returncode == 0


def test_tests_that_take_too_long_are_ended_with_all_that_they_started(tmp_path, monkeypatch):
    said = tmp_path / "child"
    program = f"sleep 600 & echo $! >'{said}.new'; mv '{said}.new' '{said}'; sleep 600"
    communicate = subprocess.Popen.communicate

    def when_all_are_there(process, **options):
        while not said.exists():
            time.sleep(0.01)
        return communicate(process, **options)

    with monkeypatch.context() as patched:
        patched.setattr(tests_here, "_LIMIT_S", 0.5)
        patched.setattr(subprocess.Popen, "communicate", when_all_are_there)
        done = tests_here._pytest(tests_here.Tried("it", ""), ["sh", "-c", program], dict(os.environ))  # noqa: SLF001
    assert done == tests_here.Tried("it", "failed", "not done within 0.5 s")
    child = int(said.read_text())
    for _ in range(1000):
        if not is_alive(child):
            return
        time.sleep(0.1)
    raise AssertionError("what the tests started is still there")


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_sees_how_long_the_tests_have_been_running(monkeypatch, capsys, terminal):
    monkeypatch.setattr(elapsed, "_EVERY_S", 0.01)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    asked = tests_here.Tried("it", "")
    done = tests_here._pytest(asked, ["sh", "-c", "sleep 0.5; echo 1 passed"], dict(os.environ))  # noqa: SLF001
    assert done == tests_here.Tried("it", "passed", "1 passed")
    said = capsys.readouterr().err.removeprefix("running it\n")
    assert said.startswith("\rstill running: 0:00") if terminal else said == ""
    assert said.endswith("\r\x1b[K") or not terminal


def is_alive(process: int) -> bool:
    """Does a process run? One that ended may wait for its parent to ask."""
    said = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False).stdout
    return said.strip() != "" and not said.strip().startswith("Z")


OLD, NEW = Commit("a" * 40, "2025-01-01", "old"), Commit("b" * 40, "2026-02-02", "new")


def test_only_the_two_values_of_the_lock_change():
    text = f'x = 1 # commit = "{"a" * 40}"\r\ncommit  =  "{"a" * 40}" # why\r\ndate = "2025-01-01"\r\n[mirror]\ncommit = "{"a" * 40}"\ndate = "2025-01-01"\n'
    changed = text.replace(f'commit  =  "{"a" * 40}"', f'commit  =  "{"b" * 40}"')
    changed = changed.replace('date = "2025-01-01"', 'date = "2026-02-02"', 1)
    assert lock_commit.moved(text, OLD, NEW) == changed


@pytest.mark.parametrize(
    "text", ["", f'[mirror]\ncommit = "{"a" * 40}"\ndate = "2025-01-01"\n', 'commit = "c"\ndate = "2"\n']
)
def test_a_lock_of_another_form_is_refused(text):
    with pytest.raises(Refused, match=r"upstream\.lock"):
        lock_commit.moved(text, OLD, NEW)
