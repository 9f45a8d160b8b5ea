"""Forks made from the real upstream: each patch is right there or refused with a reason and what to write by hand."""

import ast
import dataclasses
import os
import pathlib
import re

from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
import pytest

from tests import mutations
from tests.codemods import expected
from tests.tools.project import snapshot
from tools import overlay_files
from tools import patches
from tools import report
from tools import trial
from tools.git import git
from tools.plan import Plan

CONFIG, LOADER, WEIGHTS = mutations.EVERY
SERIES = patches.read_series()
OVERLAY = overlay_files.read_overlay()

Texts = dict[str, str]


@pytest.fixture(scope="session")
def texts(upstream_text) -> Texts:
    return {path: upstream_text(path) for path in mutations.EVERY}


def plan_of(texts: Texts) -> Plan:
    contents = {path: text.encode() for path, text in texts.items()}
    return trial.plan_of(trial.Trial(tuple(patch.name for patch in SERIES), contents), OVERLAY, SERIES)


def patched(texts: Texts, plan: Plan) -> Texts:
    changed = {path: content for result in plan.results for path, content in result.files.items()}
    return {path: changed[path].decode() if path in changed else text for path, text in texts.items()}


def verdicts(plan: Plan) -> dict[str, str]:
    return {result.patch.name: result.verdict for result in plan.results}


def assert_right(texts: Texts, plan: Plan) -> None:
    """What was applied says what an independent reading wants, a second run changes nothing, upstream's bytes are there."""
    after = patched(texts, plan)
    for result in plan.results:
        if result.verdict == "refused":
            assert "looked for" in result.reason or "has no" in result.reason
            continue
        assert result.verdict in ("applied", "upstream")
    for path, text in texts.items():
        of_file = [r for r in plan.results if r.verdict == "applied" and r.patch.edits[0].file == path]
        found, wanted = ast.parse(after[path].encode()), text.removeprefix(mutations.MARK)
        for result in of_file:
            for edit in result.patch.edits:
                if edit.codemod == "add_import":
                    found, wrong = expected.without_import(found, edit.change.module)
                    assert wrong == [], f"{path}: {wrong}"
        for result in of_file:
            wanted = ast.unparse(expected.patched(result.patch.name, {path: wanted})[path])
        assert ast.dump(found) == ast.dump(ast.parse(wanted)), f"{path} says something else"
    again = plan_of(after)
    for before, now in zip(plan.results, again.results, strict=True):
        assert now.verdict == ("already" if before.verdict == "applied" else before.verdict)
    undone = {path: text.encode() for path, text in after.items()}
    assert patched(after, again) == after
    for result in reversed(plan.results):
        for edit in reversed(result.patch.edits if result.verdict == "applied" else ()):
            undone[edit.file] = edit.change.undo(trial_parse(undone[edit.file])).bytes
    assert {path: content.decode() for path, content in undone.items()} == texts


def trial_parse(content: bytes):
    import libcst as cst

    return cst.parse_module(content)


@dataclasses.dataclass(frozen=True)
class Fork:
    """One kind of fork: what it changes, and the verdicts that differ from `applied`."""

    name: str
    path: str
    pattern: str
    new: str
    verdicts: tuple[tuple[str, str], ...] = ()


_IMPORT = r"^import lerobot\.common\.datasets\.lerobot_dataset as lerobot_dataset$"
_OPEN = r"^    dataset = lerobot_dataset\.LeRobotDataset\("
_ROBOTS = "\n".join(f'    TrainConfig(name="pi05_{name}", exp_name="x"),' for name in ("arm", "hand", "dog"))
_NEW_LAYOUT = (("lerobot-layout", "upstream"),)

FORKS = [
    Fork("several robots", CONFIG, r"^_CONFIGS = \[$", f"_CONFIGS = [\n{_ROBOTS}"),
    Fork("a robot in the middle", CONFIG, r'(?=^    TrainConfig\(\n        name="debug")', _ROBOTS + "\n"),
    Fork("its own entries at the end", CONFIG, r"(?=^\]$)", _ROBOTS + "\n"),
    Fork("a class in the middle", CONFIG, r"(?=^_CONFIGS = )", "class MyDataConfig(DataConfig):\n    mine: int = 1\n\n\n"),
    Fork("annotated", CONFIG, r"^_CONFIGS = ", "_CONFIGS: list[TrainConfig] = "),
    Fork("a sum", CONFIG, r"^_CONFIGS = \[", "_CONFIGS = my_configs.ALL + ["),
    Fork("filled later", CONFIG, r"\Z", "\n_CONFIGS.extend([])\n"),
    Fork("a changed loader", LOADER, _OPEN, "    logging.info('opening %s', repo_id)\n\n    dataset = lerobot_dataset.LeRobotDataset("),
    Fork("an older name", LOADER, r"\bcreate_torch_dataset\b", "create_dataset"),
    Fork("several returns", LOADER, _OPEN, "    if repo_id.startswith('x'):\n        return lerobot_dataset.LeRobotDataset("
         "repo_id, delta_timestamps=None)\n    dataset = lerobot_dataset.LeRobotDataset("),
    Fork("the new layout", LOADER, _IMPORT, "import lerobot.datasets.lerobot_dataset as lerobot_dataset", _NEW_LAYOUT),
    Fork("from the new layout", LOADER, _IMPORT, "from lerobot.datasets import lerobot_dataset", _NEW_LAYOUT),
    Fork("either layout", LOADER, _IMPORT, "try:\n    import lerobot.common.datasets.lerobot_dataset as lerobot_dataset\n"
         "except ImportError:\n    import lerobot.datasets.lerobot_dataset as lerobot_dataset", _NEW_LAYOUT),
    Fork("many datasets", LOADER, _OPEN, "    if isinstance(repo_id, list):\n        return lerobot_dataset."
         "MultiLeRobotDataset(repo_id)\n    dataset = lerobot_dataset.LeRobotDataset(", (("image-decoding", "refused"), ("lerobot-layout", "refused"))),
    Fork("no dtype test", WEIGHTS, r"(v\.astype\(.*?\)) if v\.dtype .*", r"\1"),
    Fork("skips shapes itself", WEIGHTS, r"^(        if k in flat_ref:)$", r"\1\n            if v.shape != flat_ref[k].shape:\n"
         r"                continue", (("shape-skip", "upstream"),)),
]  # fmt: skip


@pytest.mark.parametrize("fork", FORKS, ids=lambda fork: fork.name)
def test_what_forks_do_is_met(fork: Fork, texts: Texts):
    changed, count = re.subn(fork.pattern, fork.new, texts[fork.path], flags=re.MULTILINE)
    assert count >= 1, "the fork changes nothing in this upstream"
    forked = texts | {fork.path: changed}
    plan = plan_of(forked)
    assert verdicts(plan) == {patch.name: "applied" for patch in SERIES} | dict(fork.verdicts)
    if plan.ok:
        assert_right(forked, plan)


# What a person could patch and we cannot, by the name of the fork: one that works must leave this list.
KNOWN_REFUSED = {
    "split into modules": (
        CONFIG,
        "from openpi.training.all_configs import _CONFIGS",
        "imports it from openpi.training",
    ),
    "split, relative": (CONFIG, "from .all_configs import _CONFIGS", "imports it from .all_configs"),
    "made by a function": (CONFIG, "_CONFIGS = load_configs()", "what a call returns"),
    "another name's value": (CONFIG, "_CONFIGS = all_configs.CONFIGS", "another module's value"),
    "a comprehension": (CONFIG, "_CONFIGS = [make(name) for name in ROBOTS]", "a list comprehension"),
}


@pytest.mark.parametrize("name", KNOWN_REFUSED)
def test_what_is_refused_is_named_and_told_how_to_write(name: str, texts: Texts):
    path, code, reason = KNOWN_REFUSED[name]
    statement = next(
        s for s in ast.parse(texts[path]).body if isinstance(s, ast.Assign) and "_CONFIGS" in ast.unparse(s.targets[0])
    )
    lines = texts[path].splitlines(keepends=True)
    forked = "".join([*lines[: statement.lineno - 1], code + "\n", *lines[statement.end_lineno :]])
    plan = plan_of(texts | {path: forked})
    result = plan.results[0]
    assert result.verdict == "refused", "it works now: take it off the list"
    assert reason in result.reason
    assert re.search(rf"{re.escape(path)}:\d+  {re.escape(code)}", result.reason), "the line is not shown"
    told = report.by_hand(result)
    assert [line["file"] for line in told] == [path, path]
    assert "import openpi.training.overlay_configs as overlay_configs" in told[0]["code"]
    assert told[1]["code"] == "*overlay_configs.get_overlay_configs(),"
    assert "_CONFIGS" in told[1]["where"]
    assert [v for n, v in verdicts(plan).items() if n != result.patch.name] == ["applied"] * 3


def test_what_is_told_to_write_by_hand_is_what_the_patch_writes(texts):
    """Each patch is refused on a file that lacks its place; what it says then is found in the file that it can patch."""
    after = patched(texts, plan_of(texts))
    broken = {
        CONFIG: texts[CONFIG].replace("_CONFIGS", "OTHER"),
        LOADER: re.sub("create_torch_dataset|lerobot_dataset as lerobot_dataset", "other", texts[LOADER]),
        WEIGHTS: texts[WEIGHTS].replace("_merge_params", "other"),
    }
    results = plan_of(broken).results
    assert {r.verdict for r in results} == {"refused"}
    for line in (line for result in results for line in report.by_hand(result)):
        code = line["code"].removesuffix("(...))")
        assert code.replace("(LeRobotDataset", "(lerobot_dataset.LeRobotDataset") in after[line["file"]], line


def test_a_good_plan_has_nothing_to_write_by_hand(texts):
    assert [line for result in plan_of(texts).results for line in report.by_hand(result)] == []


def test_apply_on_a_fork_says_it_in_json_and_writes_nothing(project_011, mirror_010, tmp_path):
    fork = tmp_path / "my fork ö"
    git(None, "init", "--quiet", str(fork))
    git(fork, "fetch", "--quiet", str(mirror_010.repo), mirror_010.commit)
    git(fork, "checkout", "--quiet", "FETCH_HEAD")
    config = (fork / CONFIG).read_text()
    (fork / CONFIG).write_text("from openpi.training.mine import _CONFIGS\n" + config.partition("_CONFIGS = [")[0])
    before = snapshot(fork)
    said = project_011.json("apply", "--upstream", fork, "--out", tmp_path / "out")
    assert said["ok"] is False
    first = said["patches"][0]
    assert first["verdict"] == "refused"
    assert {"file", "where", "code"} == set(first["by_hand"][0])
    assert [p["by_hand"] for p in said["patches"][1:]] == [[], [], []]
    shown = project_011.just("apply", "--upstream", fork, "--out", tmp_path / "out").stdout
    assert "by hand, and then with --skip overlay-configs:" in shown
    assert "*overlay_configs.get_overlay_configs()," in shown
    assert not (tmp_path / "out").exists()
    assert snapshot(fork) == before
    done = project_011.just("apply", "--upstream", fork, "--out", tmp_path / "out", "--skip", "overlay-configs")
    assert done.returncode == 0, done.stderr


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # making one smaller takes minutes, and the names of the mutations say enough
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    chosen=st.lists(st.sampled_from(mutations.MUTATIONS), min_size=1, max_size=6, unique=True), seed=st.integers(0, 99)
)
def test_any_generated_fork_is_right_or_refused_twice_is_once_and_undoing_gives_it_back(texts, chosen, seed):
    mutated = mutations.mutate(texts, tuple(chosen), seed)
    plan = plan_of(mutated.texts)
    found = verdicts(plan)
    reasons = {result.patch.name: result.reason for result in plan.results}
    for name in found:
        if "openpi.training.lerobot_dataset has no" in reasons[name]:
            continue  # the loader takes a class from LeRobot's module that ours does not hand on
        if name in mutated.broken:
            assert found[name] in ("refused", "upstream"), f"{name} on {mutated.names}"
        else:
            assert found[name] == "applied", f"{name} on {mutated.names}: {plan.results}"
    assert_right(mutated.texts, plan)


# Pull requests of upstream whose image decoding is refused: they have taken the call out, or put another in its place.
CLONE = os.environ.get("OPENPI_UPSTREAM")


@pytest.mark.skipif(not CLONE, reason="set OPENPI_UPSTREAM to a clone of OpenPI to try its branches and pull requests")
def test_branches_and_pull_requests_of_upstream_are_right_or_refused_with_a_reason(project_011):
    found = project_011.json("rebase_check", "--upstream", pathlib.Path(CLONE).resolve(), "--latest", "--pulls")
    for head in found["heads"]:
        for patch in head["patches"]:
            assert patch["verdict"] in ("applied", "upstream", "refused")
            assert patch["verdict"] != "refused" or "looked for" in patch["reason"], head["ref"]
