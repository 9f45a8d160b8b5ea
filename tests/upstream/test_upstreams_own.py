"""Upstream's own tests come out the same on the patched tree as on the pristine one."""

import pathlib
import re

import pytest

from tests.upstream.conftest import PATCHED
from tests.upstream.conftest import PRISTINE
from tests.upstream.snippets import OLD_PLACE
from tests.upstream.snippets import run_python

# Left out by name, each with the reason; everything else of src/ runs.
LEFT_OUT = {
    "src/openpi/shared/download_test.py": "downloads from a bucket, and takes the tokenizer from all tests that come after",
    "src/openpi/policies/policy_test.py": "downloads a checkpoint",
    "src/openpi/models/model_test.py": "builds full-size models: 15 GB each",
    "src/openpi/models/tokenizer_test.py::test_fast_tokenizer": "downloads the FAST tokenizer",
    "src/openpi/training/data_loader_test.py::test_with_real_dataset": "downloads a dataset",
    "scripts/train_test.py": "builds the whole image encoder, minutes a step; test_chain.py trains the same way, small",
}

_OUTCOME = re.compile(r"^(PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) (?:\[\d+\] )?(\S+)", re.MULTILINE)


def outcomes(tree: pathlib.Path, folder: str, paths: list[str]) -> dict[str, str]:
    """Runs upstream's tests in a process of their own and returns the outcome of each by its name."""
    left_out = [option for name in LEFT_OUT for option in ("--deselect" if "::" in name else "--ignore", name)]
    options = ["-q", "-rA", "-p", "no:cacheprovider", "--rootdir", str(tree / folder), "-c", "/dev/null"]
    arguments = ["-m", "pytest", *options, *left_out, *paths]
    done = run_python(tree, *arguments, cwd=tree / folder, more_path=OLD_PLACE)
    found = {name: outcome for outcome, name in _OUTCOME.findall(done.stdout)}
    assert found, done.stdout + done.stderr
    return found


@pytest.mark.parametrize(
    ("folder", "paths", "at_least"),
    [(".", ["src"], 25), ("packages/openpi-client", ["src"], 5)],
    ids=["openpi", "openpi-client"],
)
def test_the_same_tests_pass(folder, paths, at_least):
    patched, pristine = outcomes(PATCHED, folder, paths), outcomes(PRISTINE, folder, paths)
    assert patched == pristine
    assert list(patched.values()).count("PASSED") >= at_least
    assert set(patched.values()) <= {"PASSED", "SKIPPED"}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_is_there(name):
    file, _, test = name.partition("::")
    assert (PRISTINE / file).is_file()
    assert f"def {test}(" in (PRISTINE / file).read_text() if test else True
