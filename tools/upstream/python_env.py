"""The Python environment in which upstream runs on a CPU: made once by pip, and kept while it is in order."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys

from tools import one_at_a_time
from tools.command import ROOT
from tools.command import note
from tools.refusal import Refused

VENV = ROOT / "build" / "upstream-venv"
_REQUIREMENTS = ROOT / "requirements"
_LISTS = ("upstream-cpu.txt", "upstream-cpu-nodeps.txt")
# The only one for which all of the pinned packages have wheels, and the one that upstream names.
_PYTHON = (3, 11)


def python_of(venv: pathlib.Path) -> pathlib.Path:
    """The interpreter of an environment."""
    return venv / "bin" / "python"


def in_order(venv: pathlib.Path, requirements: pathlib.Path = _REQUIREMENTS) -> bool:
    """Whether the environment is whole, its interpreter is there, and it was made from the lists as they are now."""
    try:
        made_of = (venv / "made-of").read_text()
    except OSError:
        return False
    return made_of == _wanted(requirements) and os.access(python_of(venv), os.X_OK)


def make(venv: pathlib.Path = VENV, requirements: pathlib.Path = _REQUIREMENTS) -> pathlib.Path:
    """Makes the environment unless it is in order, and returns its interpreter.

    Another that is there is kept aside until the new one is whole, and put back if that fails.

    Args:
        venv: Its folder; it cannot be moved later.
        requirements: The folder that holds the two lists of packages.

    Raises:
        Refused: There is no Python 3.11, or pip could not install the packages.
    """
    old = venv.with_name(f"{venv.name}.old")
    if in_order(venv, requirements) and not old.exists():
        return python_of(venv)
    venv.parent.mkdir(parents=True, exist_ok=True)
    waiting = f"another process makes {venv}: waiting for it"
    with one_at_a_time.held(venv.with_name(f"{venv.name}.lock"), waiting=waiting) as held:
        if old.exists() and (venv / "made-of").exists():  # killed while it removed the old one: the new one was whole
            shutil.rmtree(old)
        elif old.exists():  # killed before that: what it had begun is worth nothing
            shutil.rmtree(venv, ignore_errors=True)
            os.rename(old, venv)
        if in_order(venv, requirements):  # another process made it while this one waited
            return python_of(venv)
        python = _find_python()
        note(f"making {venv} (once; it takes minutes, gigabytes of disk and the package index)")
        if venv.exists():
            os.rename(venv, old)
        try:
            _fill(venv, python, requirements, held)
        except BaseException:
            shutil.rmtree(venv, ignore_errors=True)
            if old.exists():
                os.rename(old, venv)
            raise
        shutil.rmtree(old, ignore_errors=True)
    return python_of(venv)


def _fill(venv: pathlib.Path, python: str, requirements: pathlib.Path, held: int) -> None:
    """Makes the environment; `held` is the lock, which a pip that outlives this process holds on to."""
    install = [python_of(venv), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    if not sys.stderr.isatty():  # a person sees what pip fetches; a log need not hold it
        install.append("--quiet")
    with_deps, without_deps = (requirements / name for name in _LISTS)
    for line in (
        [python, "-m", "venv", venv],
        [*install, "--requirement", with_deps],
        [*install, "--no-deps", "--requirement", without_deps],
    ):
        done = subprocess.run(list(map(str, line)), stdout=sys.stderr, pass_fds=[held], check=False)
        if done.returncode != 0:
            raise Refused(
                str(venv),
                expected="the packages of " + " and ".join(f"requirements/{name}" for name in _LISTS),
                found="the error above",
                todo="check the network, the disk and pip's configuration, then run the command again",
            )
    aside = venv / "made-of.new"
    aside.write_text(_wanted(requirements))
    aside.rename(venv / "made-of")  # written last: an environment without it was interrupted


def _wanted(requirements: pathlib.Path) -> str:
    return f"{_PYTHON}\n" + "".join((requirements / name).read_text() for name in _LISTS)


def _find_python() -> str:
    """An interpreter of the one version that has wheels of everything."""
    if sys.version_info[:2] == _PYTHON:
        return sys.executable
    version = ".".join(map(str, _PYTHON))
    for name in filter(None, (os.environ.get("PYTHON"), f"python{version}")):
        with contextlib.suppress(OSError):
            asked = [name, "-c", "import sys; print(*sys.version_info[:2], sep='.')"]
            if subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip() == version:
                return name
    raise Refused(
        "the environment of upstream",
        expected=f"Python {version}: other versions lack some of the pinned packages",
        found=f"Python {sys.version.split()[0]}, and no python{version} on PATH",
        todo=f"install Python {version}, or name one: PYTHON=/path/to/python{version} just upstream-env",
    )
