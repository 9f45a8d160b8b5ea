"""The mirror: a source distribution, brought by pip, and checked by hash, without running anything that is in it.

Why pip, and why like this. Only pip knows the user's index, certificates, proxy and folders of wheels, so pip must do
the downloading, and no host is named here. `pip download` of a source distribution insists on running its build
backend to ask for its metadata, which would bring the backend from the index and run it over the archive. With
`--no-build-isolation` pip takes the backend from where it runs, and so it gets ours: a few lines that answer with the
name and version that the lock has. `--require-hashes` makes pip refuse a wrong archive before it unpacks it, and we
check the hash again. Nothing of the archive is run, nothing else is downloaded, and a folder that holds the one
archive (`PIP_FIND_LINKS`) is enough on a machine without any network.
"""

import hashlib
import os
import pathlib
import re
import subprocess
import sys

from tools.lock import Mirror
from tools.refusal import Refused

# Under the name of the backend that the mirror's pyproject.toml asks for: hatchling.build.
_BACKEND = '''"""Answers pip with the metadata that the lock knows, so that no code of the archive runs."""
import pathlib


def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    info = pathlib.Path(metadata_directory, "{stem}.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: {package}\\nVersion: {version}\\n")
    return info.name
'''


class NotFetched(Exception):  # noqa: N818  (an answer: there may be another source)
    """pip could not bring the archive; `str()` is what it said."""


def download(mirror: Mirror, folder: pathlib.Path) -> pathlib.Path:
    """Brings the archive of the mirror and checks its hash.

    Args:
        mirror: Which one.
        folder: An empty folder of ours, to work in.

    Returns:
        The archive, a .tar.gz in that folder.

    Raises:
        NotFetched: No index answered, or none has it.
        Refused: What came is not what the lock names.
    """
    backend = folder / "backend" / "hatchling"
    backend.mkdir(parents=True)
    (backend / "__init__.py").touch()
    stem = f"{re.sub(r'[-_.]+', '_', mirror.package).lower()}-{mirror.version}"
    answers = {"stem": stem, "package": mirror.package, "version": mirror.version}
    (backend / "build.py").write_text(_BACKEND.format(**answers))
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{mirror.package}=={mirror.version} --hash=sha256:{mirror.sha256}\n")
    options = ["--no-deps", "--no-build-isolation", "--require-hashes", "--no-input", "--progress-bar=off"]
    files = ["--no-binary", mirror.package, "--requirement", str(wanted), "--dest", str(folder / "got")]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pip", "download", *options, *files],
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if got := re.search(r"^\s*Got\s+([0-9a-f]{64})\s*$", done.stdout + done.stderr, re.MULTILINE):
        raise _wrong_hash(mirror, got[1])
    if done.returncode != 0:
        errors = [
            line for line in done.stderr.splitlines() if line.startswith(("ERROR:", "OSError", "WARNING: Retrying"))
        ]
        raise NotFetched("\n".join(errors or [done.stderr.strip()[-500:] or f"pip exited with {done.returncode}"]))
    archives = list((folder / "got").iterdir())
    if len(archives) != 1:
        raise NotFetched(f"pip brought {len(archives)} files: {', '.join(sorted(a.name for a in archives))}")
    check_hash(archives[0], mirror)
    return archives[0]


def check_hash(archive: pathlib.Path, mirror: Mirror) -> None:
    """Compares an archive with the lock.

    Raises:
        Refused: Its sha256 is another.
    """
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != mirror.sha256:
        raise _wrong_hash(mirror, found)


def _environment(folder: pathlib.Path) -> dict[str, str]:
    env = dict(os.environ)
    env["PYTHONPATH"] = str(folder / "backend")
    env["TMPDIR"] = str(folder)  # so that a killed pip leaves nothing outside the folder
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    env.setdefault("PIP_RETRIES", "1")  # pip's own five make a machine without a network wait for minutes
    return env


def _wrong_hash(mirror: Mirror, found: str) -> Refused:
    return Refused(
        f"the archive of {mirror.package} {mirror.version}",
        expected=f"sha256 {mirror.sha256}, as upstream.lock has it",
        found=f"sha256 {found}",
        todo="mend mirror.sha256 in upstream.lock; where that is right, your package index serves something else",
    )
