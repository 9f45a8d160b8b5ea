"""What is the user's in a build stays, and whatever happens the build is the old one or the new one."""

from collections.abc import Iterator
import os
import pathlib
import resource
import shutil
import subprocess
import sys

import pytest

from tests.tools.project import Project
from tests.tools.project import show
from tests.tools.project import snapshot
from tools.git import git

NEW = "overlay/src/openpi/training/brand_new.py"
GONE = {"src/openpi/policies/joyarm_policy.py", "src/openpi/training/overlay_configs/joyarm_config.py"}


@pytest.fixture
def built(project_011) -> Project:
    """A project that has been applied."""
    assert project_011.just("apply").returncode == 0
    return project_011


def tracked(build: pathlib.Path) -> dict[str, bytes]:
    names = git(build, "ls-files", "-z").decode().split("\0")
    return {name: (build / name).read_bytes() for name in names if (build / name).is_file()}


def change_inputs(project: Project) -> None:
    """Makes the next apply change a file, add one and remove one."""
    (project.root / NEW).write_text("ANSWER = 42\n")
    for path in GONE:
        (project.root / "overlay" / path).unlink()
    project.edit("overlay/src/openpi/training/shape_skip.py", '"""', '"""(changed) ')


def test_what_is_the_users_stays_as_folders_and_as_links(built, tmp_path):
    elsewhere = tmp_path / "volume"
    elsewhere.mkdir()
    (elsewhere / "weights").write_text("10 GB")
    (built.build / ".venv" / "bin").mkdir(parents=True)
    (built.build / ".venv" / "bin" / "python").write_text("#!")
    (built.build / "checkpoints").symlink_to(elsewhere)
    (built.build / "assets").mkdir()
    (built.build / "assets" / "norm_stats.json").write_text("{}")
    (built.build / "src/openpi/notes.txt").write_text("mine")
    assert git(built.build, "status", "--porcelain").decode().split() == ["??", "src/openpi/notes.txt"]
    inode = (built.build / ".venv").stat().st_ino
    change_inputs(built)
    done = built.just("apply")
    assert done.returncode == 0, show(done)
    assert (built.build / NEW.removeprefix("overlay/")).read_text() == "ANSWER = 42\n"
    assert not (built.build / "src/openpi/policies/joyarm_policy.py").exists()
    assert (built.build / ".venv").stat().st_ino == inode
    assert (built.build / ".venv" / "bin" / "python").read_text() == "#!"
    assert (built.build / "checkpoints").is_symlink()
    assert (built.build / "checkpoints" / "weights").read_text() == "10 GB"
    assert (built.build / "assets" / "norm_stats.json").read_text() == "{}"
    assert (built.build / "src/openpi/notes.txt").read_text() == "mine"


def test_files_that_do_not_change_are_not_written(built):
    before = {path: (built.build / path).stat().st_mtime_ns for path in tracked(built.build)}
    change_inputs(built)
    built.just("apply")
    after = {path: (built.build / path).stat().st_mtime_ns for path in tracked(built.build) if path in before}
    assert {path for path in after if after[path] != before[path]} == {"src/openpi/training/shape_skip.py"}


def test_a_build_whose_files_were_removed_is_made_again_around_what_is_the_users(built):
    (built.build / "checkpoints").mkdir()
    (built.build / "checkpoints" / "step").write_text("1")
    expected = tracked(built.build)
    subprocess.run("rm -rf .git .github .[dgpv]* [A-Zdepsu]* 2>/dev/null", shell=True, cwd=built.build, check=False)
    assert os.listdir(built.build) == ["checkpoints"]
    done = built.just("apply")
    assert done.returncode == 0, show(done)
    assert tracked(built.build) == expected
    assert (built.build / "checkpoints" / "step").read_text() == "1"


def test_a_folder_that_apply_did_not_make_is_refused(project_011, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("...")
    done = project_011.just("apply", "--out", tmp_path / "thesis")
    assert done.returncode == 1
    assert "chapter1.tex" in done.stderr
    assert os.listdir(tmp_path / "thesis") == ["chapter1.tex"]


@pytest.mark.parametrize("committed", [False, True])
def test_edits_stop_apply_which_names_them_and_says_how_to_carry_them_back(built, committed):
    ours, theirs = "src/openpi/policies/so101_policy.py", "src/openpi/models/model.py"
    for path in (ours, theirs):
        (built.build / path).write_text((built.build / path).read_text() + "# mine\n")
    if committed:
        git(built.build, "-c", "user.name=me", "-c", "user.email=me@home", "commit", "-qam", "mine")
    before = snapshot(built.build)
    change_inputs(built)
    done = built.just("apply")
    assert done.returncode == 1, show(done)
    assert ours in done.stderr
    assert theirs in done.stderr
    assert "just harvest" in done.stderr
    assert snapshot(built.build) == before


def test_force_keeps_the_edits_on_a_branch_first(built):
    ours, theirs = "src/openpi/policies/so101_policy.py", "src/openpi/models/model.py"
    (built.build / ours).write_text("# mine\n")
    (built.build / theirs).unlink()
    new = NEW.removeprefix("overlay/")
    (built.build / new).write_text("# a file of mine where a new one must go\n")
    change_inputs(built)
    done = built.just("apply", "--force")
    assert done.returncode == 0, show(done)
    assert git(built.build, "status", "--porcelain") == b""
    assert (built.build / new).read_text() == "ANSWER = 42\n"
    branch = git(built.build, "branch", "--list", "edits-*", "--format=%(refname:short)").decode().strip()
    assert branch in done.stderr
    assert git(built.build, "show", f"{branch}:{ours}") == b"# mine\n"
    assert git(built.build, "show", f"{branch}:{new}") == b"# a file of mine where a new one must go\n"
    assert theirs not in git(built.build, "ls-tree", "-r", "--name-only", branch).decode()


def test_commits_of_the_users_that_change_nothing_are_kept_on_a_branch_too(built):
    git(built.build, "-c", "user.name=me", "-c", "user.email=me@home", "commit", "-q", "--allow-empty", "-m", "my note")
    assert built.just("apply").returncode == 0
    heads = git(built.build, "log", "--branches=edits-*", "--format=%s", "-1").decode()
    assert "Edits" in heads
    assert "my note" in git(built.build, "log", "--branches=edits-*", "--format=%s").decode()


def test_edits_that_are_what_apply_would_write_do_not_stop_it(built):
    change_inputs(built)
    for path in ("src/openpi/training/shape_skip.py", NEW.removeprefix("overlay/")):
        (built.build / path).write_bytes((built.root / "overlay" / path).read_bytes())
    done = built.just("apply")
    assert done.returncode == 0, show(done)
    assert git(built.build, "status", "--porcelain") == b""


IN_THE_WAY = {
    "a folder with something in it where a file must go": "mkdir -p src/openpi/training/brand_new.py/mine && touch src/openpi/training/brand_new.py/mine/x",
    "a folder in place of a tracked file": "rm README.md && mkdir README.md && touch README.md/mine && rm -r src/openpi/training/shape_skip.py",
    "a file in place of a tracked folder": "rm -r src/openpi/training && touch src/openpi/training",
    "a link in place of a tracked folder": "mv src/openpi/training ../elsewhere && ln -s $PWD/../elsewhere src/openpi/training",
    "a branch where ours must go": "git branch -m overlay main && git branch overlay/wip",
    "a git command at work": "touch .git/index.lock",
}


@pytest.mark.parametrize("what", IN_THE_WAY)
def test_what_stands_in_the_way_is_refused_even_with_force_and_everything_works_on(built, what):
    subprocess.run(IN_THE_WAY[what], shell=True, check=True, cwd=built.build)
    change_inputs(built)
    before = snapshot(built.build / "src")
    done = built.just("apply", "--force")
    assert done.returncode == 1, show(done)
    assert "Traceback" not in done.stderr
    assert "expected:" in done.stderr
    assert snapshot(built.build / "src") == before
    for command in ("status", "diff"):
        assert "Traceback" not in built.just(command).stderr
    assert not (built.build / ".git/overlay-next/journal.json").exists()


def test_an_empty_folder_is_nothing_to_lose(built):
    (built.build / NEW.removeprefix("overlay/")).mkdir()
    change_inputs(built)
    assert built.just("apply", "--force").returncode == 0
    assert (built.build / NEW.removeprefix("overlay/")).is_file()


def test_submodules_come_and_go(built, tmp_path, mirror_011):
    """Upstream has submodules, the mirror has none: their folders are left empty, and what is in one stays."""
    fork = tmp_path / "fork"
    subprocess.run(["git", "clone", "-q", "--no-checkout", str(built.build), str(fork)], check=True)
    git(fork, "checkout", "-q", "--detach", git(built.build, "rev-list", "--max-parents=0", "HEAD").decode().strip())
    me = ("-c", "user.name=me", "-c", "user.email=me@home")
    for path in ("third_party/aloha", "third_party/libero"):
        git(fork, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{path}")
        (fork / path).mkdir(parents=True)
    git(fork, *me, "commit", "-qm", "submodules")
    out = tmp_path / "out"
    assert built.just("apply", "--out", out).returncode == 0
    done = built.just("apply", "--out", out, "--upstream", fork)
    assert done.returncode == 0, show(done)
    assert git(out, "status", "--porcelain") == b""
    (out / "third_party/libero/mine.py").write_text("mine")
    done = built.just("apply", "--out", out)
    assert done.returncode == 0, show(done)
    assert not (out / "third_party/aloha").exists()
    assert (out / "third_party/libero/mine.py").read_text() == "mine"
    assert built.json("status", "--out", out)["state"] == "clean"


def test_what_is_staged_or_taken_as_unchanged_is_an_edit_too(built):
    staged, hidden = "src/openpi/policies/so101_policy.py", "src/openpi/training/shape_skip.py"
    original = (built.build / staged).read_bytes()
    (built.build / staged).write_text("# staged\n")
    git(built.build, "add", staged)
    (built.build / staged).write_bytes(original)
    git(built.build, "update-index", "--assume-unchanged", hidden)
    (built.build / hidden).write_text("# hidden\n")
    assert built.json("status")["edited"] == [staged, hidden]
    change_inputs(built)
    assert built.just("apply").returncode == 1
    assert built.just("apply", "--force").returncode == 0
    branch = git(built.build, "branch", "--list", "edits-*", "--format=%(refname:short)").decode().strip()
    assert git(built.build, "show", f"{branch}:{hidden}") == b"# hidden\n"
    assert git(built.build, "show", f"{branch}^:{staged}") == b"# staged\n"


def test_a_mode_that_was_changed_is_an_edit_that_force_takes_back(built):
    (built.build / "pyproject.toml").chmod(0o755)
    assert built.just("apply").returncode == 1
    assert built.just("apply", "--force").returncode == 0
    assert built.json("status")["state"] == "clean"


def test_a_build_is_not_made_over_files_of_the_users(built, tmp_path):
    """A fork may track what is the user's in a build: nothing of theirs is overwritten, through a link neither."""
    fork = tmp_path / "fork"
    shutil.copytree(built.build, fork)
    git(fork, "checkout", "-q", git(fork, "rev-list", "--max-parents=0", "HEAD").decode().strip())
    (fork / "assets/so101").mkdir(parents=True)
    (fork / "assets/so101/norm_stats.json").write_text("theirs")
    git(fork, "add", "--force", "assets")
    git(fork, "-c", "user.name=me", "-c", "user.email=me@home", "commit", "-qm", "stats")
    out, volume = tmp_path / "out", tmp_path / "volume"
    for kind in ("folder", "link"):
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        place = volume if kind == "link" else out / "assets"
        (place / "so101").mkdir(parents=True)
        (place / "so101/norm_stats.json").write_text("mine")
        if kind == "link":
            (out / "assets").symlink_to(volume)
        done = built.just("apply", "--upstream", fork, "--out", out)
        assert done.returncode == 1, show(done)
        assert (place / "so101/norm_stats.json").read_text() == "mine"
        assert os.listdir(out) == ["assets"]


def test_a_folder_of_the_users_beside_the_build_is_not_taken_for_ours(project_011, tmp_path):
    (tmp_path / ".out.new").mkdir()
    (tmp_path / ".out.new" / "mine").write_text("mine")
    done = project_011.just("apply", "--out", tmp_path / "out")
    assert done.returncode == 1
    assert (tmp_path / ".out.new" / "mine").read_text() == "mine"


def test_two_applies_at_once_one_waits_or_is_refused(built):
    holder = (
        "from tools.builds import build_lock; import pathlib, sys\n"
        "with build_lock.held(pathlib.Path(sys.argv[1])):\n print(1, flush=True); sys.stdin.read()"
    )
    env = os.environ | {"PYTHONPATH": str(built.root)}
    with subprocess.Popen(
        [sys.executable, "-P", "-c", holder, str(built.build)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline()
        done = built.just("apply")
        process.kill()
    assert done.returncode == 1
    assert "no other apply at work" in done.stderr
    assert built.just("apply").returncode == 0


# Runs apply in a process that kills itself, as `kill -9` would, before the n-th call that changes the disk.
_KILLER = """
import os, pathlib, shutil, signal, sys
left = [int(sys.argv.pop(1))]
def deadly(function):
    def call(*args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return call
for name in ("replace", "rename", "unlink", "rmdir", "mkdir", "fsync", "symlink"):
    setattr(os, name, deadly(getattr(os, name)))
import tools.git
from tools.builds import build, series_commits, user_edits
for module in (build, series_commits, user_edits):
    module.git = deadly(tools.git.git)
from tools.apply import apply
from tools.command import run
run(apply, "just apply")
"""


def killed_apply(project: Project, steps: int) -> subprocess.CompletedProcess:
    env = os.environ | {"PYTHONPATH": str(project.root)}
    line = [sys.executable, "-P", "-c", _KILLER, str(steps)]
    return subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=600)


def test_killed_at_any_moment_of_a_remake_the_build_is_the_old_or_the_new(built):
    (built.build / "checkpoints").mkdir()
    (built.build / "checkpoints" / "step").write_text("1")
    old, change = tracked(built.build), GONE
    change_inputs(built)
    seen, mixed = set(), 0
    for steps in range(200):
        done = killed_apply(built, steps)
        raw = {path: (built.build / path).read_bytes() for path in old if (built.build / path).exists()}
        state = built.json("status")  # the first command afterwards finishes what the journal says
        now = tracked(built.build)
        assert (built.build / "checkpoints" / "step").read_text() == "1"
        assert state["edited"] == [], (steps, show(done))
        assert git(built.build, "status", "--porcelain") == b""
        seen.add("old" if now == old else "new")
        mixed += raw != now
        if now == old:
            assert state["state"] == "behind"
            continue
        assert state["state"] == "clean"
        assert now.keys() == old.keys() - change | {NEW.removeprefix("overlay/")}
        break
    assert done.returncode in (0, -9)
    assert seen == {"old", "new"}
    assert steps > 20, "the killer did not reach the steps it is meant to interrupt"
    # From here on each kill comes after the journal was written: take the build back and go through all of them.
    last = steps
    for more in range(last, last + 60):
        git(built.build, "reset", "-q", "--hard", "HEAD")
        (built.root / NEW).write_text(f"ANSWER = {more}\n")
        done = killed_apply(built, more)
        assert built.json("status")["state"] in ("clean", "behind"), (more, show(done))
        assert (built.build / NEW.removeprefix("overlay/")).read_text() in (
            f"ANSWER = {n}\n" for n in (42, more - 1, more)
        )
        if done.returncode == 0:
            break
    assert done.returncode == 0, show(done)


def test_what_the_user_does_between_a_kill_and_the_next_command_is_kept(built):
    """The journal says what to write; work that was done in the meantime goes onto a branch before that."""
    change_inputs(built)
    path = "src/openpi/training/shape_skip.py"
    for steps in range(10, 200):
        killed_apply(built, steps)
        if (built.build / ".git/overlay-next/journal.json").exists():
            break
    assert (built.build / ".git/overlay-next/0").exists(), "killed too late to interrupt it"
    (built.build / path).write_text("# a day's work\n")
    git(built.build, "-c", "user.name=me", "-c", "user.email=me@home", "commit", "-qm", "a day's work", path)
    done = built.just("status")
    assert "edits-" in done.stderr, show(done)
    branch = git(built.build, "branch", "--list", "edits-*", "--format=%(refname:short)").decode().strip()
    assert git(built.build, "show", f"{branch}:{path}") == b"# a day's work\n"
    assert "a day's work" in git(built.build, "log", "--format=%s", branch).decode()
    assert built.json("status")["state"] == "clean"


def test_a_command_that_reads_leaves_the_journal_to_the_apply_that_wrote_it(built):
    change_inputs(built)
    slow = (
        "import sys; from tools.builds import build, journal; finish = journal.finish\n"
        "def wait(git_dir):\n print('journal', flush=True); sys.stdin.read(); finish(git_dir)\n"
        "journal.finish = wait\n"
        "from tools.apply import apply; from tools.command import run; run(apply, 'just apply')"
    )
    env = os.environ | {"PYTHONPATH": str(built.root)}
    line = [sys.executable, "-P", "-c", slow]
    with subprocess.Popen(line, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"journal\n"
        done = built.just("status")
        assert done.returncode == 1
        assert "still running" in done.stderr
        process.stdin.close()
        process.stdout.read()
    assert process.returncode == 0
    assert built.json("status")["state"] == "clean"


def test_killed_at_any_moment_of_the_first_build_there_is_none_or_all_of_it(project_011):
    step = 0
    for step in range(0, 2000, 1):
        if step > 30 and step % 97:  # between the first steps and the last, each is a file like the one before
            continue
        done = killed_apply(project_011, step)
        if done.returncode == 0:
            break
        assert done.returncode == -9, show(done)
        if project_011.build.exists():
            assert project_011.json("status")["state"] == "clean"
            break
        assert project_011.just("status").returncode == 1
    assert project_011.just("apply").returncode == 0
    assert project_011.json("status")["state"] == "clean"
    assert sorted(os.listdir(project_011.root / "build")) == ["openpi", "upstream.git"], "litter was left"


@pytest.mark.parametrize("kilobytes", [0, 1, 2, 4])
def test_a_full_disk_leaves_the_old_build_and_one_message(built, kilobytes):
    change_inputs(built)
    (built.root / NEW).write_text("# " + "x" * 8000 + "\n")
    before = tracked(built.build)
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, kilobytes * 1024))  # noqa: E731
    done = built.just("apply", preexec_fn=limit)
    assert done.returncode == 1, show(done)
    assert "Traceback" not in done.stderr
    assert "expected:" in done.stderr
    assert tracked(built.build) == before
    assert built.json("status")["edited"] == []
    assert built.just("apply").returncode == 0
    assert built.json("status")["state"] == "clean"


@pytest.fixture
def small_disk(tmp_path) -> Iterator[pathlib.Path]:
    """A disk of 8 MB, which only root can make."""
    disk = tmp_path / "disk"
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_disk_that_is_really_full(project_011, small_disk):
    out = small_disk / "openpi"
    (small_disk / "films").write_bytes(b"x" * 7_000_000)
    done = project_011.just("apply", "--out", out)
    assert done.returncode == 1, show(done)
    assert "Traceback" not in done.stderr
    assert "space" in done.stderr
    assert os.listdir(small_disk) == ["films"]
    (small_disk / "films").unlink()
    assert project_011.just("apply", "--out", out).returncode == 0
    before = tracked(out)
    change_inputs(project_011)
    (project_011.root / NEW).write_text("# " + "x" * 100_000 + "\n")
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    (small_disk / "films").write_bytes(b"x" * (free - 64_000))
    done = project_011.just("apply", "--out", out)
    assert done.returncode == 1, show(done)
    assert "Traceback" not in done.stderr
    assert tracked(out) == before
    assert project_011.json("status", "--out", out)["edited"] == []
    (small_disk / "films").unlink()
    assert project_011.just("apply", "--out", out).returncode == 0
    assert (out / NEW.removeprefix("overlay/")).stat().st_size > 100_000


def test_a_damaged_build_does_not_make_git_take_the_repository_around_it(built):
    git(None, "init", "-q", str(built.root))
    (built.build / ".git" / "HEAD").unlink()
    change_inputs(built)
    for command in ("apply", "status", "diff", "harvest"):
        done = built.just(command)
        assert done.returncode == 1, show(done)
        assert "Traceback" not in done.stderr
    assert git(built.root, "for-each-ref") == b""
    assert git(built.root, "count-objects") == b"0 objects, 0 kilobytes\n"
