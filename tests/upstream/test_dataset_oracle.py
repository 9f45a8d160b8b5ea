"""`just check-dataset` held against LeRobot itself, on hundreds of datasets that differ from a valid one by one change.

What LeRobot refuses is an error; what has no error, LeRobot opens and reads in OpenPI's way, every item, and what it read
is right; an error of a dataset that LeRobot reads stands in the table of what is stricter on purpose, with its reason.
What `just repair-dataset` says it can mend has no error afterwards, and reads as the valid dataset does.
"""

import collections
import dataclasses
import functools
import json
import pathlib
import shutil
import subprocess
from typing import Any

import pytest

from tests.upstream.conftest import WORK
from tests.upstream.dataset_mutations import scene
from tests.upstream.dataset_mutations.by_lerobot import write_by_lerobot
from tests.upstream.dataset_mutations.by_the_guide import write_by_the_guide
from tests.upstream.dataset_mutations.every import MUTATIONS
from tests.upstream.dataset_mutations.mutation import Mutation
from tests.upstream.lerobot_oracle import Answer
from tests.upstream.lerobot_oracle import ask
from tools.command import ROOT

HOME = WORK / "datasets"
BASES = {
    "guide": write_by_the_guide,
    "lerobot": write_by_lerobot,
    "videos": functools.partial(write_by_lerobot, videos=True),
    "writer": lambda folder: _ask_tools("write", str(folder)),
}
# What a check says where it broke, and not the dataset.
FAULT = "a fault of the check"
each_mutation = pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)


@dataclasses.dataclass(frozen=True)
class Checked:
    """What the check said of all datasets of this run: `reports` by repo id, and its table `stricter`."""

    reports: dict[str, dict[str, Any]]
    stricter: dict[str, str]

    def errors(self, repo_id: str) -> list[dict[str, Any]]:
        """The findings that are errors; a refusal to look at the folder at all is one."""
        return [one for one in self.findings(repo_id) if one["severity"] == "error"]

    def is_repairable(self, repo_id: str) -> bool:
        """There is something to repair, an error or a warning, and each error is said to be repairable.

        What only a repair with --deep mends is not asked here.
        """
        found = [one for one in self.findings(repo_id) if one["repairable"] and one["severity"] != "note"]
        return any("--deep" not in one["hint"] for one in found) and all(
            one["repairable"] for one in self.errors(repo_id)
        )

    def findings(self, repo_id: str) -> list[dict[str, Any]]:
        """All findings, faults of the check itself included."""
        report = self.reports[repo_id]
        if "refused" in report:
            refusal = {"expected": report["refused"]["expected"], "found": report["refused"]["found"], "hint": ""}
            return [refusal | {"check": "(refused)", "severity": "error", "where": {}, "repairable": False}]
        return report["findings"]


@pytest.fixture(scope="module")
def bases() -> dict[str, Answer]:
    """The valid datasets on disk; returns what LeRobot read of each."""
    for name, write in BASES.items():
        shutil.rmtree(HOME / "bases" / name, ignore_errors=True)
        write(HOME / "bases" / name)
    return {name: ask(f"bases/{name}") for name in BASES}


@pytest.fixture(scope="module")
def made(request, bases) -> dict[str, pathlib.Path]:
    """All bases, and the mutations of which a test is to run, on disk; by repo id."""
    wanted = {item.callspec.params["mutation"] for item in request.session.items if _is_of_a_mutation(item)}
    mutated = {_repo_id(mutation): _made(mutation) for mutation in MUTATIONS if mutation in wanted}
    return {f"bases/{name}": HOME / "bases" / name for name in bases} | mutated


@pytest.fixture(scope="module")
def checked(made) -> Checked:
    """What the check says of them, in one go."""
    answer = _ask_tools("check", [str(folder) for folder in made.values()])
    return Checked({repo_id: answer["reports"][str(folder)] for repo_id, folder in made.items()}, answer["stricter"])


@pytest.fixture(scope="module")
def repaired(checked) -> Checked:
    """All that is said to be repairable, each repaired into a folder beside it and checked again, in one go."""
    if not (ROOT / "tools/dataset/repair.py").exists():
        pytest.skip("there is no repair yet")
    wanted = [repo_id for repo_id in checked.reports if checked.is_repairable(repo_id)]
    answers = _ask_tools("repair", {str(HOME / repo_id): str(HOME / _mended(repo_id)) for repo_id in wanted})
    assert [f"{folder}: {why}" for folder, why in answers.items() if why is not None] == []
    answer = _ask_tools("check", [str(HOME / _mended(repo_id)) for repo_id in wanted])
    return Checked({repo_id: answer["reports"][str(HOME / _mended(repo_id))] for repo_id in wanted}, {})


@functools.cache
def lerobot_on(repo_id: str) -> Answer:
    """What LeRobot does with a dataset; asked once."""
    return ask(repo_id)


def test_names_are_unique():
    names = collections.Counter(one.name for one in MUTATIONS)
    assert [name for name, times in names.items() if times > 1] == []
    assert len(names) >= 150


@pytest.mark.parametrize("base", BASES)
def test_a_valid_dataset_is_read_and_has_no_error(base, bases, checked):
    assert bases[base].fine, bases[base].refusal
    assert _shown(checked.errors(f"bases/{base}")) == ""


def test_what_is_written_by_hand_by_lerobot_and_by_us_is_read_alike(bases):
    assert bases["guide"].items == 14
    lossy = set(scene.CAMERAS)
    for base in ("lerobot", "writer", "videos"):
        assert bases[base].differs_from(bases["guide"]) <= lossy, base


@each_mutation
def test_lerobot_does_what_the_mutation_says(mutation, bases, made):
    answer = lerobot_on(_repo_id(mutation))
    if mutation.effect == "refused":
        assert not answer.fine, "LeRobot reads it"
        return
    assert answer.fine, answer.refusal
    if mutation.alters != {"?"}:
        assert answer.differs_from(bases[mutation.base]) == mutation.alters


@each_mutation
def test_the_check_agrees(mutation, checked):
    repo_id = _repo_id(mutation)
    errors, answer = checked.errors(repo_id), lerobot_on(repo_id)
    assert [one for one in checked.findings(repo_id) if one["hint"].startswith(FAULT)] == []
    if mutation.effect == "refused":
        assert errors, f"the check has no error, and LeRobot refuses: {answer.refusal}"
        return
    if mutation.effect == "silent":
        assert errors, f"the check has no error, and LeRobot reads wrong data: {sorted(mutation.alters)}"
    if mutation.effect == "harmless":
        assert not errors, f"the check has errors of what does no harm:\n{_shown(errors)}"
    if mutation.effect == "told":
        new = _places(checked.findings(repo_id)) - _places(checked.findings(f"bases/{mutation.base}"))
        assert new, "the check says nothing of it"
    unlisted = [one for one in errors if one["check"] not in checked.stricter]
    assert not unlisted, f"errors of what LeRobot reads, and not stricter on purpose:\n{_shown(unlisted)}"


@each_mutation
def test_what_is_repairable_is_repaired(mutation, bases, checked, repaired):
    repo_id = _repo_id(mutation)
    if not checked.is_repairable(repo_id):
        pytest.skip("not repairable, or nothing to repair")
    assert _shown(repaired.errors(repo_id)) == ""
    assert [one for one in repaired.findings(repo_id) if one["severity"] != "note" and one["repairable"]] == []
    answer, right = lerobot_on(_mended(repo_id)), bases[mutation.base]
    assert answer.fine, answer.refusal
    if mutation.as_if is not None:
        shutil.copytree(HOME / "bases" / mutation.base, HOME / f"{repo_id}_right")
        mutation.as_if(HOME / f"{repo_id}_right")
        right = lerobot_on(f"{repo_id}_right")
    if mutation.mended == {"?"}:
        assert set(answer.episodes) <= set(right.episodes)
    else:
        # Where LeRobot read it before, what the mutation has altered may be altered still, and nothing else.
        unmended = mutation.mended | (set() if checked.errors(repo_id) else mutation.alters - {"?"})
        assert mutation.mended <= answer.differs_from(right) <= unmended


def test_what_is_stricter_on_purpose_has_a_reason_and_is_met(checked, request):
    met = set()
    for mutation in MUTATIONS:
        if _repo_id(mutation) in checked.reports and mutation.effect != "refused":
            met |= {one["check"] for one in checked.errors(_repo_id(mutation))}
    assert [name for name, reason in checked.stricter.items() if len(reason) < 20] == []
    if len(checked.reports) < len(MUTATIONS):
        pytest.skip("some mutations were not asked for: whether each entry is met cannot be told")
    assert sorted(set(checked.stricter) - met) == []


def _places(findings: list[dict[str, Any]]) -> set[tuple]:
    """What is said where, without the numbers in the words."""
    return {(one["check"], *one["where"].values()) for one in findings}


def _shown(findings: list[dict[str, Any]]) -> str:
    lines = (
        f"{one['severity']} {one['check']} {[v for v in one['where'].values() if v is not None]}: "
        f"expected {one['expected']}, found {one['found']}{' (repairable)' if one['repairable'] else ''}"
        for one in findings
    )
    return "\n".join(lines)


def _is_of_a_mutation(item: pytest.Item) -> bool:
    return "mutation" in getattr(getattr(item, "callspec", None), "params", {})


def _repo_id(mutation: Mutation) -> str:
    return f"{mutation.name}/{mutation.folder or 'dataset'}"


def _mended(repo_id: str) -> str:
    return f"{repo_id}_mended"


def _made(mutation: Mutation) -> pathlib.Path:
    """The mutated dataset's folder."""
    folder = HOME / _repo_id(mutation)
    shutil.rmtree(folder.parent, ignore_errors=True)
    shutil.copytree(HOME / "bases" / mutation.base, folder)
    mutation.change(folder)
    return folder


def _ask_tools(verb: str, question: Any) -> Any:
    """Asks tests/upstream/ask_tools.py, in the environment of the tools."""
    script = pathlib.Path(__file__).with_name("ask_tools.py")
    line = [str(ROOT / ".venv/bin/python"), "-I", str(script), verb]
    done = subprocess.run(line, input=json.dumps(question), capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
