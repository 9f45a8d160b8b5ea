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
from tools.git import git
from tools.plan import overlay_files
from tools.plan import patches
from tools.plan import report
from tools.plan.plan import Plan
from tools.rebase_check import trial

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
    """One kind of fork: what it changes, the verdicts that differ from `applied`, and what a refusal says."""

    name: str
    path: str
    pattern: str
    new: str
    verdicts: tuple[tuple[str, str], ...] = ()
    said: str = ""


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
    Fork("lists no config twice", CONFIG, r"^_CONFIGS_DICT = .*", "_CONFIGS_DICT = dict((c.name, c) for c in [*_CONFIGS])"),
    Fork("looks through the list", CONFIG, r"^    if config_name not in", "    for config in _CONFIGS:\n        if config.name == "
         "config_name:\n            return config\n    if config_name not in"),
    Fork("names the class and makes none", LOADER, r"(?=^def create_rlds)", "class Mine(lerobot_dataset.LeRobotDataset):\n"
         "    made: lerobot_dataset.LeRobotDataset\n\n\ndef cameras(x: lerobot_dataset.LeRobotDataset) -> list:\n"
         "    return x.cameras if isinstance(x, (Mine, lerobot_dataset.LeRobotDataset)) else []\n\n\n"),
    Fork("a merge that tells what it does", WEIGHTS, r"^        return (_merge_params\(.*)", r"        merged = \1\n        return merged"),
]  # fmt: skip

# What a fork does itself: left out where it is all of it, and laid over it where it is not.
_IN_REF = r"^(        if k in flat_ref:)$"
_UNFIT = r"\1\n            if v.shape != flat_ref[k].shape:\n                "
_DONE = r"result[k] = flat_ref[k]\n                continue"
_GUIDE = (r"\1\n            ref = flat_ref[k]\n            if hasattr(v, 'shape') and hasattr(ref, 'shape') and v.shape != ref.shape:"
          r"\n                logger.info('Skipping weight %s', k)\n                result[k] = ref\n                continue")  # fmt: skip
_CLEAR = r"^    flat_loaded\.clear\(\)$"
_BOTH = rf"{_IN_REF}((?s:.*?)){_CLEAR}"
_TRANSFORM = "class _ImageDecodingTransform:\n    pass\n\n\n"
_BEHIND = r"^(def create_torch_dataset(?s:.*?)    dataset = lerobot_dataset\.LeRobotDataset\((?s:.*?)\n    \)\n)"
_SET = "dataset.hf_dataset.set_transform(_ImageDecodingTransform(keys))\n"
_SKIPS, _DECODES = (("shape-skip", "upstream"),), (("image-decoding", "upstream"),)

FORKS += [
    Fork("skips shapes itself", WEIGHTS, _IN_REF, _UNFIT + _DONE, _SKIPS),
    Fork("skips shapes as the guide says", WEIGHTS, _IN_REF, _GUIDE, _SKIPS),
    Fork("skips and tells at the end", WEIGHTS, _BOTH, _UNFIT + "skipped.append(k)\n                " + _DONE
         + r"\2    flat_loaded.clear()\n    if skipped:\n        logger.warning('Skipped %s', skipped)", _SKIPS),
    Fork("collects and raises", WEIGHTS, _BOTH, _UNFIT + "bad.append(k)\n                " + _DONE
         + r"\2    flat_loaded.clear()\n    if bad:\n        raise ValueError(bad)"),
    Fork("collects and has it raised", WEIGHTS, _BOTH, _UNFIT + "bad.append(k)\n                " + _DONE + r"\2    flat_loaded.clear()\n    _fail(bad)"),
    Fork("skips and keeps no placeholder", WEIGHTS, _IN_REF, _UNFIT + "continue"),
    Fork("keeps the wrong shape", WEIGHTS, _IN_REF, _UNFIT + r"result[k] = v\n                continue"),
    Fork("keeps it elsewhere", WEIGHTS, _IN_REF, _UNFIT + r"other[k] = flat_ref[k]\n                continue"),
    Fork("skips in another dict", WEIGHTS, _CLEAR, "    flat_loaded.clear()\n    for k, v in lora.items():\n        if v.shape != flat_ref[k].shape:\n"
         "            result[k] = flat_ref[k]\n            continue\n        result[k] = v"),
    Fork("skips what another dict has", WEIGHTS, _IN_REF, r"\1\n            if k in lora and v.shape != flat_ref[k].shape:"
         r"\n                " + _DONE),
    Fork("decodes itself", LOADER, _BEHIND, rf"{_TRANSFORM}\1    {_SET}", _DECODES),
    Fork("decodes in debugging only", LOADER, _BEHIND, rf"{_TRANSFORM}def debug(dataset, keys):\n    {_SET}\n\n\1"),
    Fork("asks whether it decodes", LOADER, _BEHIND, rf"{_TRANSFORM}\1    if isinstance(dataset, _ImageDecodingTransform):\n        pass\n"),
    Fork("decodes in one of two branches", LOADER, _BEHIND, rf"{_TRANSFORM}\1    if keys:\n        {_SET}"),
    Fork("decodes one of two", LOADER, _BEHIND, rf"{_TRANSFORM}\1    {_SET}    if keys:\n        return lerobot_dataset.LeRobotDataset("
         "repo_id, delta_timestamps=None)\n"),
]  # fmt: skip

# Where a patch would find its place, and the program would go another way.
_SKIP_REFUSED, _LIST_REFUSED, _IMAGES_REFUSED = (
    ((name, "refused"),) for name in ("shape-skip", "overlay-configs", "image-decoding")
)
_ALSO_LAYOUT = (*_IMAGES_REFUSED, ("lerobot-layout", "refused"))  # our module hands on no such class
_MERGE = r"^        return _merge_params\("
_LORA = r"^        return _merge_params\((?=.*lora)"
_DICT = r"^_CONFIGS_DICT = .*"
_END = r"\Z"
_HELPER = r"(?=^def create_torch_dataset)"


def _opens(code: str) -> str:
    return f"    if isinstance(repo_id, list):\n        return Concat([{code}])\n    dataset = lerobot_dataset.LeRobotDataset("


FORKS += [
    Fork("another merge", WEIGHTS, _MERGE, "        return _merge_params_v2(", _SKIP_REFUSED,
         "CheckpointWeightLoader.load goes on without a call of _merge_params"),
    Fork("another module's merge", WEIGHTS, _MERGE, "        return _other._merge_params(", _SKIP_REFUSED, "without a call of"),
    Fork("one loader merges itself", WEIGHTS, _LORA, "        return _merge_lora(", _SKIP_REFUSED, "without a call of"),
    Fork("a loader merges itself at times", WEIGHTS, _LORA, "        if self.fast:\n            return _merge_lora(params)\n"
         "        return _merge_params(", _SKIP_REFUSED, "without a call of"),
    Fork("merges and takes another", WEIGHTS, _LORA, "        _merge_params(loaded_params, params, missing_regex='')\n"
         "        return _merge_lora(", _SKIP_REFUSED, "without a call of"),
    Fork("a merge that hands on", WEIGHTS, r"^(?=    flat_ref = )", "    return merge2(loaded_params, params, missing_regex)\n",
         _SKIP_REFUSED, "hands everything on"),
    Fork("a loader without load", WEIGHTS, r"(?<=^class CheckpointWeightLoader)\(WeightLoader\):(?s:.*?)(?=^@)",
         "(WeightLoader):\n    pass\n\n\n", _SKIP_REFUSED, "no CheckpointWeightLoader.load"),
    Fork("a loader put in its place", WEIGHTS, _END, "\nCheckpointWeightLoader = MyLoader\n", _SKIP_REFUSED, "bound 2 times"),
    Fork("a loader's method put in its place", WEIGHTS, _END, "\nCheckpointWeightLoader.load = my_load\n", _SKIP_REFUSED,
         "puts something else in the place of CheckpointWeightLoader.load"),
    Fork("a dataset of its own", LOADER, r"^    dataset = create_torch_dataset\(", "    dataset = create_my_dataset(",
         _IMAGES_REFUSED, "nothing that create_data_loader calls comes to create_torch_dataset"),
    Fork("a loader of its own", LOADER, r"^    return create_torch_data_loader\(", "    return create_my_loader(",
         _IMAGES_REFUSED, "nothing that create_data_loader calls comes to create_torch_dataset"),
    Fork("opened behind a return", LOADER, r"^    dataset_meta = (?=.*LeRobot)", "    return open_mine(repo_id)\n    dataset_meta = ",
         _IMAGES_REFUSED, "is never reached"),
    Fork("another list", CONFIG, _DICT, "_CONFIGS_DICT = {c.name: c for c in OTHERS}", _LIST_REFUSED, "get_config"),
    Fork("all but the last", CONFIG, _DICT, "_CONFIGS_DICT = {c.name: c for c in _CONFIGS[:-1]}", _LIST_REFUSED, "get_config"),
    Fork("filtered", CONFIG, _DICT, "_CONFIGS_DICT = {c.name: c for c in _CONFIGS if c.name.startswith('pi0_')}", _LIST_REFUSED,
         "get_config"),
    Fork("filtered by a function", CONFIG, _DICT, "_CONFIGS_DICT = by_name(_CONFIGS)", _LIST_REFUSED, "get_config"),
    Fork("filtered afterwards", CONFIG, r"(?=^def cli)", "_CONFIGS_DICT = {k: _CONFIGS_DICT[k] for k in KEPT}\n\n\n",
         _LIST_REFUSED, "bound 2 times"),
    Fork("taken out by name", CONFIG, _END, "\n_CONFIGS_DICT.pop('x')\n", _LIST_REFUSED, "may take elements out of _CONFIGS_DICT"),
    Fork("another get_config", CONFIG, _END, "\n\ndef get_config(config_name):\n    return OTHERS[config_name]\n", _LIST_REFUSED,
         "get_config is bound 2 times"),
    Fork("get_config that asks elsewhere", CONFIG, r"^    if config_name not in(?s:.*)", "    return others.get(config_name)\n",
         _LIST_REFUSED, "get_config"),
    Fork("trimmed by a function", CONFIG, _END, "\n\ndef _trim():\n    del _CONFIGS[3:]\n\n\n_trim()\n", _LIST_REFUSED,
         "may take elements out"),
    Fork("trimmed by another name", CONFIG, _END, "\nALL = _CONFIGS\nALL.pop()\n", _LIST_REFUSED, "may take elements out"),
    Fork("opened by a helper", LOADER, _HELPER + r"((?s:.*?))" + _OPEN, "def _open(r):\n    return lerobot_dataset.LeRobotDataset("
         "r)\n\n\n\\1" + _opens("_open(r) for r in repo_id"), _IMAGES_REFUSED, "calls LeRobotDataset"),
    Fork("many by a helper", LOADER, _HELPER, "def _multi(ids):\n    return lerobot_dataset.MultiLeRobotDataset(ids)\n\n\n",
         _ALSO_LAYOUT, "calls MultiLeRobotDataset beside it"),
    Fork("a class of its own beside", LOADER, _OPEN, _opens("MyLeRobotDataset(r) for r in repo_id"), _IMAGES_REFUSED, "MyLeRobotDataset"),
    Fork("a streaming one", LOADER, _OPEN, _opens("lerobot_dataset.StreamingLeRobotDataset(repo_id)"), _ALSO_LAYOUT,
         "calls StreamingLeRobotDataset beside it"),
    Fork("a subclass of it", LOADER, _OPEN, "    class Mine(lerobot_dataset.LeRobotDataset):\n        pass\n\n" + _opens("Mine(repo_id)"),
         _IMAGES_REFUSED, "calls Mine"),
    Fork("by another name", LOADER, _OPEN, _opens("cls(r) for cls, r in [(lerobot_dataset.LeRobotDataset, 1)]"), _IMAGES_REFUSED,
         "hands LeRobotDataset on"),
    Fork("a variable for the class", LOADER, _OPEN, "    cls = lerobot_dataset.LeRobotDataset\n" + _opens("cls(repo_id)"), _IMAGES_REFUSED,
         "hands LeRobotDataset on"),
    Fork("mapped", LOADER, _OPEN, _opens("*map(lerobot_dataset.LeRobotDataset, repo_id)"), _IMAGES_REFUSED, "hands LeRobotDataset on"),
    Fork("a partial", LOADER, _OPEN, _opens("functools.partial(lerobot_dataset.LeRobotDataset, x=1)(repo_id)"), _IMAGES_REFUSED,
         "hands LeRobotDataset on"),
    Fork("by getattr", LOADER, _OPEN, _opens("getattr(lerobot_dataset, 'LeRobotDataset')(repo_id)"), _IMAGES_REFUSED,
         "hands LeRobotDataset on"),
    Fork("imported as", LOADER, r"^import numpy as np$", "import numpy as np\nfrom mine import LeRobotDataset as LRD", _IMAGES_REFUSED,
         "hands LeRobotDataset on"),
    Fork("a second dataset function", LOADER, _HELPER, "def create_val_dataset(data_config):\n    return lerobot_dataset.LeRobotDataset("
         "data_config.val_id, delta_timestamps=None)\n\n\n", _IMAGES_REFUSED, "calls LeRobotDataset"),
]  # fmt: skip


@pytest.mark.parametrize("fork", FORKS, ids=lambda fork: fork.name)
def test_what_forks_do_is_met(fork: Fork, texts: Texts):
    changed, count = re.subn(fork.pattern, fork.new, texts[fork.path], flags=re.MULTILINE)
    assert count >= 1, "the fork changes nothing in this upstream"
    forked = texts | {fork.path: changed}
    plan = plan_of(forked)
    assert verdicts(plan) == {patch.name: "applied" for patch in SERIES} | dict(fork.verdicts)
    refused = [result.reason for result in plan.results if result.verdict == "refused"]
    assert not fork.said or any(fork.said in reason and re.search(r"\.py:\d+  \S", reason) for reason in refused), (
        refused
    )
    if plan.ok:
        assert_right(forked, plan)


def test_an_old_file_beside_a_package_is_refused(texts: Texts):
    """Python takes the package: the list would be patched, and nobody would see it."""
    contents = {path: text.encode() for path, text in texts.items()}
    package = CONFIG.replace(".py", "/__init__.py")
    with_package = trial.Trial(tuple(patch.name for patch in SERIES), contents, (package,))
    plan = trial.plan_of(with_package, OVERLAY, SERIES)
    assert verdicts(plan) == {patch.name: "applied" for patch in SERIES} | {"overlay-configs": "refused"}
    assert package in plan.results[0].reason


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


_FILTERED = "_CONFIGS_DICT = {c.name: c for c in _CONFIGS if c.keep}"


@pytest.mark.parametrize(
    ("path", "pattern", "new", "code", "said"),
    [
        (CONFIG, _DICT, _FILTERED, _FILTERED, "may leave elements of _CONFIGS out of _CONFIGS_DICT, which get_config reads"),
        (CONFIG, _END, "\n_CONFIGS.pop()\n", "_CONFIGS.pop()", "may take elements out of _CONFIGS"),
        (WEIGHTS, r"^(?=    flat_ref = )", "    return merge2(params)\n", "return merge2(params)", "hands everything on to merge2"),
    ],
    ids=["filtered", "taken out", "handed on"],
)  # fmt: skip
def test_a_line_that_is_in_the_way_is_named_by_its_number_in_the_fork(texts: Texts, path, pattern, new, code, said):
    """Though another edit of the patch has moved it by then, and in the advice to write it by hand too."""
    forked = re.sub(pattern, new, texts[path], count=1, flags=re.MULTILINE)
    line = 1 + [text.strip() for text in forked.splitlines()].index(code)
    result = next(r for r in plan_of(texts | {path: forked}).results if r.verdict == "refused")
    assert f"; found that line {line} {said}. Nearest:\n  {path}:{line}  {code}" in result.reason
    assert report.by_hand(result)[-1]["where"].endswith(f" (and mend this, or it does nothing: line {line} {said})")


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
