"""The workflows: valid, with no more rights than they need, and each step's commands run here with a stand-in for gh."""

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

# Each call is written down, and answered from files that the test puts there.
GH = """#!/bin/sh
printf '%s\\n' "$*" >>"$GH_CALLS"
case "$1 $2" in
"pr list") case "$*" in *--head*) cat "$GH_ANSWERS/pull" ;; *) cat "$GH_ANSWERS/open" ;; esac ;;
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
    assert UPSTREAM["jobs"]["rebase-check"]["permissions"] == {"contents": "read", "issues": "write"}
    assert UPSTREAM["jobs"]["bump"]["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert {step.get("run") for step in tests["jobs"]["tests"]["steps"]} >= {".ci/run"}


class Runner:
    """Runs the steps of a job as the service does: `bash -eo pipefail`, the same variables, one folder."""

    def __init__(self, project, tmp_path: pathlib.Path, upstream: pathlib.Path):
        self.root, self.answers = project.root, tmp_path / "answers"
        self.calls, self.temp = tmp_path / "calls", tmp_path / "runner temp"
        (home := tmp_path / "home").mkdir()
        (programs := tmp_path / "programs").mkdir()
        for folder in (self.answers, self.temp):
            folder.mkdir()
        for name in ("open", "pull", "issue"):
            (self.answers / name).write_text("")
        (programs / "gh").write_text(GH)
        (programs / "gh").chmod(0o755)
        # The project's own wrapper, without making an environment for this copy of it.
        (self.root / "justw").write_text(
            f'#!/bin/sh\nname=$1; shift\nexec "{sys.executable}" -P -m "tools.$(echo "$name" | tr - _)" "$@"\n'
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
        git(None, "init", "--quiet", "--bare", str(tmp_path / "origin.git"))
        git(self.root, "init", "--quiet", "--initial-branch=main")
        git(self.root, "add", "--all")
        git(self.root, "commit", "--quiet", "-m", "one", extra_env=WHO)

    def run(self, job: str, name: str) -> tuple[subprocess.CompletedProcess, dict[str, str]]:
        step = next(step for step in UPSTREAM["jobs"][job]["steps"] if step["name"].startswith(name))
        output = self.temp / "output"
        output.write_text("")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=self.root, env=self.env | {"GITHUB_OUTPUT": str(output)},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        return done, dict(line.split("=", 1) for line in output.read_text().splitlines())

    def called(self) -> list[str]:
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.write_text("")
        return calls


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
    assert (done.returncode, output) == (0, {"ok": "true"}), show(done)
    (runner.answers / "open").write_text("7\n")
    done, _ = runner.run("rebase-check", "Try them on the open")
    assert done.returncode == 0, show(done)
    pulls = (runner.temp / "pulls.txt").read_text()
    assert "pull/7" in pulls
    assert "pull/8" not in pulls
    done, _ = runner.run("rebase-check", "Close the issue")
    assert (done.returncode, [c for c in runner.called() if c.startswith("issue close")]) == (0, [])
    done, output = runner.run("bump", "Move the lock")
    assert (done.returncode, output) == (0, {"moved": "true"}), show(done)
    for state, verb in (("", "pr create"), ("3\n", "pr edit 3")):
        (runner.answers / "pull").write_text(state)
        done, _ = runner.run("bump", "Open a pull request")
        assert done.returncode == 0, show(done)
        calls = runner.called()
        assert [c for c in calls if c.startswith(verb)], calls
    assert "overlay-configs: applied" in (runner.answers / "body").read_text()
    pushed = git(tmp_path / "origin.git", "rev-parse", "refs/heads/bump-openpi").decode().strip()
    assert pushed == git(runner.root, "rev-parse", "HEAD").decode().strip()
    assert upstream.commits[-1] in git(runner.root, "cat-file", "blob", "HEAD:upstream.lock").decode()
    done, output = runner.run("bump", "Move the lock")
    assert (done.returncode, output) == (0, {"moved": "false"}), show(done)


def test_a_break_is_told_in_one_issue_that_is_kept_up_to_date(runner, upstream):
    config = upstream.text(mutations.CONFIG)
    broken = upstream.change("2026-02-01", "rename $(the) `list`", {mutations.CONFIG: config.replace("_CONFIGS", "L")})
    done, output = runner.run("rebase-check", "Try the patches")
    assert (done.returncode, output) == (0, {"ok": "false"}), show(done)
    (runner.answers / "open").write_text("7\n8\n")
    assert runner.run("rebase-check", "Try them on the open")[0].returncode == 0
    for state, verb in (("", "issue create"), ("5\n", "issue edit 5")):
        runner.called()
        (runner.answers / "issue").write_text(state)
        done, _ = runner.run("rebase-check", "Tell of the first break")
        assert done.returncode == 0, show(done)
        told = [c for c in runner.called() if c.startswith(("issue create", "issue edit"))]
        assert len(told) == 1
        assert told[0].startswith(verb)
        assert f"OpenPI moved: {broken[:12]} 2026-02-01 rename $(the) `list`" in told[0]
    body = (runner.answers / "body").read_text()
    assert "a module-level list named _CONFIGS" in body
    assert "pull/7" in body
    (runner.answers / "issue").write_text("5\n")
    assert runner.run("rebase-check", "Close the issue")[0].returncode == 0
    assert any(c.startswith("issue close 5") for c in runner.called())


def test_an_upstream_that_does_not_answer_fails_the_job_and_tells_nobody(runner):
    (pathlib.Path(runner.env["HOME"]) / ".gitconfig").write_text(
        '[url "file:///no/such/place"]\n  insteadOf = https://github.com/Physical-Intelligence/openpi.git\n'
    )
    done, output = runner.run("rebase-check", "Try the patches")
    assert done.returncode != 0
    assert output == {}
    assert json.dumps(runner.called()) == "[]"
