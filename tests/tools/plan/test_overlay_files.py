"""The overlay only ever adds."""

import os

import pytest

from tools.plan.overlay_files import check_only_adds
from tools.plan.overlay_files import read_overlay
from tools.refusal import Refused
from tools.upstream import trees
from tools.upstream.open_tree import open_tree


@pytest.fixture
def upstream(tmp_path):
    for path in ("src/openpi/policies/aloha.py", "src/openpi/README.md"):
        (tmp_path / "up" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "up" / path).write_text("theirs = 1\n")
    return open_tree(tmp_path / "up")


@pytest.fixture
def overlay(tmp_path):
    folder = tmp_path / "overlay"

    def lay(files: dict[str, str]):
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return read_overlay(folder)

    folder.mkdir()
    return lay


def test_files_are_read_with_their_mode_and_litter_is_left(overlay, tmp_path):
    files = {"scripts/run.sh": "#!", "src/openpi/a.py": "x = 1\n"}
    litter = {"src/openpi/__pycache__/a.pyc": "", "src/openpi/a.py~": "", "src/.DS_Store": "", "src/.a.py.swp": ""}
    overlay(files | litter)
    (tmp_path / "overlay/scripts/run.sh").chmod(0o755)
    read = read_overlay(tmp_path / "overlay")
    assert {path: file.mode for path, file in read.items()} == {
        "scripts/run.sh": trees.EXECUTABLE,
        "src/openpi/a.py": trees.PLAIN,
    }


def test_an_executable_bit_is_a_change(overlay, tmp_path):
    before = overlay({"run.sh": "#!"})["run.sh"].digest
    (tmp_path / "overlay/run.sh").chmod(0o755)
    assert read_overlay(tmp_path / "overlay")["run.sh"].digest != before


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("src/openpi/policies/aloha.py", "other content"),
        ("src/openpi/policies", "a folder at that path"),
        ("src/openpi/README.md/more.txt", "a file at src/openpi/README.md"),
        ("src/openpi/policies/Aloha.py", "the same name on a Mac"),
    ],
)
def test_a_path_that_upstream_has_is_refused(overlay, upstream, path, found):
    with pytest.raises(Refused) as refusal:
        check_only_adds(overlay({path: "ours = 1\n"}), upstream)
    assert refusal.value.where == f"overlay/{path}"
    assert found in refusal.value.found


def test_the_same_bytes_in_both_and_new_files_are_fine(overlay, upstream):
    files = {"src/openpi/policies/aloha.py": "theirs = 1\n", "src/openpi/policies/ours.py": ""}
    check_only_adds(overlay(files), upstream)


@pytest.mark.parametrize("text", ["def (:\n", "x = 1\n  y = 2\n", "x = '\0'\n", "return 1\n"])
def test_python_that_does_not_compile_is_refused(overlay, text):
    with pytest.raises(Refused, match=r"broken\.py"):
        overlay({"src/openpi/broken.py": text})


def test_a_link_is_refused(overlay, tmp_path):
    os.symlink("/etc", tmp_path / "overlay" / "etc")
    with pytest.raises(Refused) as refusal:
        overlay({})
    assert refusal.value.found == "a link"


def test_no_overlay_is_refused(tmp_path):
    with pytest.raises(Refused):
        read_overlay(tmp_path / "nothing")
