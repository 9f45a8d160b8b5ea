"""The rebase check: the same verdicts as apply, the first break by name, and a text patch beside it."""

import ast
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from tests import mutations
from tests.codemods import expected
from tests.tools.made_history import MadeHistory
from tests.tools.project import show
from tests.tools.project import snapshot
from tests.tools.small_upstream import host
from tools.command import ROOT
from tools.git import git
from tools.plan import overlay_files
from tools.plan import patches
from tools.plan.plan import make_plan
from tools.rebase_check import guide_edits
from tools.rebase_check import report
from tools.rebase_check import second_reading
from tools.rebase_check import text_patch
from tools.rebase_check import trial
from tools.rebase_check import trial_pool
from tools.rebase_check import verdicts
from tools.rebase_check.judge import judge
from tools.refusal import Refused
from tools.upstream.history import Commit
from tools.upstream.history import open_history
from tools.upstream.objects import Objects

CLONE = os.environ.get("OPENPI_UPSTREAM")
needs_clone = pytest.mark.skipif(not CLONE, reason="set OPENPI_UPSTREAM to a clone of OpenPI to run all of its history")

# Commits of upstream since pi0.5 came that a patch is refused on. One that passes must leave this list.
KNOWN_REFUSED: dict[str, str] = {}
PI05 = "e061c093e78a"  # of 2025-09-08, the first with pi0.5
MIRROR, READ = "175f89c31d1b", "15a9616a0094"  # what is counted is counted up to here; what comes later may differ


@pytest.fixture(scope="module")
def made(tmp_path_factory, mirror_010, mirror_011) -> MadeHistory:
    """Two releases, a commit that touches nothing of ours, a change of layout, a break, one more, and the repair."""
    history = MadeHistory(tmp_path_factory.mktemp("up stream ö") / "clone")
    history.from_mirror(mirror_010, "2025-10-18", "the first release")
    history.change("2025-10-20", "a new file", {"docs/new.md": "# New\n"})
    history.from_mirror(mirror_011, "2025-12-02", "the second release")
    config = history.text(mutations.CONFIG)
    history.change("2025-12-10", "annotate", {mutations.CONFIG: config.replace("_CONFIGS = [", "_CONFIGS: list = [")})
    history.change("2025-12-20", "rename the list", {mutations.CONFIG: config.replace("_CONFIGS", "ALL_OF_THEM")})
    history.change("2025-12-24", "something else", {"README.md": "# Read me\n"})
    history.change("2026-01-05", "name it back", {mutations.CONFIG: config})
    history.check_out()
    return history


@pytest.fixture
def checked(project_011, made):
    """Runs the check on the made history, with its first commit as the locked one."""
    project_011.edit("upstream.lock", "15a9616a00943ada6c20a0f158e3adb39df2ccac", made.commits[0])

    def run(*args):
        done = project_011.just("rebase_check", "--upstream", made.path, *args)
        return done, json.loads(done.stdout) if "--json" in args and done.stdout else {}

    return run


def named(rows: list[dict], patch: str) -> list[str]:
    return [p["verdict"] for row in rows for p in row["patches"] if p["name"] == patch]


def test_every_commit_has_a_row_and_the_first_break_is_named(checked, made):
    before = snapshot(made.path)
    done, found = checked("--all", "--json")
    assert done.returncode == 1, show(done)
    rows = found["commits"]
    assert [row["commit"] for row in rows] == made.commits
    assert [row["date"] for row in rows][:3] == ["2025-10-18", "2025-10-20", "2025-12-02"]
    assert [row["ok"] for row in rows] == [True, True, True, True, False, False, True]
    assert named(rows, "overlay-configs") == ["applied"] * 4 + ["refused"] * 2 + ["applied"]
    assert named(rows, "lerobot-layout") == ["applied"] * 2 + ["upstream"] * 5
    assert named(rows, "shape-skip") == named(rows, "image-decoding") == ["applied"] * 7
    broken = found["first_break"]
    assert (broken["commit"], broken["subject"]) == (made.commits[4], "rename the list")
    assert (broken["patch"], broken["file"]) == ("overlay-configs", mutations.CONFIG)
    assert "a module-level list named _CONFIGS" in broken["reason"]
    assert "-_CONFIGS: list = [" in broken["diff"].splitlines()
    assert "+ALL_OF_THEM = [" in broken["diff"].splitlines()
    assert found["no_longer_needed"] == {
        "lerobot-layout": {"commit": made.commits[2], "date": "2025-12-02", "subject": "the second release"}
    }
    assert found["baseline"] is None
    assert snapshot(made.path) == before


def test_the_verdicts_are_those_of_apply(checked, made, project_011, tmp_path):
    _, found = checked("--all", "--json")
    clone = tmp_path / "clone"
    git(None, "clone", "--quiet", str(made.path), str(clone))
    for row in (found["commits"][i] for i in (0, 2, 3, 4)):
        git(clone, "checkout", "--quiet", row["commit"])
        said = project_011.json("apply", "--upstream", clone, "--check")
        assert said["ok"] == row["ok"]
        assert [{key: p[key] for key in ("name", "verdict", "reason")} for p in said["patches"]] == row["patches"]


def test_a_package_beside_a_file_is_seen_as_apply_sees_it(checked, made, project_011, tmp_path):
    clone = tmp_path / "clone"
    git(None, "clone", "--quiet", str(made.path), str(clone))
    git(clone, "checkout", "--quiet", "-b", "split", made.commits[3])
    package = clone / mutations.CONFIG.replace(".py", "/__init__.py")
    package.parent.mkdir()
    shutil.copy(clone / mutations.CONFIG, package)
    git(clone, "add", ".")
    git(clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "split the config")
    newest = git(clone, "rev-parse", "HEAD").decode().strip()
    done = project_011.just("rebase_check", "--upstream", clone, "--range", f"{made.commits[2]}..{newest}", "--json")
    assert done.returncode == 1, show(done)
    before, after = json.loads(done.stdout)["commits"]
    said = project_011.json("apply", "--upstream", clone, "--check")
    assert (before["ok"], after["ok"], said["ok"]) == (True, False, False)
    assert [{key: p[key] for key in ("name", "verdict", "reason")} for p in said["patches"]] == after["patches"]
    assert "config/__init__.py, which comes before it" in after["patches"][0]["reason"]


def test_the_default_range_begins_with_the_lock_and_latest_is_one_row(checked, made, project_011):
    project_011.edit("upstream.lock", f'commit = "{made.commits[0]}"', f'commit = "{made.commits[2]}"')
    _, found = checked("--json")
    assert [row["commit"] for row in found["commits"]] == made.commits[2:]
    done, found = checked("--latest", "--json")
    assert (done.returncode, [row["commit"] for row in found["commits"]]) == (0, made.commits[-1:])
    done, found = checked("--range", f"{made.commits[0]}..{made.commits[2]}", "--json")
    assert (done.returncode, [row["commit"] for row in found["commits"]]) == (0, made.commits[1:3])
    done, spaced = checked("--range", f" {made.commits[0]} .. {made.commits[2]} ", "--json")
    assert (done.returncode, spaced) == (0, found), show(done)


def test_latest_names_the_first_break_when_the_newest_is_refused(checked, made, tmp_path, project_011):
    clone = tmp_path / "clone"
    git(None, "clone", "--quiet", str(made.path), str(clone))
    git(clone, "checkout", "--quiet", made.commits[5])
    git(clone, "remote", "remove", "origin")
    done = project_011.just("rebase_check", "--upstream", clone, "--latest", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert found["first_break"]["commit"] == made.commits[4]
    assert [row["commit"] for row in found["commits"]] == made.commits[:6]


def test_the_table_says_it_in_words(checked, made):
    done, _ = checked("--all")
    assert done.returncode == 1
    assert f"first break: {made.commits[4][:12]} 2025-12-20 rename the list" in done.stdout
    assert (
        "overlay-configs: src/openpi/training/config.py: looked for a module-level list named _CONFIGS" in done.stdout
    )
    assert f"no longer needed: lerobot-layout; upstream does it itself since {made.commits[2][:12]}" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("5 of 7 commits in order (2025-10-18 to 2026-01-05)")
    assert all(commit[:12] in done.stdout for commit in made.commits)


def on_a_terminal(monkeypatch, capsys, findings: report.Findings, columns: int) -> list[str]:
    """The lines that a terminal of so many columns shows."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    with monkeypatch.context() as during:
        during.setattr(sys.stdout, "isatty", lambda: True)
        report.show(findings, "a clone")
    return [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in capsys.readouterr().out.splitlines()]


def one_row(overlay: str = "") -> report.Findings:
    names = ("overlay-configs", "shape-skip", "image-decoding", "lerobot-layout")
    found = tuple(trial.Verdict(name, "applied", "") for name in names)
    commit = Commit(
        "0123456789abcdef" + "0" * 24, "2026-06-15", "fix: sanitize the repo id before it is put in a path (#972)"
    )
    return report.Findings([verdicts.Row(commit, found, overlay)])


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 200])
def test_a_terminal_of_any_width_shows_every_verdict_and_the_overlay(monkeypatch, capsys, columns):
    lines = on_a_terminal(monkeypatch, capsys, one_row(overlay="src/x.py is there already"), columns)
    row = next(line for line in lines if line.startswith("0123456789ab"))
    assert row.split().count("applied") == 4
    assert row.split()[-1] == "refused"
    assert columns < 80 or max(map(len, lines)) <= columns
    assert ("fix: sani" in row) == (columns >= 80)
    head = " ".join(lines[: lines.index(row)])
    assert all(word in head for word in ("overlay-", "configs", "shape-", "image-", "lerobot-", "overlay"))


def test_one_commit_has_one_date():
    assert report.summary(one_row()) == "1 of 1 commit in order (2026-06-15)"


@pytest.mark.parametrize(
    ("args", "where"),
    [
        (["--all", "--latest"], "just rebase-check"),
        (["--range", "main"], "--range"),
        (["--range", "main..main"], "--range"),
        (["--range", "a...b"], "--range"),
        (["--range", "nobody..main"], "nobody"),
        (["--upstream", "/no/such/clone"], "the upstream /no/such/clone"),
        (["--all", "--html", "/no/such/folder/page.html"], "--html /no/such/folder/page.html"),
        (["--all", "--html", "/tmp"], "--html /tmp"),
    ],
)
def test_wrong_usage_is_exit_2_and_one_message(checked, args, where):
    done, _ = checked(*args)
    assert done.returncode == 2, show(done)
    assert f"refused: {where}" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_upstream_that_the_lock_is_not_in_is_refused(project_011, made):
    done = project_011.just("rebase_check", "--upstream", made.path)
    assert done.returncode == 2
    assert "15a9616a00943ada6c20a0f158e3adb39df2ccac" in done.stderr


def test_pulls_are_those_that_touch_what_the_patches_touch(checked, made, project_011, tmp_path):
    clone = MadeHistory(tmp_path / "clone")
    git(clone.path, "fetch", "--quiet", "--update-head-ok", str(made.path), "main:refs/heads/main")
    clone.commits = list(made.commits)
    config = clone.text(mutations.CONFIG)
    moved = {
        mutations.CONFIG: "from openpi.training.all_configs import _CONFIGS\n" + config.partition("_CONFIGS = [")[0]
    }
    fits = clone.change(
        "2026-02-01", "one more robot", {mutations.CONFIG: config + "# more\n"}, ref="refs/pull/11/head"
    )
    breaks = clone.change("2026-02-02", "split the config", moved, ref="refs/pull/12/head")
    clone.change("2026-02-03", "only a document", {"docs/x.md": "x\n"}, ref="refs/pull/13/head")
    same = overlay_files.read_overlay()["src/openpi/policies/so101_policy.py"].content.decode()
    taken = {"src/openpi/policies/so101_policy.py": same + "# theirs\n"}
    clone.change("2026-02-04", "another so101", taken, ref="refs/pull/14/head")
    transforms = clone.text("src/openpi/transforms.py").replace("make_bool_mask", "bool_mask")
    renamed = {"src/openpi/transforms.py": transforms}
    clone.change("2026-02-05", "rename what the overlay takes", renamed, ref="refs/pull/15/head")
    done = project_011.just("rebase_check", "--upstream", clone.path, "--latest", "--pulls", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert [row["commit"] for row in found["commits"]] == made.commits[-1:]
    heads = {head["ref"]: head for head in found["heads"]}
    assert sorted(heads) == [f"refs/pull/{number}/head" for number in (11, 12, 14, 15)]
    assert "uses openpi.transforms.make_bool_mask" in heads["refs/pull/15/head"]["overlay"]
    assert (heads["refs/pull/11/head"]["ok"], heads["refs/pull/11/head"]["commit"]) == (True, fits)
    assert (heads["refs/pull/12/head"]["ok"], heads["refs/pull/12/head"]["commit"]) == (False, breaks)
    assert "imports it from openpi.training.all_configs" in heads["refs/pull/12/head"]["patches"][0]["reason"]
    assert "overlay/src/openpi/policies/so101_policy.py" in heads["refs/pull/14/head"]["overlay"]
    shown = project_011.just("rebase_check", "--upstream", clone.path, "--latest", "--pulls").stdout
    assert "refused: overlay-configs on refs/pull/12/head" in shown
    assert "other heads touch none of it" in shown


def test_a_tree_without_what_the_overlay_imports_is_not_in_order(project_011, mirror_010, tmp_path):
    history = MadeHistory(tmp_path / "clone")
    history.from_mirror(mirror_010, "2025-09-01", "whole")
    config = history.text("src/openpi/models/pi0_config.py")
    history.change("2025-09-02", "no pi0.5 yet", {"src/openpi/models/pi0_config.py": None})
    history.change("2025-09-03", "pi0.5", {"src/openpi/models/pi0_config.py": config})
    found = project_011.json("rebase_check", "--upstream", history.path, "--all")
    assert [row["ok"] for row in found["commits"]] == [True, False, True]
    assert "so101_config.py imports openpi.models.pi0_config" in found["commits"][1]["overlay"]
    assert (found["first_break"]["patch"], found["first_break"]["commit"]) == ("overlay", history.commits[1])
    span = f"{history.commits[0]}..{history.commits[2]}"
    found = project_011.json("rebase_check", "--upstream", history.path, "--range", span)
    assert found["first_break"] is None
    assert found["fits_since"]["commit"] == history.commits[2]


def test_a_url_is_fetched_into_the_build_folder(project_011, made):
    project_011.edit("tools/upstream/clone.py", "_WAIT_S = 10.0", "_WAIT_S = 600.0")
    with host(made.path) as url:
        done = project_011.just("rebase_check", "--upstream", url, "--all", "--json")
        assert done.returncode == 1, show(done)
        assert [row["commit"] for row in json.loads(done.stdout)["commits"]] == made.commits
        assert "fetching the history" in done.stderr
    assert (project_011.root / "build" / "upstream-history.git" / "HEAD").exists()
    project_011.edit("tools/upstream/clone.py", "_WAIT_S = 600.0", "_WAIT_S = 0.5")
    with host(None) as url:
        done = project_011.just("rebase_check", "--upstream", url)
    assert done.returncode == 1
    assert "--upstream PATH" in done.stderr


def test_the_page_needs_nothing_else_and_says_the_same(checked, made, tmp_path):
    page = tmp_path / "page.html"
    done, _ = checked("--all", "--html", page)
    assert done.returncode == 1
    text = page.read_text()
    for part in (
        "5 of 7 commits in order",
        "rename the list",
        "-_CONFIGS: list = [",
        "No longer needed: lerobot-layout",
    ):
        assert part in text
    assert not any(word in text for word in ("http://", "https://", "<script", "<link", "src=", "@import", "url("))


def test_a_version_of_a_file_is_tried_once(made, monkeypatch):
    tried = []
    monkeypatch.setattr(trial_pool, "try_one", lambda *args: tried.append(args[0]) or trial.try_one(*args))
    overlay, series = overlay_files.read_overlay(), patches.read_series()
    history = open_history(made.path)
    with Objects(history.repo) as objects:
        rows = verdicts.try_series(objects, history.line(history.newest()), overlay, series, jobs=1)
        alone = len(tried)
        together = verdicts.try_series(objects, history.line(history.newest()), overlay, series, jobs=3)
    # config.py has four versions (the last is that of 0.1.1 again), data_loader.py two, weight_loaders.py one.
    assert alone == len({(t.patches, *t.contents.values()) for t in tried[:alone]}) <= 4 + 2 + 1
    assert rows == together, "other processes find something else"
    assert all(len(group) == len({p.name for p in group}) for group in verdicts.share_files(series))


def test_patches_of_one_file_are_tried_together(made):
    series = patches.read_series()
    groups = [[patch.name for patch in group] for group in verdicts.share_files(series)]
    assert groups == [["overlay-configs"], ["shape-skip"], ["image-decoding", "lerobot-layout"]]
    backwards = next(iter(verdicts.share_files(series[::-1])))
    assert [patch.name for patch in backwards] == ["lerobot-layout", "image-decoding"]


def test_the_baseline_stands_beside_ours(made, project_011):
    project_011.edit(
        "upstream.lock", 'commit = "175f89c31d1b2631a8ff3b678768f17489c5ead4"', f'commit = "{made.commits[0]}"'
    )
    span = f"{made.commits[0]}..{made.commits[3]}"
    found = project_011.json("rebase_check", "--upstream", made.path, "--range", span, "--baseline")
    counts = found["baseline"]["counts"]
    assert found["baseline"]["made_on"]["commit"] == made.commits[0]
    assert counts["just apply"] == {"right": 3, "wrong": 0, "refused": 0}
    # The new file does no harm to it; the second release changed the import of LeRobot, which it redirects.
    assert counts["git apply"]["right"] == 1
    assert all(sum(count.values()) == 3 for count in counts.values())


OURS_WRONG = {
    "another place in the list": (
        mutations.CONFIG,
        lambda text: (
            text.replace("    *overlay_configs.get_overlay_configs(),\n", "").replace(
                "_CONFIGS = [\n", "_CONFIGS = [\n    *overlay_configs.get_overlay_configs(),\n"
            )
        ),
    ),
    "not the call": (mutations.LOADER, lambda text: text.replace("image_decoding.decode_images(", "print(")),
    "a statement more": (mutations.WEIGHTS, lambda text: text.replace("    loaded_params = shape_skip.", "    x = 1\n    loaded_params = shape_skip.")),
    "nothing": (mutations.WEIGHTS, lambda text: text.replace("import openpi.training.shape_skip as shape_skip\n", "")),
    "no Python": (mutations.LOADER, lambda text: text + "def (:\n"),
}  # fmt: skip


@pytest.mark.parametrize("how", OURS_WRONG)
def test_ours_is_judged_too(how, made, monkeypatch):
    """A series whose result is wrong, and which no check of its own stopped, is counted as wrong."""
    path, spoil = OURS_WRONG[how]
    overlay, series = overlay_files.read_overlay(), patches.read_series()

    def wrong_plan(tree, *args):
        plan = make_plan(tree, *args)
        last = next(r for r in reversed(plan.results) if path in r.files)
        after = spoil(last.files[path].decode())
        assert after != last.files[path].decode()
        spoilt = dataclasses.replace(last, files={path: after.encode()})
        return dataclasses.replace(plan, results=[spoilt if r is last else r for r in plan.results])

    history = open_history(made.path)
    with Objects(history.repo) as objects:
        commits = [history.commit(name) for name in made.commits[:3]]
        rows = verdicts.try_series(objects, commits, overlay, series)
        found = text_patch.compare(history, objects, rows, made.commits[0], overlay, series)
        assert found.counts()["just apply"] == {"right": 2, "wrong": 0, "refused": 0}
        monkeypatch.setattr(text_patch, "make_plan", wrong_plan)
        found = text_patch.compare(history, objects, rows, made.commits[0], overlay, series)
    assert found.counts()["just apply"] == {"right": 0, "wrong": 2, "refused": 0}
    assert all(path in outcome.reason for outcome in found.outcomes if outcome.way == "just apply")


def test_a_patch_that_cannot_be_judged_is_refused(checked, made, project_011):
    new = (project_011.root / "patches" / "shape-skip.toml").rename(project_011.root / "patches" / "of-mine.toml")
    assert new.exists()
    project_011.edit("patches/series", "shape-skip", "of-mine")
    done, _ = checked("--all", "--baseline")
    assert done.returncode == 1
    assert "of-mine" in done.stderr
    assert "tools/rebase_check/second_reading.py" in done.stderr


@pytest.mark.parametrize("text", [b"", b"def (:", b"import openpi.a\n", b"import openpi.a\nx = f(delta_timestamps=1"])
def test_a_second_reading_that_finds_no_place_says_so(text):
    for name in second_reading.known():
        with pytest.raises(second_reading.Unreadable):
            second_reading.patched(dict.fromkeys(mutations.EVERY, text), [name])
    with pytest.raises(second_reading.Unreadable):
        second_reading.patched({}, ["shape-skip"])


def test_a_second_reading_says_what_the_tests_expect(any_upstream):
    texts = {p: git(any_upstream.repo, "cat-file", "blob", f"{any_upstream.commit}:{p}") for p in mutations.EVERY}
    for patch in patches.read_series():
        if patch.name == "lerobot-layout" and b"\nimport lerobot.common" not in texts[mutations.LOADER]:
            continue
        (path, text), *_ = second_reading.patched(texts, [patch.name]).items()
        found = ast.parse(text)
        for edit in (edit for edit in patch.edits if edit.codemod == "add_import"):
            found, wrong = expected.without_import(found, edit.change.module)
            assert wrong == []
        assert ast.dump(found) == ast.dump(expected.patched(patch.name, {path: texts[path].decode()})[path])


def test_the_judge_finds_what_stands_in_the_wrong_place():
    wanted = {"a.py": b"import b\nimport a\nX = [\n    1,\n    2,\n]\ndef f():\n    g()\n    return h(1)\n"}
    same = b"import a\nimport b\n\n\nX = [1, 2]  # comment\n\n\ndef f():\n    g()\n    return h(1)\n"
    assert judge(wanted, {"a.py": same}) == ""
    for wrong in (
        same.replace(b"[1, 2]", b"[2, 1]"),
        same.replace(b"[1, 2]", b"[1, 2, 2]"),
        same.replace(b"import b\n", b""),
        same.replace(b"    g()\n    return h(1)", b"    return h(1)\n    g()"),
        same.replace(b"h(1)", b"1"),
        same + b"Y = 1\n",
        b"import a\nimport b\n",
        b"<<<<<<< ours\n" + same,
    ):
        assert judge(wanted, {"a.py": wrong}) != "", wrong
    assert judge(wanted, {}) != ""


def test_what_a_person_edits_is_made_from_the_text(upstream_text):
    text = upstream_text(mutations.CONFIG).encode()
    module, lines = ast.parse(guide_edits.with_own_entry(text)), text.splitlines()
    elements = next(
        s.value for s in module.body if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "_CONFIGS"
    )
    names = [k.value.value for e in elements.elts if isinstance(e, ast.Call) for k in e.keywords if k.arg == "name"]
    assert names[-1] == "pi05_my_robot"
    assert len(guide_edits.with_own_entry(text).splitlines()) == len(lines) + 1 + 4
    with pytest.raises(Refused, match=r"config\.py"):
        guide_edits.with_own_entry(b"_CONFIGS = build()\n")


@needs_clone
def test_all_of_upstreams_history(project_011):
    found = project_011.json("rebase_check", "--upstream", CLONE, "--all")
    since = next(i for i, row in enumerate(found["commits"]) if row["commit"].startswith(PI05))
    refused = {row["commit"]: row["patches"] for row in found["commits"][since:] if not row["ok"]}
    assert set(refused) == set(KNOWN_REFUSED)
    # Before pi0.5 the patches find their places as well; what the overlay imports is not there, and that is said.
    upto = next(i for i, row in enumerate(found["commits"]) if row["commit"].startswith(READ))
    for row in found["commits"][: upto + 1]:
        assert {p["verdict"] for p in row["patches"]} == {"applied"}
    assert all("openpi.models.pi0_config" in row["overlay"] for row in found["commits"][:since])


@needs_clone
def test_a_text_patch_on_upstreams_history(project_011):
    found = project_011.json("rebase_check", "--upstream", CLONE, "--range", f"{MIRROR}..{READ}", "--baseline")
    assert found["baseline"]["counts"]["just apply"] == {"right": 15, "wrong": 0, "refused": 0}
    assert found["baseline"]["counts"]["git apply"] == {"right": 2, "wrong": 0, "refused": 13}
    assert found["baseline"]["counts"]["patch --fuzz=2"] == {"right": 2, "wrong": 13, "refused": 0}


@needs_clone
def test_no_row_of_upstreams_history_is_wrong():
    """What is applied says what an independent reading of the file wants, on every version since pi0.5 came."""
    clone, seen = pathlib.Path(CLONE), set()
    history = open_history(clone)
    for commit in history.line(history.newest(), after=history.resolve(f"{PI05}~1")):
        for patch in patches.read_series():
            path = patch.edits[0].file
            blob = git(clone, "rev-parse", f"{commit.id}:{path}").decode().strip()
            if (patch.name, blob) in seen:
                continue
            seen.add((patch.name, blob))
            text = git(clone, "cat-file", "blob", blob).decode()
            alone = trial.Trial((patch.name,), {path: text.encode()})
            plan = trial.plan_of(alone, overlay_files.read_overlay(), [patch])
            found = ast.parse(plan.results[0].files[path])
            for edit in patch.edits:
                if edit.codemod == "add_import":
                    found, wrong = expected.without_import(found, edit.change.module)
                    assert wrong == []
            wanted = expected.patched(patch.name, {path: text})[path]
            assert ast.dump(found) == ast.dump(wanted), f"{patch.name} on {commit.id}"


# The first with pi0.5, the last before the configs of PolaRiS, with them, and the newest.
SAMPLE = [PI05, MIRROR, "bd70b8f4011e", "HEAD"]
PYTHON = pathlib.Path(os.environ.get("OPENPI_PYTHON") or ROOT / "build" / "upstream-venv" / "bin" / "python")


@needs_clone
@pytest.mark.skipif(not PYTHON.exists(), reason="make the environment of upstream first, or name one in OPENPI_PYTHON")
@pytest.mark.parametrize("commit", SAMPLE)
def test_a_patched_commit_imports_and_each_patch_does_its_work(commit, project_011, tmp_path):
    clone = tmp_path / "clone"
    git(None, "clone", "--quiet", "--shared", str(pathlib.Path(CLONE).resolve()), str(clone))
    git(clone, "checkout", "--quiet", git(pathlib.Path(CLONE), "rev-parse", commit).decode().strip())
    out = tmp_path / "out"
    assert project_011.just("apply", "--upstream", clone, "--out", out).returncode == 0
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env |= {"PYTHONPATH": str(out / "src"), "JAX_PLATFORMS": "cpu", "PYTHONWARNINGS": "ignore"}
    script = pathlib.Path(__file__).with_name("patches_at_work.py")
    line = [str(PYTHON), str(script), str(out)]
    done = subprocess.run(line, env=env, capture_output=True, text=True, check=False, timeout=600, cwd=tmp_path)
    assert done.returncode == 0, show(done)
    assert all(json.loads(done.stdout.splitlines()[-1]).values()), show(done)


@needs_clone
def test_the_benchmark_measures_it():
    line = [sys.executable, "-P", "-m", "tools.bench", "rebase", "--runs", "1", "--json"]
    done = subprocess.run(line, cwd=ROOT, env=os.environ | {"OPENPI_UPSTREAM": CLONE}, capture_output=True, check=False)
    assert json.loads(done.stdout)["seconds"]["rebase-check --all"] > 0
