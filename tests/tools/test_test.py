"""`just test`: what it runs for which words, and what its exit code says."""

import subprocess
import sys
import types

import pytest

from tools import test as just_test
from tools import upstream_tests
from tools.refusal import WrongUsage

NOTHING = just_test.NOTHING_RAN


@pytest.fixture
def ran(monkeypatch) -> types.SimpleNamespace:
    """Nothing is run: what would be is noted, and ends with the codes that a test sets."""
    ran = types.SimpleNamespace(lines=[], upstream=[], ruff=0, here=0, on_openpi=0)

    def run(line, **options):
        ran.lines.append([str(word) for word in line[3:]])
        return types.SimpleNamespace(returncode=ran.ruff if "ruff" in line else ran.here)

    def on_openpi(paths, options):
        ran.upstream.append((paths, options))
        return {"tests on OpenPI (0)": ran.on_openpi}

    monkeypatch.setattr(just_test, "subprocess", types.SimpleNamespace(run=run))
    monkeypatch.setattr(upstream_tests, "run_upstream_tests", on_openpi)
    return ran


def test_all_of_it(ran):
    assert just_test.run_tests() == 0
    assert [line[0] for line in ran.lines] == ["ruff", "ruff", "pytest"]
    assert all(line[-1] == "." for line in ran.lines[:2])
    assert ran.upstream == [(upstream_tests.PATHS, ())]
    assert just_test.run_tests(quick=True) == 0
    assert len(ran.upstream) == 1


def test_with_a_path_only_what_it_names_is_read(ran):
    assert just_test.run_tests(["./tests/test_docs.py::test_links_lead_somewhere", "tests/robots/"]) == 0
    assert [line[-2:] for line in ran.lines] == [
        *[["tests/test_docs.py", "tests/robots"]] * 2,
        ["tests/test_docs.py::test_links_lead_somewhere", "tests/robots"],
    ]
    assert not ran.upstream


def test_what_runs_openpi_runs_there(ran):
    assert just_test.run_tests(["./tests/upstream/test_small.py"], only="error") == 0
    assert [line[0] for line in ran.lines] == ["ruff", "ruff"]
    assert ran.upstream == [(("tests/upstream/test_small.py",), ("-k", "error"))]


@pytest.mark.parametrize("path", ["tests/nope", "tests/nope.py::test_it", "/nope"])
def test_a_path_that_is_not_there_is_said_before_anything_runs(ran, path):
    with pytest.raises(WrongUsage) as refusal:
        just_test.run_tests(["tests/robots", path], quick=True)
    assert refusal.value.where == path
    assert refusal.value.found == "no such file"
    assert not ran.lines


def test_a_name_that_no_test_has_is_wrong_usage(ran):
    ran.here = ran.on_openpi = NOTHING
    with pytest.raises(WrongUsage) as refusal:
        just_test.run_tests(only="nosuchtest")
    assert refusal.value.where == "--only nosuchtest"
    assert refusal.value.found == "no test"
    with pytest.raises(WrongUsage) as refusal:
        just_test.run_tests(["tests/robots"], only="nosuchtest")
    assert refusal.value.found == "no test in tests/robots"
    with pytest.raises(WrongUsage) as refusal:
        just_test.run_tests(["docs"])
    assert refusal.value.where == "docs"


def test_a_name_that_only_one_of_the_runs_has_is_enough(ran, capsys):
    ran.here = NOTHING
    assert just_test.run_tests(only="error_is_nothing") == 0
    assert "all green" in capsys.readouterr().err
    ran.on_openpi = 1
    assert just_test.run_tests(only="error_is_nothing") == 1


def test_what_failed_is_named(ran, capsys):
    ran.ruff = ran.here = 1
    assert just_test.run_tests(quick=True) == 1
    assert "failed: ruff check, ruff format, tests" in capsys.readouterr().err


def test_pytest_ends_so_where_it_finds_none(tmp_path):
    (tmp_path / "test_one.py").write_text("def test_one(): pass")
    line = [
        sys.executable,
        "-P",
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-n",
        "1",
        str(tmp_path),
        "-k",
        "nosuchtest",
    ]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == NOTHING, done.stdout
