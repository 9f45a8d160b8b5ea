"""The shape of the repository: who may import whom, and what each kind of file must look like."""

import ast
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest

from tools.command import ROOT
from tools.plan.patch_file import codemod_names
from tools.plan.patches import read_series

TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")
    if name and (ROOT / name).is_file()
]  # fmt: skip

# What each folder may import beyond the standard library.
OPENPI = {
    "openpi",
    "einops",
    "numpy",
    "torch",
    "PIL",
    "jax",
    "flax",
    "lerobot",
    "datasets",
    "tyro",
    "typing_extensions",
}
TOOLS = {
    "tools", "libcst", "numpy", "pyarrow", "PIL", "cv2", "simplejpeg", "av", "tyro", "rich", "jinja2", "matplotlib",
    "huggingface_hub", "httpx2", "markupsafe",  # the last two as huggingface_hub and jinja2 have them in their own API
}  # fmt: skip
ROBOTS = {"robots", "openpi_client", "numpy", "serial", "cv2", "tyro", "rich"}
ALLOWED = {"overlay": OPENPI, "tools": TOOLS, "robots": ROBOTS}

ROBOT_NAMES = sorted(path.parent.name for path in (ROOT / "robots").glob("*/robot.toml"))


def python_files(folder: str) -> list[pathlib.Path]:
    return [path for path in TRACKED if path.suffix == ".py" and path.is_relative_to(ROOT / folder)]


def imports(path: pathlib.Path) -> set[str]:
    """Every module that a file imports, anywhere in it, by its full name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def imported_names(path: pathlib.Path) -> set[str]:
    """Every name that a file imports from a module, as `module.name`."""
    froms = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.ImportFrom)]
    return {f"{node.module}.{alias.name}" for node in froms for alias in node.names}


@pytest.mark.parametrize("folder", ALLOWED)
def test_each_folder_imports_only_what_it_may(folder):
    files = python_files(folder)
    if folder != "robots":
        assert files
    wrong = []
    for path in files:
        for name in imports(path):
            top = name.partition(".")[0]
            fine = top in sys.stdlib_module_names or top in ALLOWED[folder]
            fine = fine or (folder == "robots" and (name == "tools.dataset" or name.startswith("tools.dataset.")))
            if not fine:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


# The folders of tools/ with what each may import beside itself and what is for all: none imports one that builds on it.
FOR_ALL = {"child", "command", "fast_import", "git", "inside", "lock", "one_at_a_time", "refusal"}
STANDS_ON = {
    "upstream": set(),
    "codemods": set(),
    "plan": {"upstream", "codemods"},
    "builds": {"upstream", "plan"},
    "rebase_check": {"upstream", "plan"},
    "bump": {"upstream", "plan", "builds", "rebase_check", "upstream_tests"},
    "new_robot": set(),
    "dataset": set(),
    "demo": {"apply", "builds", "dataset", "upstream"},
    "bench": {"builds", "dataset", "demo", "plan", "upstream"},
}


def test_the_folders_of_tools_stand_on_each_other_in_one_direction():
    assert set(STANDS_ON) == {path.relative_to(ROOT).parts[1] for path in TRACKED if path.match("tools/*/__init__.py")}
    for folder, others in STANDS_ON.items():
        for path in python_files(f"tools/{folder}"):
            used = {name.split(".")[1] for name in imported_names(path) if name.startswith("tools.")}
            assert used <= {folder, *others, *FOR_ALL}, path


def test_nobody_imports_patches_and_tools_do_not_import_robots():
    for path in TRACKED:
        if path.suffix == ".py":
            assert not {name for name in imports(path) if name.partition(".")[0] == "patches"}, path


def test_there_are_the_top_level_names_and_no_others():
    names = {path.relative_to(ROOT).parts[0] for path in TRACKED}
    wanted = {"overlay", "patches", "tools", "robots", "tests", "upstream.lock", "justfile", "README.md"}
    may_be = {"pyproject.toml", "justw", "requirements", "docs", ".github", ".ci", ".gitignore"}
    assert wanted <= names
    assert names <= wanted | may_be


@pytest.mark.parametrize("robot", ROBOT_NAMES)
def test_a_robot_has_its_files(robot):
    for path in (
        f"robots/{robot}/robot.toml",
        f"robots/{robot}/README.md",
        f"overlay/src/openpi/policies/{robot}_policy.py",
        f"overlay/src/openpi/training/overlay_configs/{robot}_config.py",
        f"tests/overlay/test_{robot}_policy.py",
    ):
        assert (ROOT / path).is_file(), path
    policy = ast.parse((ROOT / f"overlay/src/openpi/policies/{robot}_policy.py").read_bytes())
    names = {node.name for node in policy.body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    camel = "".join(word.capitalize() for word in robot.split("_"))
    assert f"make_{robot}_example" in names
    assert {name.lower() for name in (f"{camel}Inputs", f"{camel}Outputs")} <= {name.lower() for name in names}


def test_there_are_the_two_robots_and_no_part_of_a_third():
    assert {"joyarm", "so101"} <= set(ROBOT_NAMES)
    policies = {path.stem.removesuffix("_policy") for path in (ROOT / "overlay/src/openpi/policies").glob("*.py")}
    configs = (ROOT / "overlay/src/openpi/training/overlay_configs").glob("*_config.py")
    assert policies == {path.stem.removesuffix("_config") for path in configs} == set(ROBOT_NAMES)


@pytest.mark.parametrize("patch", [pytest.param(patch, id=patch.name) for patch in read_series()])
def test_a_patch_says_why_and_until_when_and_stays_small(patch):
    assert len(patch.why) > 60
    assert re.fullmatch(r"https://github\.com/Physical-Intelligence/openpi/(issues|pull)/\d+", patch.upstream)
    assert all(edit.file.startswith(("src/", "scripts/", "packages/")) for edit in patch.edits)
    # An import and one line that calls the overlay: whatever needs more belongs into the overlay.
    per_file = [edit.file for edit in patch.edits]
    assert all(per_file.count(file) <= 2 for file in per_file)


@pytest.mark.parametrize("name", codemod_names())
def test_a_codemod_has_its_test_of_the_same_name_and_knows_nothing_of_openpi(name):
    assert (ROOT / f"tests/codemods/test_{name}.py").is_file()
    assert "openpi" not in (ROOT / f"tools/codemods/{name}.py").read_text().lower()


def test_there_is_no_drawer_for_odds_and_ends():
    names = {path.stem for path in TRACKED}
    assert not names & {"utils", "util", "common", "helpers", "misc"}


def test_the_licence_is_said_once_and_the_requirements_name_no_host():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert not (ROOT / "uv.lock").exists()
    for path in (ROOT / "requirements").glob("*.txt"):
        for line in path.read_text().splitlines():
            assert re.fullmatch(r"(#.*)?|[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+( ;.*)?( +#.*)?", line), f"{path.name}: {line}"


def test_the_repository_names_no_package_host_and_no_path_of_a_machine():
    # Put together here, so that this file does not name them either.
    hosts = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "deb" + "ian.org"]
    places = ["/" + "root/", "/" + "home/", "/" + "Users/", "/" + "work/"]
    pattern = re.compile("|".join(map(re.escape, hosts + places)))
    for path in TRACKED:
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            assert not pattern.search(line), f"{path.relative_to(ROOT)}:{number}: {line}"
