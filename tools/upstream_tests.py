"""The second run of `just test`: tests/upstream, on real OpenPI trees, in the environment in which they run."""

import dataclasses
import io
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

from tools import inside
from tools.command import ROOT
from tools.command import note
from tools.git import git
from tools.lock import read_lock
from tools.refusal import Refused
from tools.upstream import python_env
from tools.upstream.store import Synced
from tools.upstream.sync import sync

FOLDER = ROOT / "build" / "test-upstream"
# With openpi there, these test the overlay against it instead of against a stand-in.
PATHS = ("tests/upstream", "tests/overlay", "tests/robots")


@dataclasses.dataclass(frozen=True)
class Trees:
    """An upstream tree as it is, and the same with overlay and patches laid over it."""

    name: str
    pristine: pathlib.Path
    patched: pathlib.Path


def run_upstream_tests(paths: tuple[str, ...] = PATHS, pytest_options: tuple[str, ...] = ()) -> dict[str, int]:
    """Runs them on the mirror, and on the locked commit where OPENPI_UPSTREAM names a clone of OpenPI.

    Args:
        paths: Files or folders of PATHS, from the project's root.
        pytest_options: More options for pytest.

    Returns:
        pytest's exit code for each tree, by the name of the run.

    Raises:
        Refused: There is no environment, no upstream, or the patches do not fit it.
    """
    python_env.make()
    codes = {}
    for trees in _trees():
        name = f"tests on OpenPI ({trees.name})"
        note(f"just test: {name}")
        line, env = command(trees, FOLDER / trees.name / "work", [*pytest_options, *paths])
        codes[name] = subprocess.run(line, cwd=ROOT, env=env, check=False).returncode
    return codes


def command(trees: Trees, work: pathlib.Path, arguments: list[str]) -> tuple[list[str], dict[str, str]]:
    """The command that runs the tests on a pair of trees, from the project's root, and its environment.

    Args:
        trees: The pair.
        work: A folder for what the tests make; it is emptied.
        arguments: More options for pytest, and paths.
    """
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    env = inside.environment(trees.patched) | {
        "OPENPI_PRISTINE": str(trees.pristine),
        "OPENPI_PATCHED": str(trees.patched),
        "OPENPI_WORK": str(work),
    }
    # tests/conftest.py is for the other run: it needs libcst, which is not there.
    options = ["-p", "no:cacheprovider", "--confcutdir", "tests/upstream", "--durations", "5"]
    options += ["-n", "2", "--dist", "loadfile"]  # the chain beside all the rest
    return [str(python_env.python_of(python_env.VENV)), "-m", "pytest", *options, *arguments], env


def lay_out_pristine(repo: pathlib.Path, commit: str, folder: pathlib.Path) -> None:
    """Writes the tree of a commit into a folder that is not there yet, whole or not at all."""
    aside = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(git(repo, "archive", "--format=tar", commit))) as archive:
        archive.extractall(aside)
    aside.rename(folder)


def _trees() -> list[Trees]:
    lock = read_lock(ROOT / "upstream.lock")
    version = lock.mirror.version
    found = [_lay_out(version, sync(lock, FOLDER / f"{version}.git", source="sdist"))]
    if clone := os.environ.get("OPENPI_UPSTREAM"):
        url = str(pathlib.Path(clone).expanduser())
        found.append(_lay_out("locked", sync(lock, FOLDER / "locked.git", url=url, source="git")))
    return found


def _lay_out(name: str, synced: Synced) -> Trees:
    """Writes a tree of a store as it is, and builds the patched one beside it."""
    folder = FOLDER / name
    pristine, patched = folder / synced.commit[:12], folder / "patched"
    if not pristine.exists():
        lay_out_pristine(synced.repo, synced.commit, pristine)
    shutil.rmtree(patched, ignore_errors=True)  # the tests' own: nothing in it is anybody's work
    line = [sys.executable, "-P", "-m", "tools.apply", "--upstream", pristine, "--out", patched]
    done = subprocess.run(list(map(str, line)), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Refused(
            f"the patched tree of {synced.id}",
            expected="patches that fit, for the tests to run on",
            found=done.stdout.strip() or "the error above",
            todo="mend the patch, then run just test again",
        )
    return Trees(name, pristine, patched)
