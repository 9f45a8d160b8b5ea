"""What the documents say is so: commands exist, tables are whole, and the output shown is the output."""

import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

from tools.command import ROOT
from tools.plan import probes
from tools.plan.patch_file import codemod_names

README = (ROOT / "README.md").read_text()
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def recipes() -> dict[str, dict]:
    just = pathlib.Path(sys.executable).with_name("just")
    dump = subprocess.run(
        [just, "--justfile", ROOT / "justfile", "--dump", "--dump-format=json"], capture_output=True, check=True
    )
    return {name: recipe for name, recipe in json.loads(dump.stdout)["recipes"].items() if not recipe["private"]}


def test_every_command_is_in_the_readme_and_every_one_there_exists():
    table = README.partition("## Commands")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `just ([a-z-]+)", table, re.MULTILINE)) == set(recipes())


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_a_document_names_only_commands_that_exist(document):
    names = set(re.findall(r"(?:`|^\$ |^    )(?:\./)?justw? ([a-z-]+)", document.read_text(), re.MULTILINE))
    assert names <= set(recipes())


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("name", sorted(recipes()))
def test_a_recipe_is_one_commented_command_whose_help_has_an_example(name):
    recipe = recipes()[name]
    assert recipe["doc"]
    assert len(recipe["body"]) == 1
    assert {"no-exit-message"} <= set(recipe["attributes"])
    module = re.search(r" -m (tools[\w.]+)", str(recipe["body"]))[1]
    done = subprocess.run([sys.executable, "-P", "-m", module, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"usage: just {name}" in done.stdout
    assert "Example:" in done.stdout
    assert f"just {name}" in done.stdout.partition("Example:")[2]
    # Each line can be pasted: nothing is said beside it, and a long one goes on behind a backslash.
    examples = done.stdout.partition("Example:\n")[2].partition("\n\n")[0].replace("\\\n", "")
    assert examples
    for line in examples.splitlines():
        assert re.fullmatch(r"    just .*", line), line
        assert not re.search(r"\S {2,}[a-z]", line), line


def test_the_patch_guide_lists_every_codemod_and_probe():
    text = (ROOT / "docs/patches.md").read_text()
    assert set(re.findall(r"^\| `([a-z_]+)` \| [a-z]", text, re.MULTILINE)) == {
        *codemod_names(),
        *(re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower() for name in vars(probes) if _is_probe(name)),
    }


def _is_probe(name: str) -> bool:
    return name[0].isupper() and hasattr(getattr(probes, name), "__dataclass_fields__")


def test_the_recorder_in_the_dataset_guide_records(tmp_path):
    text = (ROOT / "docs/datasets.md").read_text()
    script = text.partition("```python\n")[2].partition("```")[0]
    env = os.environ | {"HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=env, check=True, timeout=600)
    line = [
        sys.executable,
        "-P",
        "-m",
        "tools.dataset.check",
        str(tmp_path / "datasets/my_dataset"),
        "--deep",
        "--json",
    ]
    report = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    assert (report["errors"], report["episodes"], report["frames"]) == (0, 1, 60)


def test_the_output_in_the_readme_is_what_apply_prints(tmp_path, any_upstream):
    shown = README.partition("$ ./justw apply\n")[2].partition("$ ./justw test")[0]
    line = [
        sys.executable,
        "-P",
        "-m",
        "tools.apply",
        "--upstream",
        any_upstream.commit,
        "--out",
        str(tmp_path / "out"),
    ]
    code = (
        "import pathlib, runpy, sys; from tools.upstream import store; store.DEFAULT = pathlib.Path(sys.argv.pop(1)); "
        "runpy.run_module('tools.apply', run_name='__main__')"
    )
    line[2:4] = ["-c", code, str(any_upstream.repo)]
    printed = subprocess.run(line, capture_output=True, text=True, check=True).stdout
    if any_upstream.source == "git":  # to the letter, but for what a bump of the lock moves, and the build's place
        assert _plain(printed) == _plain(shown)
    else:  # an older tree: other lines and ids, the same form
        assert [row.split()[:1] for row in printed.splitlines() if "src/" in row or "imports" in row] == [
            row.split()[:1] for row in shown.splitlines() if "src/" in row
        ]


def _plain(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.splitlines() if "not the locked" not in line and "other than" not in line]
    moves = r"\b[0-9a-f]{40}\b|\b\d{4}-\d\d-\d\d\b|(?<=\.py:)[\d,]+"
    return [re.sub(moves, "…", re.sub(r"^build +\S+,", "build", line)) for line in lines if line]
