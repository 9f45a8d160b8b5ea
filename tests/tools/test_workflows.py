"""The workflows: valid, with no more rights than they need, and each step's commands run here with a stand-in for gh."""

import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tests import mutations
from tests.tools.made_history import MadeHistory
from tests.tools.project import show
from tools.command import ROOT
from tools.git import git

FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
UPSTREAM = yaml.safe_load((ROOT / ".github" / "workflows" / "upstream.yml").read_text())

# Each call is written down, and answered from files that the test puts there; gh itself filters what --json gave it.
GH = """#!/bin/sh
printf '%s\\n' "$*" >>"$GH_CALLS"
filter() {
  while [ "$1" != --jq ]; do shift; done
  jq --raw-output "$2" "$GH_ANSWERS/pull"
}
case "$1 $2" in
"pr create") if [ -e "$GH_ANSWERS/refuse" ]; then echo 'GitHub Actions is not permitted' >&2; exit 1; fi ;;
esac
case "$1 $2" in
"pr list") case "$*" in *--head*) filter "$@" ;; *) cat "$GH_ANSWERS/open" ;; esac ;;
"issue list") cat "$GH_ANSWERS/issue" ;;
"issue create" | "issue edit" | "pr create" | "pr edit")
  while [ $# -gt 0 ]; do
    if [ "$1" = --body-file ]; then cp "$2" "$GH_ANSWERS/body"; fi
    shift
  done ;;
esac
"""


def tool(name: str) -> str | None:
    beside = pathlib.Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


@pytest.mark.parametrize(
    "line",
    [
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
        ["zizmor", "--offline", "--no-progress", "--persona", "pedantic"],
    ],
    ids=lambda line: line[0],
)
def test_the_checkers_find_nothing(line):
    if (found := tool(line[0])) is None:
        pytest.skip(f"{line[0]} is not installed: pip install -r requirements/ci.txt")
    done = subprocess.run([found, *line[1:], *map(str, FILES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, show(done)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_pinned_rights_are_least_and_no_text_goes_into_a_script(path):
    text = path.read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {}
    for line in re.findall(r"uses: (.*)", text):
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v[\d.]+", line), line
    for job in workflow["jobs"].values():
        assert set(job["permissions"].values()) <= {"read", "write"}
        assert job["timeout-minutes"]
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "an expression inside a script is an injection"
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


def test_only_the_nightly_one_may_write_and_only_what_it_opens():
    tests = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text())
    assert tests["jobs"]["tests"]["permissions"] == {"contents": "read"}
    assert UPSTREAM["jobs"]["rebase-check"]["permissions"] == {"contents": "read"}
    assert UPSTREAM["jobs"]["bump"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert UPSTREAM["jobs"]["tell"]["permissions"] == {"issues": "write"}
    assert {step.get("run") for step in tests["jobs"]["tests"]["steps"]} >= {".ci/run"}


def step(job: str, name: str) -> dict[str, str]:
    """A step, by the start of its name."""
    return next(step for step in UPSTREAM["jobs"][job]["steps"] if step["name"].startswith(name))


class Runner:
    """Runs the steps of a job as the service does: `bash -eo pipefail`, the same variables, one folder."""

    def __init__(self, project, tmp_path: pathlib.Path, upstream: pathlib.Path):
        self.root, self.answers = project.root, tmp_path / "answers"
        self.calls, self.temp = tmp_path / "calls", tmp_path / "runner temp"
        (home := tmp_path / "home").mkdir()
        (programs := tmp_path / "programs").mkdir()
        for folder in (self.answers, self.temp):
            folder.mkdir()
        for name, text in (("open", ""), ("pull", "[]"), ("issue", "")):
            (self.answers / name).write_text(text)
        (programs / "gh").write_text(GH)
        (programs / "gh").chmod(0o755)
        # The project's own wrapper, without making an environment for this copy of it, nor that of OpenPI.
        (self.root / "justw").write_text(
            '#!/bin/sh\nname=$1; shift\nif [ "$name" = bump ]; then set -- --without-openpi "$@"; fi\n'
            f'exec "{sys.executable}" -P -m "tools.$(echo "$name" | tr - _)" "$@"\n'
        )
        (self.root / "justw").chmod(0o755)
        (home / ".gitconfig").write_text(
            f'[url "{upstream.resolve().as_uri()}"]\n  insteadOf = https://github.com/Physical-Intelligence/openpi.git\n'
            f'[url "{(tmp_path / "origin.git").as_uri()}"]\n  insteadOf = https://github.com/me/overlay.git\n'
            "[safe]\n  directory = *\n"
        )
        (self.root / ".gitignore").write_text("/build/\n__pycache__/\n/robots/\n")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "PYTHON"))} | {
            "HOME": str(home),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.root),
            "GITHUB_WORKSPACE": str(self.root),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "GH_CALLS": str(self.calls),
            "GH_ANSWERS": str(self.answers),
            "GH_TOKEN": "none",
            "GH_REPO": "me/overlay",
            "SERVER": "https://github.com",
            "BASE": "main",
            **UPSTREAM["env"],
        }
        self.origin = tmp_path / "origin.git"
        git(None, "init", "--quiet", "--bare", str(self.origin))
        git(self.root, "init", "--quiet", "--initial-branch=main")
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "-m", "one", extra_env=WHO)

    def run(self, job: str, name: str, **env: str) -> tuple[subprocess.CompletedProcess, dict[str, str]]:
        if "isCrossRepository" in step(job, name)["run"] and shutil.which("jq") is None:
            pytest.skip("jq is not installed, which stands in for the filter that gh has in itself")
        output = self.temp / "output"
        output.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step(job, name)["run"]],
            cwd=self.root, env=self.env | {"GITHUB_OUTPUT": str(output)} | env,
            capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        return done, outputs(output.read_text())

    def pushed(self) -> str:
        """The commit that the branch of the bump is on."""
        return git(self.origin, "rev-parse", "refs/heads/bump-openpi").decode().strip()

    def called(self) -> list[str]:
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.write_text("")
        return calls


def outputs(text: str) -> dict[str, str]:
    """What a step wrote, as the service reads it: `name=value`, or `name<<END`, lines and `END`."""
    found, lines = {}, iter(text.splitlines())
    for line in lines:
        name, sign, value = re.fullmatch(r"(\w+)(=|<<)(.*)", line).groups()
        found[name] = value if sign == "=" else "\n".join(itertools.takewhile(lambda one: one != value, lines))  # noqa: B023
    return found


WHO = {f"GIT_{who}_{what}": "someone" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture
def upstream(tmp_path, mirror_010, mirror_011) -> MadeHistory:
    history = MadeHistory(tmp_path / "upstream")
    history.from_mirror(mirror_010, "2025-10-18", "the first release")
    history.from_mirror(mirror_011, "2025-12-02", "the second release")
    config = history.text(mutations.CONFIG)
    history.change("2026-01-01", "a pull", {mutations.CONFIG: config + "# theirs\n"}, ref="refs/pull/7/head")
    history.change("2026-01-02", "a closed pull", {mutations.CONFIG: config + "# other\n"}, ref="refs/pull/8/head")
    history.check_out()
    return history


@pytest.fixture
def runner(project_011, upstream, tmp_path) -> Runner:
    project_011.edit("upstream.lock", "15a9616a00943ada6c20a0f158e3adb39df2ccac", upstream.commits[0])
    project_011.edit("upstream.lock", 'date = "2026-06-15"', 'date = "2025-10-18"')
    return Runner(project_011, tmp_path, upstream.path)


# A URL that git itself turns into a folder is not a folder to the check, which then asks the network's way.
def test_green_opens_one_pull_request_with_the_bump(runner, upstream, tmp_path):
    done, output = runner.run("rebase-check", "Try the patches")
    assert (done.returncode, output["ok"], output["first"]) == (0, "true", ""), show(done)
    (runner.answers / "open").write_text("7\n")
    done, output = runner.run("rebase-check", "Try them on the open")
    assert done.returncode == 0, show(done)
    for pulls in ((runner.temp / "pulls.txt").read_text(), output["said"]):
        assert "pull/7" in pulls
        assert "pull/8" not in pulls
    done, output = runner.run("bump", "Move the lock")
    assert (done.returncode, output["moved"]) == (0, "true"), show(done)
    theirs = {"number": 9, "isCrossRepository": True}
    for open_ones, verb in (([], "pr create"), ([theirs], "pr create"), ([theirs, OURS], None)):
        (runner.answers / "pull").write_text(json.dumps(open_ones))
        done, _ = runner.run("bump", "Open a pull request")
        assert done.returncode == 0, show(done)
        calls = [c for c in runner.called() if c.startswith(("pr create", "pr edit"))]
        assert [c for c in calls if verb and c.startswith(verb)] == calls, calls
        assert len(calls) == (verb is not None)
    assert "overlay-configs: applied" in (runner.answers / "body").read_text()
    assert runner.pushed() == git(runner.root, "rev-parse", "HEAD").decode().strip()
    assert upstream.commits[-1] in git(runner.root, "cat-file", "blob", "HEAD:upstream.lock").decode()
    done, output = runner.run("bump", "Move the lock")
    assert (done.returncode, output["moved"]) == (0, "false"), show(done)


OURS = {"number": 3, "isCrossRepository": False}
PERSON = {f"GIT_{who}_{what}": "a@person" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


@pytest.fixture
def bumped(runner, upstream):
    """A runner that has moved the lock and pushed it, and then moves it again, from the old main to a newer upstream."""
    main = git(runner.root, "rev-parse", "HEAD").decode().strip()
    assert runner.run("bump", "Move the lock")[1]["moved"] == "true"
    assert runner.run("bump", "Open a pull request")[0].returncode == 0
    (runner.answers / "pull").write_text(json.dumps([OURS]))
    runner.called()

    def again(*, newer: bool) -> tuple[subprocess.CompletedProcess, list[str]]:
        if newer:
            upstream.change("2026-03-01", "more", {"docs/more.md": "# More\n"})
        git(runner.root, "reset", "--quiet", "--hard", main)
        assert runner.run("bump", "Move the lock")[1]["moved"] == "true"
        done, _ = runner.run("bump", "Open a pull request")
        return done, runner.called()

    return again


def test_the_branch_is_pushed_again_only_for_another_upstream(runner, bumped):
    before = runner.pushed()
    done, calls = bumped(newer=False)
    assert (done.returncode, runner.pushed()) == (0, before), show(done)
    assert not any(c.startswith(("pr edit", "pr create")) for c in calls)
    done, calls = bumped(newer=True)
    assert (done.returncode, runner.pushed()) == (0, git(runner.root, "rev-parse", "HEAD").decode().strip()), show(done)
    assert any(c.startswith("pr edit 3") for c in calls)


@pytest.mark.parametrize("how", ["on top", "amended"])
@pytest.mark.parametrize("newer", [False, True])
def test_what_a_person_pushed_to_the_branch_stays(runner, bumped, how, newer):
    options = ["--amend"] if how == "amended" else ["--allow-empty"]  # the author of an amended one is the bot still
    git(runner.root, "commit", "--quiet", "-m", "mine", *options, extra_env=PERSON)
    git(runner.origin, "fetch", "--quiet", str(runner.root), "+HEAD:refs/heads/bump-openpi")
    mine = git(runner.root, "rev-parse", "HEAD").decode().strip()
    done, calls = bumped(newer=newer)
    assert (done.returncode, runner.pushed()) == (0, mine), show(done)
    assert not any(c.startswith(("pr edit", "pr create")) for c in calls)
    assert ("::warning::bump-openpi holds somebody's work" in done.stdout) is newer


def test_a_repository_that_lets_no_workflow_open_a_pull_request_says_what_to_turn_on(runner):
    assert runner.run("bump", "Move the lock")[1]["moved"] == "true"
    (runner.answers / "refuse").write_text("")
    done, output = runner.run("bump", "Open a pull request")
    assert done.returncode == 1
    assert "::error::bump-openpi is pushed" in done.stdout
    assert "Allow GitHub Actions to create and approve pull requests" in output["said"]
    assert "Allow GitHub Actions to create" in " ".join((ROOT / "docs" / "upstream.md").read_text().split())


def test_a_break_is_told_in_one_issue_that_is_kept_up_to_date(runner, upstream):
    config = upstream.text(mutations.CONFIG)
    broken = upstream.change("2026-02-01", "rename $(the) `list`", {mutations.CONFIG: config.replace("_CONFIGS", "L")})
    done, check = runner.run("rebase-check", "Try the patches")
    assert (done.returncode, check["ok"]) == (0, "false"), show(done)
    (runner.answers / "open").write_text("7\n8\n")
    done, pulls = runner.run("rebase-check", "Try them on the open")
    assert done.returncode == 0
    said = {"OK": "false", "FIRST": check["first"], "CHECK_SAID": check["said"], "PULLS_SAID": pulls["said"]}
    said |= {"CHECK": "success", "BUMP": "skipped", "BUMP_SAID": "", "RUN": "https://run"}
    for state, verb in (("", "issue create"), ("5\n", "issue edit 5")):
        runner.called()
        (runner.answers / "issue").write_text(state)
        done, _ = runner.run("tell", "Tell of what is wrong", **said)
        assert done.returncode == 0, show(done)
        told = [c for c in runner.called() if c.startswith(("issue create", "issue edit"))]
        assert len(told) == 1
        assert told[0].startswith(verb)
        assert f"OpenPI moved: {broken[:12]} 2026-02-01 rename $(the) `list`" in told[0]
    body = (runner.answers / "body").read_text()
    assert "a module-level list named _CONFIGS" in body
    assert "pull/7" in body
    assert runner.run("tell", "Tell of what is wrong", **said | {"PULLS_SAID": ""})[0].returncode == 0
    assert "They could not be tried." in (runner.answers / "body").read_text()
    runner.called()
    assert runner.run("tell", "Close the issue")[0].returncode == 0
    assert any(c.startswith("issue close 5") for c in runner.called())


def test_a_bump_that_fails_is_told_in_the_issue(runner, tmp_path):
    (runner.root / "tests" / "codemods").mkdir(parents=True)
    (runner.root / "tests" / "codemods" / "test_no.py").write_text("def test_no():\n    assert False\n")
    git(runner.root, "add", "--all")
    git(runner.root, "commit", "--quiet", "-m", "two", extra_env=WHO)
    done, bump = runner.run("bump", "Move the lock")
    assert done.returncode == 1
    assert bump["moved"] == "false"
    said = {"OK": "true", "FIRST": "", "CHECK_SAID": "", "PULLS_SAID": "", "CHECK": "success", "BUMP": "failure"}
    done, _ = runner.run("tell", "Tell of what is wrong", **said, BUMP_SAID=bump["said"], RUN="https://run")
    assert done.returncode == 0, show(done)
    assert any("issue create --title OpenPI fits, and the nightly run failed" in c for c in runner.called())
    body = (runner.answers / "body").read_text()
    assert "test_no.py::test_no" in body
    assert "[run](https://run) failed (rebase check: success, bump: failure)" in body


def test_a_step_that_fails_does_not_keep_the_rest_from_being_done_and_told():
    jobs = UPSTREAM["jobs"]
    assert "!cancelled()" in step("rebase-check", "Run the tests that need")["if"]
    assert jobs["bump"]["if"].startswith("${{ !cancelled() && needs.rebase-check.outputs.ok == 'true'")
    assert jobs["tell"]["needs"] == ["rebase-check", "bump"]
    assert jobs["tell"]["if"].startswith("${{ !cancelled() && ")
    told, closed = (step("tell", name)["if"] for name in ("Tell of", "Close"))
    assert told == closed.replace("==", "!=").replace("&&", "||"), "one of the two runs, whatever became of the jobs"


def test_the_tests_of_upstreams_history_are_run_on_the_clone_that_is_there(runner, tmp_path):
    (runner.root / "justw").write_text(f'#!/bin/sh\necho "$OPENPI_UPSTREAM $*" >"{tmp_path}/asked"\n')
    assert runner.run("rebase-check", "Run the tests that need")[0].returncode == 0
    clone, command, *paths = (tmp_path / "asked").read_text().split()
    assert (clone, command) == (str(runner.root / "build" / "upstream-history.git"), "test")
    assert "tests/tools/test_rebase_check.py" in paths
    assert all("OPENPI_UPSTREAM" in (ROOT / p).read_text() or "any_upstream" in (ROOT / p).read_text() for p in paths)


def test_an_upstream_that_does_not_answer_fails_the_job_and_tells_nobody(runner):
    (pathlib.Path(runner.env["HOME"]) / ".gitconfig").write_text(
        '[url "file:///no/such/place"]\n  insteadOf = https://github.com/Physical-Intelligence/openpi.git\n'
    )
    done, output = runner.run("rebase-check", "Try the patches")
    assert done.returncode != 0
    assert output == {}, "without `ok` no job tells of anything"
    assert "outputs.ok != ''" in UPSTREAM["jobs"]["tell"]["if"]
    assert json.dumps(runner.called()) == "[]"
